/* SPDX-License-Identifier: GPL-2.0 */
/* What the driver of the model test (model.bpf.c) and its user side say to each other. */
#ifndef PINSCOPE_TESTS_MODEL_H
#define PINSCOPE_TESTS_MODEL_H

#include "../../bpf/ledger.h"

#define MODEL_THREADS 4
#define MODEL_PAGES 1024	/* pointers in one call */
#define MODEL_CPUS 64
#define MODEL_PAIRS 1024

/* Where things lie in this kernel, for made-up struct pages. */
struct model_layout {
	__u64 memory;		/* address of the made-up array of struct pages */
	__u64 steps;		/* address of the first struct model_step */
	__u64 page_sizeof;
	__u64 head_flag;	/* in the page's first word */
	__u64 info_offset;	/* compound_head */
	__u64 order_offset;	/* of the order, from the folio's begin */
};

/* One call of a kernel function, as the programs on it would see it. */
struct model_step {
	struct owner_key key;
	__u64 frame;
	__u64 from;		/* address of the array, or of the page */
	__u64 nr;
	__s64 got;
	__u32 form;
	__u32 in_task;
	__u32 driver;		/* which releases; DRIVER_NOT_ASKED: by the driver's own stack */
	__u32 owner;		/* model_pairs: whose they are, and how often */
	__u32 pairs;		/* MODEL_PAIRS at most */
	__u64 pages[MODEL_PAGES];
};

/* Many random steps in the kernel, by one thread or one CPU's interrupts. */
#define STORM_BLOCKS 2		/* with small pages, from block 0 on */
#define STORM_SMALL (STORM_BLOCKS * LEDGER_BLOCK_PAGES)
#define STORM_FOLIOS 4		/* of order 4, in the block after those */
#define STORM_PLACES (STORM_SMALL + STORM_FOLIOS)
#define STORM_KEYS 64

struct storm {
	__u64 seed;
	__u64 steps;
	__u64 missing;		/* releases of pins that this thread had */
	__u32 rounds;		/* steps in one run */
	__u32 owners, first_owner;
	__u32 drain;		/* percent of the steps that release */
	__u32 keys;		/* not 0: owners are looked up, by that many keys */
	__u32 pad;
	__s32 held[STORM_PLACES];
};

#endif
