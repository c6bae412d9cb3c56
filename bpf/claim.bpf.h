/* SPDX-License-Identifier: GPL-2.0 */
/* A claim's word: who may change its pins now, and whose they are. See bpf/ledger.h. */
#ifndef PINSCOPE_CLAIM_BPF_H
#define PINSCOPE_CLAIM_BPF_H

#include "maps.bpf.h"

static __always_inline __u32 claim_owner(__u32 word)
{
	return word >> CLAIM_OWNER_SHIFT;
}

static __always_inline __u64 claim_pins(struct ledger_claim *c)
{
	return *(volatile __u64 *)&c->pins;
}

static __always_inline __u32 claim_word(struct ledger_claim *c)
{
	return *(volatile __u32 *)&c->word;
}

static __always_inline void claim_put(struct ledger_claim *c)
{
	__sync_fetch_and_add(&c->word, -1);
}

/* To add pins of @owner's: keeps the claim its own until claim_put(). False: it is not. */
static __always_inline bool claim_get(struct ledger_claim *c, __u32 owner, __u32 place)
{
	__u32 word = __sync_fetch_and_add(&c->word, 1);

	if (claim_owner(word) == owner && !(word & CLAIM_MOVING) && c->place == place)
		return true;
	claim_put(c);
	return false;
}

/*
 * To take pins away: keeps the claim whose it is until claim_put(). One that
 * is to change hands but has pins will not: see claim_freeze(). Its pins must
 * be found whatever others are about to do.
 */
static __always_inline bool claim_get_pins(struct ledger_claim *c)
{
	__u32 word = __sync_fetch_and_add(&c->word, 1);

	if (!(word & CLAIM_MOVING))
		return true;
	/* Pins are added only after the flag is gone: so these were there before. */
	if (claim_pins(c) && claim_word(c) & CLAIM_MOVING)
		return true;
	claim_put(c);
	return false;
}

/*
 * Makes a claim that is empty and not in use one that changes hands: nobody
 * adds to it. First the pins, then the users: who takes pins away counts
 * itself a user while there are some.
 */
static __always_inline bool claim_freeze(struct ledger_claim *c, __u32 *word)
{
	*word = claim_word(c);
	if (*word & (CLAIM_USERS | CLAIM_MOVING) || claim_pins(c) ||
	    __sync_val_compare_and_swap(&c->word, *word, *word | CLAIM_MOVING) != *word)
		return false;
	/* Exchanges nothing, but is a full barrier. */
	if (!__sync_val_compare_and_swap(&c->pins, 0, 0) && !(claim_word(c) & CLAIM_USERS))
		return true;
	__sync_fetch_and_and(&c->word, ~CLAIM_MOVING);
	return false;
}

/*
 * A chain is gone through claim by claim, not entry by entry with the claims in
 * a row: what the verifier has to follow is several times less.
 */
#define CHAIN_STEPS (LEDGER_MAX_CHAIN * LEDGER_CLAIMS)

/* On from entry @e, after the last of its claims. False: it is the chain's end. */
static __always_inline bool chain_next(struct ledger_entry *e, __u32 *at)
{
	__u32 next = *(volatile __u32 *)&e->next;

	if (!next || next == LEDGER_CLOSED)
		return false;
	*at = next;
	return true;
}

#endif
