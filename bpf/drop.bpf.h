/* SPDX-License-Identifier: GPL-2.0 */
/* ledger_drop(): finds whose pins were released. */
#ifndef PINSCOPE_DROP_BPF_H
#define PINSCOPE_DROP_BPF_H

#include "claim.bpf.h"

struct dropping {
	__u64 amount;		/* what is still to be found: pages (PLACE_BITS), or a number */
	__u64 start_ns;		/* the process in whose context it is released; tgid 0: none */
	__u32 tgid;
	__u32 block, place;
	__u32 at;
	__u64 best_since;	/* the claim to take it from, and how it compares */
	__u32 best_entry;
	__u8 best_claim;
	__u8 best_own;		/* is the releasing process's */
	__u8 owners;		/* claims that it could be taken from, 2 for any more */
};

/* What of @c could be meant. */
static __always_inline __u64 claim_match(struct ledger_claim *c, struct dropping *d)
{
	__u64 pins = *(volatile __u64 *)&c->pins;

	if (!pins || ((__s64)pins < 0 && c->place != PLACE_BITS))
		return 0;
	if (c->place == d->place)
		return d->place == PLACE_BITS ? pins & d->amount : pins;
	/* A small page that is pinned very often: its number stands by itself. */
	if (d->place == PLACE_BITS && c->place < LEDGER_BLOCK_PAGES)
		return d->amount >> (c->place & 63) & 1;
	return 0;
}

static __always_inline void entry_find(struct ledger_entry *e, struct dropping *d)
{
	struct owner_rec *rec;
	__u32 i, word;
	bool own;

	for (i = 0; i < LEDGER_CLAIMS; i++) {
		struct ledger_claim *c = &e->claims[i];

		word = *(volatile __u32 *)&c->word;
		if (word & CLAIM_MOVING || !claim_match(c, d))
			continue;
		rec = owner_rec(claim_owner(word));
		own = rec && d->tgid && rec->key.tgid == d->tgid &&
		      rec->key.start_ns == d->start_ns;
		if (d->owners < 2)
			d->owners++;
		if (d->best_entry &&
		    (d->best_own > own || (d->best_own == own && d->best_since <= c->since)))
			continue;
		d->best_entry = d->at;
		d->best_claim = i;
		d->best_own = own;
		d->best_since = c->since;
	}
}

static long chain_find(__u32 i, struct dropping *d)
{
	struct ledger_entry *e = entry_of(d->at);
	__u32 next;

	if (!e)
		return 1;
	entry_find(e, d);
	next = *(volatile __u32 *)&e->next;
	if (!next || next == LEDGER_CLOSED)
		return 1;
	d->at = next;
	return 0;
}

/* Takes up to @want from a number; never more than it has. */
static __always_inline __u64 take_number(__u64 *pins, __u64 want)
{
	__s64 old = __sync_fetch_and_add(pins, -want);
	__u64 had = old > 0 ? old : 0;

	if (had >= want)
		return want;
	__sync_fetch_and_add(pins, want - had);
	return had;
}

/* Takes from the claim that was found to be the best. Returns the pins it gave. */
static __always_inline __u64 claim_drop(struct ledger_claim *c, struct dropping *d)
{
	__u32 word = *(volatile __u32 *)&c->word, owner = claim_owner(word), place = c->place;
	struct owner_rec *rec;
	__u64 got = 0, old;

	if (!claim_get(c, owner, place))
		return 0;
	if (place == PLACE_BITS) {
		old = __sync_fetch_and_and(&c->pins, ~d->amount) & d->amount;
		d->amount &= ~old;
		got = bits_of(old);
	} else if (d->place == PLACE_BITS) {
		got = take_number(&c->pins, 1);
		if (got)
			d->amount &= ~(1ULL << (place & 63));
	} else {
		got = take_number(&c->pins, d->amount);
		d->amount -= got;
	}
	claim_put(c);
	rec = owner_rec(owner);
	if (rec) {
		__sync_fetch_and_add(&rec->released, got);
		if (d->owners > 1 && !d->best_own)
			__sync_fetch_and_add(&rec->guessed, got);
	}
	return got;
}

static long drop_round(__u32 i, struct dropping *d)
{
	__u32 *first = first_of(d->block);
	struct ledger_entry *e;

	if (!first)
		return 1;
	d->best_entry = d->owners = unknown_zero();
	d->at = *(volatile __u32 *)first;
	if (d->at)
		bpf_loop(LEDGER_MAX_CHAIN, chain_find, d, 0);
	e = entry_of(d->best_entry);
	if (!e)
		return 1;
	claim_drop(&e->claims[d->best_claim & (LEDGER_CLAIMS - 1)], d);
	return !d->amount;
}

/*
 * Takes @amount away from whoever holds it at @place of @block: the process
 * (@tgid, @start_ns) first, then the one that has held it longest. Returns how
 * many pins were not found.
 */
__noinline __u64 ledger_drop(__u32 block, __u32 place, __u64 amount, __u32 tgid, __u64 start_ns)
{
	struct dropping d = {
		.amount = amount, .block = block, .place = place, .tgid = tgid,
		.start_ns = start_ns,
	};

	bpf_loop(4 * LEDGER_BLOCK_PAGES, drop_round, &d, 0);
	return place == PLACE_BITS ? bits_of(d.amount) : d.amount;
}

#endif
