// SPDX-License-Identifier: GPL-2.0
/* Results, in the guest's dialect of TAP: without numbers, run.sh gives them. */
#include <stdarg.h>

#include "exact.h"

static int failures;

static bool result(bool pass, const char *fmt, va_list ap)
{
	printf("%sok - ", pass ? "" : "not ");
	vprintf(fmt, ap);
	putchar('\n');
	failures += !pass;
	return pass;
}

bool ok(bool pass, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	result(pass, fmt, ap);
	va_end(ap);
	return pass;
}

bool is(long long got, long long wanted, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	result(got == wanted, fmt, ap);
	va_end(ap);
	if (got != wanted)
		printf("# got: %lld, wanted: %lld\n", got, wanted);
	return got == wanted;
}

void say(const char *fmt, ...)
{
	va_list ap;

	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

int tap_failures(void)
{
	return failures;
}
