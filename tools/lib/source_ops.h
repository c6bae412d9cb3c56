/* SPDX-License-Identifier: GPL-2.0 */
/* What a source consists of, for those that are one. */
#ifndef PINSCOPE_SOURCE_OPS_H
#define PINSCOPE_SOURCE_OPS_H

#include "source.h"

struct source_ops {
	const char *name;
	const struct snapshot *(*poll)(struct source *src, bool force, struct fail *fail);
	int (*follow)(struct source *src, pid_t pid, struct fail *fail);	/* NULL: cannot */
	int (*fd)(const struct source *src);	/* NULL: there is nothing to be looked at in time */
	void (*look)(struct source *src);
	void (*free)(struct source *src);
};

/* The first member of each one's own struct. */
struct source {
	const struct source_ops *ops;
	struct source_cost cost;
};

#endif
