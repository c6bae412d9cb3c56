/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A made-up memory, and a ledger of its pins: the programs of model.bpf.c,
 * loaded, with what they share with user space.
 */
#ifndef PINSCOPE_TESTS_WORLD_H
#define PINSCOPE_TESTS_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger_view.h"
#include "model.h"
#include "recycle.h"

#define WORLD_ZERO_PFN 9	/* a small page that is never pinned */

struct model_bpf;

struct world_size {
	uint32_t pages;		/* of memory */
	uint32_t blocks;	/* of the directory; 0: as many as the memory has */
	uint32_t entries, owners;
};

struct world {
	struct model_bpf *skel;
	struct ledger_view view;
	struct ledger_totals *totals;
	struct owner_rec *owners;
	struct ledger_entry *pool;
	struct ledger_dir *directory;
	struct ledger_work *work;
	struct model_step *steps;
	struct storm *storms;
	struct recycler recycler;
	struct model_layout layout;
	uint8_t *memory;
	uint8_t *order;		/* of the folio that each page belongs to */
	uint32_t pages, blocks;
	void *maps[12];
	size_t map_bytes[12];
	size_t nr_maps;
};

/* Fails the test when the kernel refuses something. */
void world_open(struct world *w, const struct world_size *size);
void world_close(struct world *w);

/* Makes the pages from @pfn on one folio. @pfn must be aligned to its size. */
void world_folio(struct world *w, uint32_t pfn, uint32_t order);

static inline uint32_t world_head(const struct world *w, uint32_t pfn)
{
	return pfn & ~0U << w->order[pfn];
}

/* Address of a struct page, and of a thread's array of such. */
uint64_t world_page(const struct world *w, uint32_t pfn);
uint64_t world_array(const struct world *w, uint32_t thread);

/* Calls by @thread, which must be the one that calls this: arguments are in w->steps[thread]. */
void world_begin(struct world *w, uint32_t thread);
void world_end(struct world *w, uint32_t thread);
void world_release(struct world *w, uint32_t thread);
void world_pairs(struct world *w, uint32_t thread);
/* folio_add_pin() of a folio. */
void world_add(struct world *w, uint32_t thread);
void world_storm(struct world *w, uint32_t thread);

/* As the comparison with memory does: adds @pins to the small page @pfn. How many were added. */
int64_t world_repair(struct world *w, uint32_t pfn, uint32_t owner, uint32_t pins);

/* Number of an owner record that is made here. */
uint32_t world_owner(struct world *w, const struct owner_key *key);

#endif
