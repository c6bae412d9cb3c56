/* SPDX-License-Identifier: GPL-2.0 */
/* Suppression files, pinleak.supp(5): what is expected to be held. */
#ifndef PINSCOPE_LEAK_SUPPRESS_H
#define PINSCOPE_LEAK_SUPPRESS_H

#include <stdbool.h>
#include <stdio.h>

#include "fail.h"
#include "snapshot.h"

struct suppression {
	char *name;
	char *file;
	unsigned int line;	/* where it begins */
	char *driver, *comm;	/* patterns as the shell's; NULL: any */
	char **frames;		/* the same of functions, innermost first; NULL: "..." */
	size_t nr_frames, cap_frames;
	uint64_t used;		/* rows that it has fitted */
};

struct suppressions {
	struct suppression *list;
	size_t nr, cap;
};

/* Adds those of @file. 0, or -1 with @fail filled: "FILE:LINE: ...". */
int suppressions_read(struct suppressions *s, const char *file, struct fail *fail);
void suppressions_free(struct suppressions *s);

/* The first that fits, whose use is counted; NULL: none. */
const struct suppression *suppressions_match(struct suppressions *s, const char *comm,
					     const struct live_site *site);

/* A block that fits @site of @comm and nothing else, but for other kernels' offsets. */
void suppression_write(FILE *out, const char *comm, const struct live_site *site);

#endif
