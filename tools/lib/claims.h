/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page frames and the pin calls that have pins on them, see pairs.c: a claim
 * says which pins one call has in one place. A place is a block of 64 small
 * pages with a bit for each that is pinned once; or it is one folio (or one
 * small page, when one call pins it more often) with a number of pins. So a
 * long buffer costs little, and each folio of a call is in one claim only.
 *
 * Claims are numbered, 0 is none. A pointer to one is valid until the next
 * claims_add().
 */
#ifndef PINSCOPE_CLAIMS_H
#define PINSCOPE_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/ledger.h"
#include "../../bpf/trace.h"

struct paired_call;

struct claim {
	uint64_t pfn : RUN_PFN_BITS;	/* the first of the block or folio */
	uint64_t order : 6;		/* the folio's */
	uint64_t is_bits : 1;		/* a block */
	uint64_t pins;			/* bits, or how many; never 0 */
	struct paired_call *call;
	uint32_t older, newer;		/* in the same chain */
	uint32_t before, after;		/* of the same call */
};

struct claim_list {
	uint32_t first, last;
};

struct claims {
	struct claim *pool;
	uint32_t nr, cap;
	uint32_t spare;			/* list of those given back, by ->newer */
	uint32_t used;
	unsigned int bits;		/* 1 << bits chains */
	struct claim_list *chains;	/* by place, the oldest first */
};

void claims_init(struct claims *cs);
void claims_free(struct claims *cs);
/* In bytes. */
size_t claims_memory(const struct claims *cs);

/*
 * A new claim with the place, pins and call of @like, the newest of its chain
 * and the last in @of_call.
 */
void claims_add(struct claims *cs, struct claim_list *of_call, const struct claim *like);
/* Gives a claim back. */
void claims_drop(struct claims *cs, struct claim_list *of_call, uint32_t nr);

static inline struct claim *claim_at(const struct claims *cs, uint32_t nr)
{
	return &cs->pool[nr];
}

/* The chain in which all claims of a folio or, for order 0, of a block are, among others. */
static inline struct claim_list *claims_chain(const struct claims *cs, uint64_t pfn,
					      unsigned int order)
{
	uint64_t key = order ? pfn : pfn >> LEDGER_BLOCK_SHIFT;

	return &cs->chains[key * 0x9e3779b97f4a7c15ULL >> (64 - cs->bits)];
}

/* Is the claim about this folio, or this small page alone? */
static inline bool claim_is_of(const struct claim *c, uint64_t pfn, unsigned int order)
{
	return c->pfn == pfn && c->order == order && !c->is_bits;
}

/* The small pages of the block at @base on which the claim has pins, as bits. */
static inline uint64_t claim_covers(const struct claim *c, uint64_t base)
{
	if ((c->pfn ^ base) >> LEDGER_BLOCK_SHIFT || c->order)
		return 0;
	return c->is_bits ? c->pins : 1ULL << (c->pfn - base);
}

#endif
