// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "audit_history.h"
#include "vec.h"

/* Calls that are remembered after their release, for what they were. */
#define PAST_CALLS 4096

/* 64 small pages; a folio is in the block of its first page. */
struct block {
	uint64_t base;			/* PFN | 1; 0: the slot is free */
	uint64_t before, released;	/* bits */
	uint64_t last;			/* number of the past call that was released last */
};

struct audit_history {
	struct block *blocks;		/* a hash table, at most half full */
	size_t size, used;
	uint64_t nr;			/* past calls so far: number n is in slot n % PAST_CALLS */
	struct past_call past[PAST_CALLS];
};

struct audit_history *history__new(void)
{
	struct audit_history *h = xcalloc(1, sizeof(*h));

	h->size = 1024;
	h->blocks = xcalloc(h->size, sizeof(*h->blocks));
	return h;
}

void history__free(struct audit_history *h)
{
	size_t i;

	if (!h)
		return;
	for (i = 0; i < PAST_CALLS; i++) {
		free(h->past[i].pin);
		free(h->past[i].release);
	}
	free(h->blocks);
	free(h);
}

/* --- blocks ----------------------------------------------------------------------------------- */

static struct block *slot_of(const struct audit_history *h, uint64_t base)
{
	size_t at = (base >> LEDGER_BLOCK_SHIFT) * 0x9e3779b97f4a7c15ULL >> 32;

	while (h->blocks[at & (h->size - 1)].base && h->blocks[at & (h->size - 1)].base != (base | 1))
		at++;
	return &h->blocks[at & (h->size - 1)];
}

static void grow(struct audit_history *h)
{
	struct block *old = h->blocks;
	size_t size = h->size, i;

	h->size *= 2;
	h->blocks = xcalloc(h->size, sizeof(*h->blocks));
	for (i = 0; i < size; i++)
		if (old[i].base)
			*slot_of(h, old[i].base - 1) = old[i];
	free(old);
}

static struct block *block_at(struct audit_history *h, uint64_t base)
{
	struct block *b;

	if (h->used * 2 >= h->size)
		grow(h);
	b = slot_of(h, base);
	if (!b->base) {
		b->base = base | 1;
		h->used++;
	}
	return b;
}

/*
 * The run's pages in its next block as bits, 0 when there are none left; @pins
 * are the pins that each of them stands for.
 */
static uint64_t next_pages(uint64_t *run, uint64_t *base, uint64_t *pins)
{
	uint64_t pfn = RUN_PFN(*run), nr = RUN_COUNT(*run);
	unsigned int at = pfn % LEDGER_BLOCK_PAGES, n = LEDGER_BLOCK_PAGES - at;

	if (!nr)
		return 0;
	*base = pfn - at;
	*pins = 1;
	if (RUN_ORDER(*run)) {
		*pins = nr;
		*run = 0;
		return 1ULL << at;
	}
	if (nr < n)
		n = nr;
	*run = RUN_WORD(pfn + n, nr - n, 0);
	return ~0ULL >> (LEDGER_BLOCK_PAGES - n) << at;
}

/* --- what happens ----------------------------------------------------------------------------- */

void history__before(struct audit_history *h, uint64_t run)
{
	uint64_t base, pins, pages;

	while ((pages = next_pages(&run, &base, &pins)))
		block_at(h, base)->before |= pages;
}

struct trace_event *event_copy(const struct trace_event *ev)
{
	size_t size = offsetof(struct trace_event, runs);

	return memcpy(xcalloc(1, size), ev, size);
}

/* Of a call that is released piece by piece, the first release. */
static uint64_t remember(struct audit_history *h, const struct paired_pin *pin, bool wanted,
			 const struct trace_event *release)
{
	struct past_call *past = &h->past[h->nr % PAST_CALLS];

	if (past->nr == pin->nr)
		return h->nr;
	past = &h->past[++h->nr % PAST_CALLS];
	free(past->pin);
	free(past->release);
	*past = (struct past_call){
		.nr = pin->nr, .wanted = wanted, .pin = event_copy(&pin->ev), .release = event_copy(release),
	};
	return h->nr;
}

void history__released(struct audit_history *h, uint64_t run, const struct paired_pin *pin,
		       bool wanted, const struct trace_event *release)
{
	uint64_t nr = remember(h, pin, wanted, release), base, pins, pages;
	struct block *b;

	while ((pages = next_pages(&run, &base, &pins))) {
		b = block_at(h, base);
		b->released |= pages;
		b->last = nr;
	}
}

/* --- asking ----------------------------------------------------------------------------------- */

void history__count(const struct audit_history *h, uint64_t run, struct history_count *count)
{
	uint64_t base, pins, pages, released;
	const struct block *b;

	while ((pages = next_pages(&run, &base, &pins))) {
		b = slot_of(h, base);
		count->before += __builtin_popcountll(pages & b->before) * pins;
		released = pages & b->released & ~b->before;
		count->released += __builtin_popcountll(released) * pins;
		if (released && h->nr - b->last < PAST_CALLS)
			count->last = &h->past[b->last % PAST_CALLS];
	}
}

bool history__was_before(const struct audit_history *h, uint64_t pfn)
{
	uint64_t at = pfn % LEDGER_BLOCK_PAGES;

	return slot_of(h, pfn - at)->before >> at & 1;
}
