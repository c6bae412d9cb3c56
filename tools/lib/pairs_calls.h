/* SPDX-License-Identifier: GPL-2.0 */
/* What pairs.c and pairs_release.c share: how pin calls are remembered. */
#ifndef PINSCOPE_PAIRS_CALLS_H
#define PINSCOPE_PAIRS_CALLS_H

#include <sys/queue.h>

#include "claims.h"
#include "pairs.h"

#define OWNER_BITS 12

/* The runs of its event, which would be two thirds of it, are not allocated. */
#define CALL_SIZE offsetof(struct paired_call, pin.ev.runs)

struct paired_call {
	TAILQ_ENTRY(paired_call) by_nr;
	LIST_ENTRY(paired_call) of_owner;
	struct claim_list claims;
	uint64_t release;	/* number of the newest one that concerned it ... */
	size_t part;		/* ... and where in its parts */
	struct paired_pin pin;
};

struct pairs {
	struct claims claims;
	TAILQ_HEAD(, paired_call) calls;
	/* So that an exit looks at its own process's calls and at few others. */
	LIST_HEAD(owner_calls, paired_call) owners[1U << OWNER_BITS];
	struct paired_part *parts;	/* of the release with the number releases */
	size_t nr_parts, parts_cap;
	uint64_t releases, unknown;
	uint64_t nr, nr_calls;
	uint64_t page_size;
	struct pairs_sum sum;		/* but for memory */
};

static inline bool is_process(uint32_t tgid, uint64_t start_ns, const struct trace_event *ev)
{
	return ev->tgid == tgid && ev->start_ns == start_ns;
}

/* So many pins more, and base pages of folios that the call has not held before. */
static inline void account(struct pairs *p, struct paired_call *call, int64_t pins, int64_t pages)
{
	bool held = call->pin.left;

	call->pin.left += pins;
	call->pin.bytes += pages * p->page_size;
	p->sum.pins += pins;
	p->sum.bytes += pages * p->page_size;
	p->sum.calls += !!call->pin.left - held;
}

/* The run's pages in its first block, at @base, as bits. What follows remains in @pfn and @nr. */
static inline uint64_t next_block(uint64_t *pfn, uint64_t *nr, uint64_t *base)
{
	unsigned int at = *pfn % LEDGER_BLOCK_PAGES, n = LEDGER_BLOCK_PAGES - at;

	if (*nr < n)
		n = *nr;
	*base = *pfn - at;
	*pfn += n;
	*nr -= n;
	return ~0ULL >> (LEDGER_BLOCK_PAGES - n) << at;
}

#endif
