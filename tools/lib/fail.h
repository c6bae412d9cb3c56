/* SPDX-License-Identifier: GPL-2.0 */
/* Why something could not be done, for main() to print: library code prints nothing itself. */
#ifndef PINSCOPE_FAIL_H
#define PINSCOPE_FAIL_H

#include <stdarg.h>
#include <stdio.h>

struct fail {
	int code;	/* the tool's exit code, see cli.h */
	char msg[512];	/* one line: what failed, why, what to do next */
};

/* Fills @f; returns -1, so that callers can return it on. */
static inline int __attribute__((format(printf, 3, 4)))
fail_set(struct fail *f, int code, const char *fmt, ...)
{
	va_list ap;

	f->code = code;
	va_start(ap, fmt);
	vsnprintf(f->msg, sizeof(f->msg), fmt, ap);
	va_end(ap);
	return -1;
}

#endif
