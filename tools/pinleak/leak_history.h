/* SPDX-License-Identifier: GPL-2.0 */
/* How many bytes each site held at each look. */
#ifndef PINSCOPE_LEAK_HISTORY_H
#define PINSCOPE_LEAK_HISTORY_H

#include "snapshot.h"

/* When there are so many looks, every second one is forgotten, and of later ones as many. */
#define HISTORY_LOOKS 1024

struct leak_series {
	uint64_t site;		/* id */
	char *name;		/* "io_uring: io_pin_pages < ..." */
	uint64_t *bytes;	/* by look */
};

struct leak_history {
	double seconds[HISTORY_LOOKS];	/* of each look, since the beginning */
	size_t nr;
	uint64_t every, since;		/* one of so many looks is kept; looks since the last */
	bool passing;			/* the newest, which is always there, will not be kept */
	struct leak_series *series;
	size_t nr_series, cap_series;
};

/* A look at @seconds; what follows is of this one. */
void leak_history_look(struct leak_history *h, double seconds);
void leak_history_add(struct leak_history *h, const struct live_site *site, uint64_t bytes);
void leak_history_free(struct leak_history *h);

#endif
