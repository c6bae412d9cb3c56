/* SPDX-License-Identifier: GPL-2.0 */
/* ledger_add(): writes down who pinned. */
#ifndef PINSCOPE_ADD_BPF_H
#define PINSCOPE_ADD_BPF_H

#include "claim.bpf.h"

struct placing {
	__u64 amount;		/* pages of the block (PLACE_BITS), or a number */
	__u64 now;
	__u32 block, place, owner;
	__u32 at;		/* number of the entry that is looked at; the last one at the end */
	__u32 head;		/* number of the chain's first entry */
	__u32 free_entry;	/* where an empty claim was seen */
	__u32 free_claim;
	__u32 layers;		/* claims on small pages that this owner has there */
	__u32 spare;		/* a new entry that could not be appended yet */
	__u32 lost;		/* why there was no room (enum ledger_loss), plus 1 */
};

/* So often may an owner pin a small page before it gets a number: see ledger_add(). */
#define MAX_LAYERS 8

/* What the claim has no room for stays in @p. Returns what it had before. */
static __always_inline __u64 claim_fill(struct ledger_claim *c, struct placing *p)
{
	__u64 old;

	if (p->place == PLACE_BITS) {
		old = __sync_fetch_and_or(&c->pins, p->amount);
		p->amount &= old;
	} else {
		old = __sync_fetch_and_add(&c->pins, p->amount);
		p->amount = 0;
	}
	return old;
}

/* Adds to a claim that is this owner's already. */
static __always_inline void claim_add(struct ledger_claim *c, struct placing *p)
{
	if (!claim_get(c, p->owner, p->place))
		return;
	if (!claim_fill(c, p))
		c->since = p->now;
	claim_put(c);
}

/* Gives an empty claim to this owner. Global, as others are, for the verifier to come by once. */
__noinline int claim_take(struct ledger_claim *c, struct placing *p)
{
	__u32 word;

	if (!c || !p || !claim_freeze(c, &word))
		return false;
	c->place = p->place;
	c->since = p->now;
	/* By addition: others may have counted themselves in, and will out. So is this one. */
	__sync_fetch_and_add(&c->word, ((p->owner - claim_owner(word)) << CLAIM_OWNER_SHIFT) -
					       CLAIM_MOVING + 1);
	claim_fill(c, p);
	claim_put(c);
	return true;
}

static __always_inline void claim_try(struct ledger_claim *c, __u32 i, struct placing *p)
{
	__u32 word = claim_word(c);

	if (claim_owner(word) == p->owner && c->place == p->place) {
		claim_add(c, p);
		p->layers += p->place == PLACE_BITS;
	} else if (!p->free_entry && !(word & (CLAIM_USERS | CLAIM_MOVING)) && !claim_pins(c)) {
		p->free_entry = p->at;
		p->free_claim = i;
	}
}

/* Claim by claim: see CHAIN_STEPS. */
static long chain_add(__u32 i, struct placing **of)
{
	struct placing *p = *of;
	struct ledger_entry *e = entry_of(p->at);

	if (!e)
		return 1;
	i &= LEDGER_CLAIMS - 1;
	if (p->amount)
		claim_try(&e->claims[i], i, p);
	/* With a new entry in hand on to the end in any case. */
	if (!p->amount && !p->spare)
		return 1;
	return i == LEDGER_CLAIMS - 1 && !chain_next(e, &p->at);
}

/* Hangs the spare entry, with what is left as its one claim, to the end of a chain. */
__noinline int entry_append(struct placing *p, __u32 *link)
{
	struct ledger_entry *e;

	if (!p || !link)
		return false;
	e = entry_of(p->spare);
	if (!e)
		return false;
	e->block = p->block;
	e->claims[0].pins = p->amount;
	e->claims[0].since = p->now;
	e->claims[0].place = p->place;
	e->claims[0].word = p->owner << CLAIM_OWNER_SHIFT;
	return !__sync_val_compare_and_swap(link, 0, p->spare);
}

/* Once more each time that another CPU was faster; p->lost says what came of it. */
__noinline int place_once(struct placing *p)
{
	__u32 *first, *link, end, new;
	struct ledger_entry *e;
	long length;

	if (!p)
		return 1;
	first = first_of(p->block);
	p->lost = LOST_BEYOND + 1;
	if (!first)
		return 1;
	p->lost = 0;
	p->free_entry = p->layers = unknown_zero();
	p->at = p->head = *(volatile __u32 *)first;
	length = bpf_loop(CHAIN_STEPS, chain_add, &p, 0);
	if (!p->spare) {
		if (!p->amount || p->layers > MAX_LAYERS)
			return 1;
		e = entry_of(p->free_entry);
		if (e)
			return claim_take(&e->claims[p->free_claim & (LEDGER_CLAIMS - 1)], p) &&
			       !p->amount;
	}
	e = entry_of(p->at);
	link = e ? &e->next : first;
	end = *(volatile __u32 *)link;
	if (end == LEDGER_CLOSED) {
		__sync_val_compare_and_swap(first, p->head, 0);
		return 0;
	}
	if (length >= CHAIN_STEPS) {
		p->lost = LOST_TOO_MANY + 1;
		return 1;
	}
	if (end)
		return 0;
	p->lost = LOST_NO_ENTRY + 1;
	if (!p->spare) {
		new = take_new(0);
		if (new == TAKE_AGAIN)
			return 0;
		p->spare = new;
	}
	if (!p->spare)
		return 1;
	p->lost = 0;
	if (!entry_append(p, link))
		return 0;
	p->amount = 0;
	return 1;
}

/* Each try that fails is one in which another CPU got on: that often it does not happen. */
#define PLACE_TRIES 64

/*
 * Adds @amount to what @owner holds at @place of @block. Returns those small
 * pages (PLACE_BITS) that it has so often that they want a number each; with
 * OWNER_UNCOUNTED, all that was not added.
 */
__noinline __u64 ledger_add(__u32 block, __u32 place, __u32 owner, __u64 amount, __u64 now)
{
	struct placing p = {
		.amount = amount, .now = now, .block = block, .place = place,
		.owner = owner & ~OWNER_UNCOUNTED,
	};
	struct owner_rec *rec = owner_rec(p.owner);
	__u64 left;
	__u32 i;

	for (i = 0; i < PLACE_TRIES; i++)
		if (place_once(&p))
			break;
	left = place == PLACE_BITS ? bits_of(p.amount) : p.amount;
	if (rec)
		__sync_fetch_and_add(&rec->acquired,
				     (place == PLACE_BITS ? bits_of(amount) : amount) - left);
	if (owner & OWNER_UNCOUNTED || (!p.lost && place == PLACE_BITS))
		return p.amount;
	lose(p.lost ? p.lost - 1 : LOST_TOO_MANY, left);
	return 0;
}

#endif
