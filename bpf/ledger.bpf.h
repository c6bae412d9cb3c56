/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ledger's maps, and its two operations: ledger_add() and ledger_drop().
 * Both run in any context, an interrupt in the middle of the other included,
 * so nothing here waits for anything: see the comment on a claim's word.
 */
#ifndef PINSCOPE_LEDGER_BPF_H
#define PINSCOPE_LEDGER_BPF_H

#include "kernel_types.h"
#include "ledger.h"

/* All sizes are user space's to set before loading. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ledger_entry);
} pool SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ledger_dir);
} directory SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct owner_rec);
} owners SEC(".maps");

/* Entries that were emptied and may be used again, in the order they came. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} recycled SEC(".maps");

const volatile __u32 pool_size = 1;	/* as the maps': entry 0 and owner 0 are not used */
const volatile __u32 owners_size = 1;

struct ledger_totals totals;

/*
 * 0, but the verifier does not know: counting up from a 0 that it knows, it
 * would follow each step of a loop by itself.
 */
static __always_inline __u64 unknown_zero(void)
{
	return *(volatile __u64 *)&totals.zero;
}

static __always_inline void lose(__u32 cause, __u64 pins)
{
	if (cause < LOST_CAUSES)
		__sync_fetch_and_add(&totals.lost[cause], pins);
}

static __always_inline struct ledger_entry *entry_of(__u32 nr)
{
	return nr ? bpf_map_lookup_elem(&pool, &nr) : NULL;
}

/* Where the number of the block's first entry stands. */
static __always_inline __u32 *first_of(__u32 block)
{
	__u32 at = block / LEDGER_DIR_SLOTS;
	struct ledger_dir *dir = bpf_map_lookup_elem(&directory, &at);

	return dir ? &dir->first[block & (LEDGER_DIR_SLOTS - 1)] : NULL;
}

static __always_inline struct owner_rec *owner_rec(__u32 owner)
{
	return bpf_map_lookup_elem(&owners, &owner);
}

static __always_inline __u32 bits_of(__u64 x)
{
	x -= x >> 1 & 0x5555555555555555ULL;
	x = (x & 0x3333333333333333ULL) + (x >> 2 & 0x3333333333333333ULL);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return x * 0x0101010101010101ULL >> 56;
}

static __always_inline __u32 claim_owner(__u32 word)
{
	return word >> CLAIM_OWNER_SHIFT;
}

/* Keeps the claim's owner what it is until claim_put(). False: it is changing hands. */
static __always_inline bool claim_get(struct ledger_claim *c, __u32 owner, __u32 place)
{
	__u32 word = __sync_fetch_and_add(&c->word, 1);

	if (claim_owner(word) == owner && !(word & CLAIM_MOVING) && c->place == place)
		return true;
	__sync_fetch_and_add(&c->word, -1);
	return false;
}

static __always_inline void claim_put(struct ledger_claim *c)
{
	__sync_fetch_and_add(&c->word, -1);
}

/* --- adding ------------------------------------------------------------------------------- */

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

/* Adds to a claim that is this owner's already. What it has no room for stays in @p. */
static __always_inline void claim_add(struct ledger_claim *c, struct placing *p)
{
	__u64 old;

	if (!claim_get(c, p->owner, p->place))
		return;
	if (p->place == PLACE_BITS) {
		old = __sync_fetch_and_or(&c->pins, p->amount);
		p->amount &= old;
	} else {
		old = __sync_fetch_and_add(&c->pins, p->amount);
		p->amount = 0;
	}
	if (!old)
		c->since = p->now;
	claim_put(c);
}

/* Gives an empty claim to this owner. */
static __always_inline bool claim_take(struct ledger_claim *c, struct placing *p)
{
	__u32 word = *(volatile __u32 *)&c->word;

	if (word & (CLAIM_USERS | CLAIM_MOVING) ||
	    __sync_val_compare_and_swap(&c->word, word, word | CLAIM_MOVING) != word)
		return false;
	if (*(volatile __u64 *)&c->pins) {
		__sync_fetch_and_and(&c->word, ~CLAIM_MOVING);
		return false;
	}
	c->place = p->place;
	c->since = p->now;
	c->pins = p->amount;
	/* By addition: others may have counted themselves in, and will out. */
	__sync_fetch_and_add(&c->word, ((p->owner - claim_owner(word)) << CLAIM_OWNER_SHIFT) -
					       CLAIM_MOVING);
	p->amount = 0;
	return true;
}

