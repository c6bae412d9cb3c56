/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Closes chains that are empty, so that nobody can enter them any more. Their
 * entries may still be looked at by programs that run; tools/lib/recycle.c
 * waits for their end before it gives the entries out again.
 */
#ifndef PINSCOPE_RECYCLE_BPF_H
#define PINSCOPE_RECYCLE_BPF_H

#include "claim.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ledger_closed);
} closed SEC(".maps");

/*
 * Calls @f(claim, index, @arg) for each claim of entry @e, until it returns
 * true. No loop: v6.1 takes one that is entered in its middle, which is how
 * clang lays them out, for endless (check_cfg(), "back-edge").
 */
#define EACH_CLAIM(f, e, arg)                                                                 \
	(f(&(e)->claims[0], 0, arg) || f(&(e)->claims[1], 1, arg) ||                          \
	 f(&(e)->claims[2], 2, arg) || f(&(e)->claims[3], 3, arg))

_Static_assert(LEDGER_CLAIMS == 4, "EACH_CLAIM() knows four");

struct closing {
	__u32 at;	/* number of the entry that is looked at, the first one not frozen in the end */
	__u32 frozen;	/* of its claims, those before this one */
	__u32 done;	/* the chain's end is closed */
};

/* True: it is not empty, or in use. */
static __always_inline bool claim_stop(struct ledger_claim *c, __u32 i, struct closing *closing)
{
	__u32 word;

	if (!claim_freeze(c, &word))
		return true;
	closing->frozen++;
	return false;
}

static long chain_freeze(__u32 i, struct closing *c)
{
	struct ledger_entry *e = entry_of(c->at);
	__u32 next;

	if (!e)
		return 1;
	c->frozen = unknown_zero();
	if (EACH_CLAIM(claim_stop, e, c))
		return 1;
	next = __sync_val_compare_and_swap(&e->next, 0, LEDGER_CLOSED);
	if (!next) {
		c->done = 1;
		return 1;
	}
	c->at = next;
	c->frozen = 0;
	return 0;
}

struct thawing {
	__u32 at;
	__u32 end, frozen;	/* where it was that no more could be frozen */
};

static __always_inline bool claim_thaw(struct ledger_claim *c, __u32 i, struct thawing *t)
{
	if (t->at != t->end || i < t->frozen)
		__sync_fetch_and_and(&c->word, ~CLAIM_MOVING);
	return false;
}

static long chain_thaw(__u32 i, struct thawing *t)
{
	struct ledger_entry *e = entry_of(t->at);

	if (!e)
		return 1;
	EACH_CLAIM(claim_thaw, e, t);
	if (t->at == t->end)
		return 1;
	t->at = *(volatile __u32 *)&e->next;
	return 0;
}

/* Closes the chain that begins with entry @head, if it is all empty. */
static __noinline bool chain_close(__u32 head)
{
	struct closing c = { .at = head };
	struct thawing t = { .at = head };

	c.done = unknown_zero();
	c.frozen = unknown_zero();
	bpf_loop(LEDGER_MAX_CHAIN, chain_freeze, &c, 0);
	if (c.done)
		return true;
	t.end = c.at;
	t.frozen = c.frozen;
	bpf_loop(LEDGER_MAX_CHAIN, chain_thaw, &t, 0);
	return false;
}

static long close_step(__u32 i, __u32 *from)
{
	__u32 zero = 0, nr = *from + i, out, *first;
	struct ledger_closed *list = bpf_map_lookup_elem(&closed, &zero);
	struct ledger_entry *e = entry_of(nr);

	if (!list || !e || nr >= totals.entries_used)
		return 1;
	first = first_of(e->block);
	/* Not a chain's first entry; or one that is not in use, or not yet. */
	if (!first || *(volatile __u32 *)first != nr || !chain_close(nr))
		return 0;
	/* Who comes across the closed end meanwhile does this as well. */
	__sync_val_compare_and_swap(first, nr, 0);
	out = list->nr;
	if (out >= CLOSE_LOOKS)
		return 1;
	list->heads[out] = nr;
	list->nr = out + 1;
	return 0;
}

/* Looks at CLOSE_LOOKS entries from ctx->from on; the chains that it closed stand in "closed". */
SEC("syscall")
int ledger_close(struct ledger_close_ctx *ctx)
{
	__u32 zero = 0, from = ctx->from;
	struct ledger_closed *list = bpf_map_lookup_elem(&closed, &zero);

	if (!list)
		return 1;
	list->nr = 0;
	bpf_loop(CLOSE_LOOKS, close_step, &from, 0);
	return 0;
}

#endif
