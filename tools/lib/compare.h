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

/* To be zero at first: the kernel's count and the ledger's are expected to be the same. */
struct comparer {
	bool has_base;		/* they were, but for what memory has shown to be the kernel's error: */
	int64_t base_ahead;	/* what the kernel's count is ahead when both are right */
	uint64_t base_added;
	bool counts_added;	/* this kernel counts folio_add_pin(), as others do not */

	bool has_taken;
	int64_t base_taken;	/* pins that the kernel had counted as taken more than the ledger */
	uint64_t retried;	/* and that it has counted since then, when that was last known */

	/* What memory has shown since the last comparison: see comparer__in_line() */
	bool in_line, agreed;
	bool has_last;
	int64_t last;		/* difference that was believed last */

	/* Calls that never end: those of which the end was missed. */
	uint64_t stuck, least;
	uint64_t window_ns;	/* when the least began to be looked for */
	uint64_t exits;		/* calls that were found not to be going on any more, so far */
	struct {
		uint64_t begun, events, under_way, acquired, released;
		uint64_t since_ns;
	} still;		/* what has not changed since then */
};

struct compared {
	bool known;
	bool differs;		/* there is a difference, be it the kernel's error or the ledger's */
	int64_t difference;	/* the kernel's count less the ledger's, what is explained taken off */
	int64_t drift;		/* the part of that which was there when both were last known */
	/*
	 * Pins that the kernel has counted as taken and as given back, and the ledger as neither:
	 * inside calls, or in calls that were missed. As far as is known.
	 */
	uint64_t retried;
	uint64_t extra;		/* pins by folio_add_pin() that the kernel leaves out */
};

/*
 * The ledger has been brought in line with memory. @agreed: they were the same
 * already. A difference that is the same before and after that is the kernel's
 * error, by pins that were counted wrongly or given up without being released:
 * from then on it is taken off.
 */
void comparer__in_line(struct comparer *c, bool agreed);

/*
 * Compares, for some milliseconds at most. Without @sound nothing may be taken
 * for the kernel's error: something may have been missed since memory was
 * looked at. @missed: may an end of a call have been missed, ever? @kernel is
 * filled in any case that it can be.
 */
struct compared comparer__run(struct comparer *c, const struct ledger *l, bool sound, bool missed,
			      struct vmstat_pins *kernel);

#endif