static __always_inline void entry_add(struct ledger_entry *e, struct placing *p)
{
	__u32 i, word;

	for (i = 0; i < LEDGER_CLAIMS; i++) {
		struct ledger_claim *c = &e->claims[i];

		word = *(volatile __u32 *)&c->word;
		if (claim_owner(word) == p->owner && c->place == p->place) {
			claim_add(c, p);
			p->layers += p->place == PLACE_BITS;
			if (!p->amount)
				return;
		} else if (!p->free_entry && !(word & (CLAIM_USERS | CLAIM_MOVING)) &&
			   !*(volatile __u64 *)&c->pins) {
			p->free_entry = p->at;
			p->free_claim = i;
		}
	}
}

static long chain_add(__u32 i, struct placing *p)
{
	struct ledger_entry *e = entry_of(p->at);
	__u32 next;

	if (!e)
		return 1;
	entry_add(e, p);
	next = *(volatile __u32 *)&e->next;
	if (!p->amount || !next || next == LEDGER_CLOSED)
		return 1;
	p->at = next;
	return 0;
}

/* Number of an unused entry; 0 when there is none. */
static __always_inline __u32 entry_new(void)
{
	__u64 taken, *nr;
	__u32 at, i;

	if (totals.entries_used < pool_size) {
		at = __sync_fetch_and_add(&totals.entries_used, 1);
		if (at < pool_size)
			return at;
		__sync_fetch_and_add(&totals.entries_used, -1);
	}
	for (i = 0; i < 8; i++) {
		taken = *(volatile __u64 *)&totals.entries_taken;
		if (taken >= *(volatile __u64 *)&totals.entries_recycled)
			return 0;
		at = taken % pool_size;
		nr = bpf_map_lookup_elem(&recycled, &at);
		if (!nr)
			return 0;
		at = *(volatile __u64 *)nr;
		if (__sync_val_compare_and_swap(&totals.entries_taken, taken, taken + 1) == taken)
			return at;
	}
	return 0;
}

/* Hangs entry @nr, with what is left as its one claim, to the end of a chain. */
static __always_inline bool entry_append(struct placing *p, __u32 *link, __u32 nr)
{
	struct ledger_entry *e = entry_of(nr);

	if (!e)
		return false;
	e->block = p->block;
	e->claims[0].pins = p->amount;
	e->claims[0].since = p->now;
	e->claims[0].place = p->place;
	e->claims[0].word = p->owner << CLAIM_OWNER_SHIFT;
	return !__sync_val_compare_and_swap(link, 0, nr);
}

/* Once more each time that another CPU was faster; p->lost says what came of it. */
static long place_once(__u32 i, struct placing *p)
{
	__u32 *first = first_of(p->block), *link, end;
	struct ledger_entry *e;

	p->lost = LOST_BEYOND + 1;
	if (!first)
		return 1;
	p->lost = 0;
	p->free_entry = p->layers = unknown_zero();
	p->at = p->head = *(volatile __u32 *)first;
	if (p->amount)
		bpf_loop(LEDGER_MAX_CHAIN, chain_add, p, 0);
	if (!p->spare) {
		if (!p->amount || p->layers > MAX_LAYERS)
			return 1;
		e = entry_of(p->free_entry);
		if (e)
			return claim_take(&e->claims[p->free_claim & (LEDGER_CLAIMS - 1)], p);
	}
	e = entry_of(p->at);
	link = e ? &e->next : first;
	end = *(volatile __u32 *)link;
	if (end == LEDGER_CLOSED) {
		__sync_val_compare_and_swap(first, p->head, 0);
		return 0;
	}
	p->lost = LOST_TOO_MANY + 1;
	if (end && !p->spare)
		return 1;
	p->lost = LOST_NO_ENTRY + 1;
	if (!p->spare)
		p->spare = entry_new();
	if (!p->spare)
		return 1;
	if (!entry_append(p, link, p->spare))
		return 0;
	p->amount = 0;
	p->lost = 0;
	return 1;
}

/*
 * Adds @amount to what @owner holds at @place of @block. Returns those small
 * pages (PLACE_BITS) that it has so often that they want a number each.
 */
__noinline __u64 ledger_add(__u32 block, __u32 place, __u32 owner, __u64 amount, __u64 now)
{
	struct placing p = {
		.amount = amount, .now = now, .block = block, .place = place, .owner = owner,
	};
	struct owner_rec *rec = owner_rec(owner);
	__u64 left;

	p.spare = unknown_zero();
	bpf_loop(8, place_once, &p, 0);
	left = place == PLACE_BITS ? bits_of(p.amount) : p.amount;
	if (rec)
		__sync_fetch_and_add(&rec->acquired,
				     (place == PLACE_BITS ? bits_of(amount) : amount) - left);
	if (!p.lost)
		return p.amount;
	lose(p.lost - 1, left);
	return 0;
}

/* --- taking away -------------------------------------------------------------------------- */

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
