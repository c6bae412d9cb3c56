/* SPDX-License-Identifier: GPL-2.0 */
/* ledger_drop(): finds whose pins were released. */
#ifndef PINSCOPE_DROP_BPF_H
#define PINSCOPE_DROP_BPF_H

#include "claim.bpf.h"
#include "releaser.bpf.h"

/*
 * How well a claim goes with a release. First what is evidence: that the same
 * driver took the pins that now releases them, or may have, where one of the two
 * is not known; that they are the releasing process's. Then what is likely:
 * short-term pins come back soon, in interrupts nearly always. If that is wrong,
 * the short-term pin's own release sets it right by taking the other one.
 */
enum claim_rank {
	RANK_SHORT = 1,
	RANK_OWN = 2,
	RANK_ANY_DRIVER = 4,
	RANK_SAME_DRIVER = 8,
};

struct dropping {
	__u64 amount;		/* what is still to be found: pages (PLACE_BITS), or a number */
	__u64 best_score;	/* of the claim to take it from; 0: none was found */
	__u64 rivals;		/* what of it others have that it could as well be */
	struct releaser by;	/* its tgid NOBODY instead of 0 ... */
	__u32 driver;		/* ... and its driver, 0 when that is not known */
	__u32 block, place;
	__u32 at;
	__u32 best_entry;
	__u32 best_claim;
	__u32 best_owner;
	__u32 best_driver;
	__u32 several;		/* owners that it could be taken from */
	__u32 drivers;		/* of several drivers */
	__u32 vain;		/* rounds that found nothing */
};

#define NOBODY 0xffffffffU

/*
 * Pins can move past who looks for them: another CPU takes the one that this
 * one is about to come to, and leaves its own where this one has been.
 */
#define VAIN_ROUNDS 4

/* What of @c could be meant: pages of the block (PLACE_BITS), or a number. */
static __always_inline __u64 claim_match(struct ledger_claim *c, struct dropping *d)
{
	__u64 pins = claim_pins(c);

	if (!pins)
		return 0;
	if (c->place == d->place)
		return d->place == PLACE_BITS ? pins & d->amount : pins;
	/* A small page that is pinned very often: its number stands by itself. */
	if (d->place == PLACE_BITS && c->place < LEDGER_BLOCK_PAGES)
		return d->amount & 1ULL << (c->place & 63);
	return 0;
}

/* 1 or 0, without a branch: of each one the verifier follows both ways, for each claim. */
static __always_inline __u64 is_zero(__u64 x)
{
	__u64 minus = -x;

	barrier_var(minus);
	return ((x | minus) >> 63) ^ 1;
}

static __always_inline __u64 claim_rank(const struct owner_rec *rec, const struct dropping *d)
{
	__u64 any = is_zero(d->driver) | is_zero(rec->driver);
	__u64 same = is_zero(d->driver ^ rec->driver) & (any ^ 1);
	__u64 own = is_zero((rec->key.tgid ^ d->by.tgid) | (rec->key.start_ns ^ d->by.start_ns));
	__u32 longer = rec->key.flags & (OWNER_LONGTERM | OWNER_BEFORE | OWNER_REPAIRED);

	return same * RANK_SAME_DRIVER | any * RANK_ANY_DRIVER | own * RANK_OWN |
	       is_zero(longer) * RANK_SHORT;
}

/* By rank, and among those of one rank the older the higher. */
#define SCORE_RANK_SHIFT 60
#define SCORE_AGE ((1ULL << SCORE_RANK_SHIFT) - 1)

static __always_inline void claim_find(struct ledger_claim *c, __u32 i, struct dropping *d)
{
	struct owner_rec *rec;
	__u64 score, another;
	__u32 owner;

	if (!claim_match(c, d))
		return;
	owner = claim_owner(claim_word(c));
	rec = owner_rec(owner);
	if (!rec)
		return;
	another = is_zero(d->best_entry) ^ 1;
	d->several |= another & (is_zero(owner ^ d->best_owner) ^ 1);
	d->drivers |= another & (is_zero(rec->driver ^ d->best_driver) ^ 1);
	score = claim_rank(rec, d) << SCORE_RANK_SHIFT | (~c->since & SCORE_AGE);
	if (score <= d->best_score)
		return;
	d->best_score = score;
	d->best_entry = d->at;
	d->best_owner = owner;
	d->best_driver = rec->driver;
	d->best_claim = i;
}

/* Claim by claim: see CHAIN_STEPS. */
static long chain_find(__u32 i, struct dropping **of)
{
	struct dropping *d = *of;
	struct ledger_entry *e = entry_of(d->at);

	if (!e)
		return 1;
	i &= LEDGER_CLAIMS - 1;
	claim_find(&e->claims[i], i, d);
	return i == LEDGER_CLAIMS - 1 && !chain_next(e, &d->at);
}

