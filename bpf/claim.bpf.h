/* SPDX-License-Identifier: GPL-2.0 */
/* A claim's word: who may change its pins now, and whose they are. See bpf/ledger.h. */
#ifndef PINSCOPE_CLAIM_BPF_H
#define PINSCOPE_CLAIM_BPF_H

#include "maps.bpf.h"

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

#endif
