/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What only a source with live events knows, as part of a snapshot: who took
 * the pins, from where, how fast they come and go, how long they are held.
 */
#ifndef PINSCOPE_LIVE_H
#define PINSCOPE_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/ledger.h"
#include "attach.h"
#include "ustack_name.h"

/* Pins of one owner, site or driver. Rates are those between the last two polls. */
struct pin_flow {
	uint64_t acquired, released;	/* since the source was opened; before it held ones included */
	uint64_t longterm, shortterm;	/* held now: taken with FOLL_LONGTERM, or without; not
					 * those of which no call was seen */
	uint64_t peak_pins;		/* most held at the end of a pin call, summed over sites */
	uint64_t calls, failed, partial;	/* pin calls; those that gave nothing, or less than asked */
	double pin_rate, unpin_rate;	/* pins per second */
	uint64_t oldest_ns;		/* CLOCK_MONOTONIC, no pin held is older; 0: none is held */
	uint64_t guessed;		/* releases that could have been another owner's as well */
};

struct pin_sum;

/* A kernel stack that pins were taken from. */
struct live_site {
	uint64_t id;
	char *driver;		/* "io_uring"; "(before start)", "(repaired)" without a stack */
	char *detail;		/* more of it: "ext4", "mlx5_ib"; "" for none */
	char *function;		/* the caller of the pin function, or of what stands between */
	char *summary;		/* "io_pin_pages < io_sqe_buffer_register < ..." */
	char **frames;		/* innermost first, see sitename.h */
	size_t nr_frames;
	bool truncated;		/* the stack was deeper */
	/* Where user stacks are asked for, one place in the program; NULL: it is not known. */
	const struct named_ustack *ustack;
	struct pin_flow flow;
	struct pin_sum *sum;	/* what it holds; distinct folios */
	char *owners;		/* "qemu[812] 4.0G, +2 more", largest first */
};

struct live_driver {
	char *name;
	size_t sites;		/* that it pins from */
	struct pin_flow flow;
	struct pin_sum *sum;
	char *owners;
};

/*
 * What one process holds from one site, taken long-term or not: an owner
 * record of the ledger that has pins.
 */
struct live_hold {
	size_t proc, site;		/* index into the snapshot's procs[], into sites[] */
	uint32_t flags;			/* enum owner_flags */
	bool followed;			/* by source__follow() */
	bool in_cgroup;			/* taken from that which was asked for, or one below it */
	struct pin_sum *sum;
	uint64_t acquired, released;	/* since the source was opened */
	/*
	 * CLOCK_MONOTONIC: no pin is older than the first, and since the second the
	 * youngest block or folio has had pins (see docs/exactness.md on age).
	 * Those that were found in memory are older than that: OWNER_BEFORE, OWNER_REPAIRED.
	 */
	uint64_t oldest_ns, youngest_ns;
	/* Part of sum->bytes that no process mapped at details_ns, by pins that were there then. */
	uint64_t unmapped_bytes;
};

struct snap_live {
	struct live_site *sites;
	size_t nr_sites;
	struct live_driver *drivers;
	size_t nr_drivers;
	struct live_hold *holds;	/* only where they are asked for; in no order */
	size_t nr_holds;

	const struct attach_state *probes;	/* how each function's calls are seen */
	size_t nr_probes;
	struct attach_summary attached;
	bool sees_contexts;	/* interrupts are told from the tasks that they hit */

	int64_t in_flight;	/* pins by the ledger */
	uint64_t extra;		/* by folio_add_pin(), which the kernel's counters leave out */
	int64_t kernel_drift;	/* the kernel's count less the ledger's when that was last in line with
				 * memory: what the kernel has counted wrongly until then */
	int64_t difference;	/* the kernel's count less the ledger's, drift and extra taken off: 0 */
	bool difference_known;

	uint64_t lost[LOST_CAUSES];	/* since the ledger was last brought in line with memory */
	uint64_t lost_ever;		/* pins and calls, in all */
	uint64_t missed_runs;		/* of programs, by recursion, that could have mattered; in all */
	bool suspect;			/* something may be missing that a look at memory gives back */
	uint64_t follow_lost;		/* processes that should be followed and are not */
	uint64_t repairs;		/* times that the ledger was brought in line ... */
	uint64_t repaired_pins;		/* ... and pins that this changed */
	uint64_t events;		/* calls seen */
	uint64_t nested;		/* releases inside pin calls, which are none */

	uint32_t entries, entries_size;	/* of the ledger, in use and at most */
	uint32_t owners, owners_size;
	uint64_t details_ns;		/* CLOCK_MONOTONIC of what comes from a scan: zones, files, VMAs */
	char *why_scan;			/* NULL; of the source "scan": why there are no live events */
};

#endif
