/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Holds the ledger against the kernel's own counters. Both move all the time,
 * and the kernel is ahead while a call is under way: it counts each pin, the
 * ledger the call's when it ends, and a release before it happens. So they are
 * read while no pin call is under way and none comes, and a difference is
 * believed when it has been there several times: the least of them.
 */
#ifndef PINSCOPE_COMPARE_H
#define PINSCOPE_COMPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger.h"
#include "vmstat.h"

/* To be zero at first. */
struct comparer {
	bool has_base;		/* what the kernel's count was ahead when both were known to be right */
	int64_t base_ahead;
	uint64_t base_added;
	bool counts_added;	/* this kernel counts folio_add_pin(), as others do not */

	/* Calls that never end: those of which the end was missed. */
	uint64_t stuck, least;
	uint64_t window_ns;	/* when the least began to be looked for */
};

struct compared {
	bool known;
	int64_t difference;	/* the kernel's count less the ledger's, what is explained taken off */
	int64_t drift;		/* the part of that which was there when both were last known */
	uint64_t extra;		/* pins by folio_add_pin() that the kernel leaves out */
};

/*
 * The ledger has been brought in line with memory: what the next comparison
 * finds is the kernel's error, by pins that were counted wrongly or given up
 * without being released.
 */
void comparer__in_line(struct comparer *c);

/*
 * Compares, for some milliseconds at most. Without @in_line nothing new may be
 * taken for the kernel's error: something may have been missed since. @missed:
 * has a program run been missed, ever? @kernel is filled in any case that it
 * can be.
 */
struct compared comparer__run(struct comparer *c, const struct ledger *l, bool in_line, bool missed,
			      struct vmstat_pins *kernel);

#endif