/* Once it is known whom it is taken from: who else could it have been? */
static long chain_rivals(__u32 i, struct dropping **of)
{
	struct dropping *d = *of;
	struct ledger_entry *e = entry_of(d->at);
	struct ledger_claim *c;
	struct owner_rec *rec;
	__u64 as_good;
	__u32 owner;

	if (!e)
		return 1;
	i &= LEDGER_CLAIMS - 1;
	c = &e->claims[i];
	owner = claim_owner(claim_word(c));
	rec = owner_rec(owner);
	if (rec && owner != d->best_owner) {
		/* What is only less likely could be meant as well. */
		as_good = is_zero((claim_rank(rec, d) ^ d->best_score >> SCORE_RANK_SHIFT) &
				  ~RANK_SHORT);
		d->rivals |= claim_match(c, d) & -as_good;
	}
	return i == LEDGER_CLAIMS - 1 && !chain_next(e, &d->at);
}

/* Takes up to @want from a number; 0 as well when another was faster. */
static __always_inline __u64 take_number(struct ledger_claim *c, __u64 want)
{
	__u64 had = claim_pins(c), got = had < want ? had : want;

	return __sync_val_compare_and_swap(&c->pins, had, had - got) == had ? got : 0;
}

/*
 * Takes from the claim that was found to be the best, or from whatever it has
 * become meanwhile, if that is meant as well.
 */
__noinline int claim_drop(struct ledger_claim *c, struct dropping *d)
{
	__u64 got = 0, old, guessed = 0;
	__u32 owner = 0, place;
	struct owner_rec *rec;

	if (!c || !d || !claim_get_pins(c))
		return 0;
	if (claim_match(c, d)) {
		owner = claim_owner(claim_word(c));
		place = c->place;
		if (place == PLACE_BITS) {
			old = __sync_fetch_and_and(&c->pins, ~d->amount) & d->amount;
			d->amount &= ~old;
			got = bits_of(old);
			guessed = bits_of(old & d->rivals);
		} else if (d->place == PLACE_BITS) {
			got = take_number(c, 1);
			old = got << (place & 63);
			d->amount &= ~old;
			guessed = !!(old & d->rivals);
		} else {
			got = take_number(c, d->amount);
			d->amount -= got;
			guessed = d->rivals ? got : 0;
		}
	}
	claim_put(c);
	rec = owner_rec(owner);
	if (!rec || !got)
		return 0;
	__sync_fetch_and_add(&rec->released, got);
	if (guessed)
		__sync_fetch_and_add(&rec->guessed, guessed);
	return 0;
}

__noinline int find_best(struct dropping *d, __u32 first)
{
	if (!d)
		return 0;
	d->best_score = unknown_zero();
	d->best_entry = d->several = d->drivers = unknown_zero();
	d->best_owner = d->best_driver = unknown_zero();
	d->at = first;
	bpf_loop(CHAIN_STEPS, chain_find, &d, 0);
	return 0;
}

__noinline int find_rivals(struct dropping *d, __u32 first)
{
	if (!d)
		return 0;
	d->at = first;
	bpf_loop(CHAIN_STEPS, chain_rivals, &d, 0);
	return 0;
}

static __always_inline __u32 known_driver(__u32 driver)
{
	return driver < DRIVER_FIRST ? 0 : driver;
}

static long drop_round(__u32 i, struct dropping *d)
{
	__u32 *first = first_of(d->block);
	struct ledger_entry *e;

	if (!first)
		return 1;
	d->rivals = unknown_zero();
	find_best(d, *(volatile __u32 *)first);
	if (d->drivers && d->by.driver == DRIVER_NOT_ASKED) {
		/* It costs a look at the stack, for this once. */
		d->by.driver = release_driver();
		d->driver = known_driver(d->by.driver);
		if (d->driver)
			return 0;
	}
	if (d->several)
		find_rivals(d, *(volatile __u32 *)first);
	e = entry_of(d->best_entry);
	if (!e)
		return ++d->vain >= VAIN_ROUNDS;
	claim_drop(&e->claims[d->best_claim & (LEDGER_CLAIMS - 1)], d);
	return !d->amount;
}

/*
 * Takes @amount away from whoever holds it at @place of @block: by rank, and
 * then the one that has held it longest. Returns how many pins were not found.
 * What is found out about the releaser stays in @by.
 */
__noinline __u64 ledger_drop(__u32 block, __u32 place, __u64 amount, struct releaser *by)
{
	struct dropping d = { .amount = amount, .block = block, .place = place };

	if (!by)
		return 0;
	d.by = *by;
	d.driver = known_driver(by->driver);
	if (!by->tgid)
		d.by.tgid = NOBODY;
	d.vain = unknown_zero();
	bpf_loop(4 * LEDGER_BLOCK_PAGES, drop_round, &d, 0);
	by->driver = d.by.driver;
	return place == PLACE_BITS ? bits_of(d.amount) : d.amount;
}

#endif
