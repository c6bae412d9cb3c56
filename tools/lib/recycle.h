/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bounded memory: when entries, owner records or room for stacks of the ledger
 * get short, gives those out again that hold nothing.
 */
#ifndef PINSCOPE_RECYCLE_H
#define PINSCOPE_RECYCLE_H

#include <stdbool.h>
#include <stdint.h>

#include "grace.h"
#include "ledger_view.h"

struct recycler {
	/* To be set by the one who has the maps, and to be zero otherwise. */
	struct ledger_view view;
	struct ledger_totals *totals;
	struct ledger_entry *pool;
	struct owner_rec *owners;
	struct ledger_closed *closed;
	uint64_t *recycled, *recycled_owners;
	int close_prog, owner_index;	/* file descriptors */
	int sites;			/* the same; of use if ... */
	uint32_t sites_size;		/* ... there is room for some */
	/* Does this process still run? NULL: ask /proc. */
	bool (*alive)(uint32_t tgid, uint64_t start_ns);

	/* What the records that were given out again had counted; of use are "acquired" and "extra". */
	struct owner_rec gone;
	uint64_t entries_back, owners_back, sites_back;
	/* The stacks that were removed last: a call may have come from there just then. */
	struct removed_site {
		uint64_t id;
		struct pin_site stack;
	} *removed;
	size_t nr_removed, cap_removed;

	struct grace grace;
	uint32_t *numbers;
	size_t nr_numbers, cap_numbers;
	struct pause {
		uint32_t left, next;
	} entries_pause, owners_pause, sites_pause;
};

/* 0, or -errno: the kernel does not let it wait for programs. */
int recycler__open(struct recycler *r);
void recycler__close(struct recycler *r);

/*
 * To be called about once a second, by the thread that runs the ledger's other
 * programs. Does nothing as long as a quarter of each is unused; takes turns
 * ever more seldom when it finds nothing. 0 or -errno.
 */
int recycler__run(struct recycler *r);

/* The same, however much is unused. */
int recycler__run_now(struct recycler *r);

/* The stack of a site that has been removed from the map lately: 0, or -1. */
int recycler__removed_site(const struct recycler *r, uint64_t site, struct pin_site *stack);

/* In use, of view.nr_entries resp. view.nr_owners. */
uint32_t recycler__entries(const struct recycler *r);
uint32_t recycler__owners(const struct recycler *r);

#endif
