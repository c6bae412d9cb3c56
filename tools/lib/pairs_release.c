// SPDX-License-Identifier: GPL-2.0
/* From the pages of a release to the pin calls that it ends. */
#include "pairs_calls.h"
#include "vec.h"

/* In an interrupt the task is any. */
static bool is_own(const struct trace_event *unpin, const struct trace_event *pin)
{
	return unpin->context == IN_TASK && (is_process(pin->tgid, pin->start_ns, unpin) ||
					     is_process(pin->owner, pin->owner_start_ns, unpin));
}

/* Adds to the call's part of this release. */
static void add_part(struct pairs *p, struct paired_call *call, uint64_t pins, bool guessed)
{
	struct paired_part *part;

	if (call->release != p->releases) {
		call->release = p->releases;
		call->part = p->nr_parts;
		part = vec_push(p->parts, p->nr_parts, p->parts_cap);
		*part = (struct paired_part){ .pin = &call->pin };
	}
	part = &p->parts[call->part];
	part->pins += pins;
	part->guessed |= guessed;
}

static void take(struct pairs *p, const struct trace_event *ev, struct claim *c, uint64_t pins,
		 uint64_t pages, bool guessed)
{
	struct paired_call *call = c->call;

	if (!c->pins)
		claims_drop(&p->claims, &call->claims, c - p->claims.pool);
	account(p, call, -pins, -pages);
	if (ev->time_ns > call->pin.released_ns)
		call->pin.released_ns = ev->time_ns;
	add_part(p, call, pins, guessed);
}

/* Which of the pages are pinned by more than one call. */
static uint64_t shared_small(const struct pairs *p, uint64_t base, uint64_t pages)
{
	uint32_t nr = claims_chain(&p->claims, base, 0)->first;
	uint64_t once = 0, shared = 0;

	while (nr && shared != pages) {
		const struct claim *c = claim_at(&p->claims, nr);
		uint64_t hit = claim_covers(c, base) & pages;

		shared |= once & hit;
		once |= hit;
		nr = c->newer;
	}
	return shared;
}

/* Takes one pin off each of the pages, the oldest call's; returns those that had none. */
static uint64_t take_small(struct pairs *p, const struct trace_event *ev, uint64_t base,
			   uint64_t pages, uint64_t shared, bool own)
{
	uint32_t nr = claims_chain(&p->claims, base, 0)->first, newer;

	for (; nr && pages; nr = newer) {
		struct claim *c = claim_at(&p->claims, nr);
		uint64_t hit = claim_covers(c, base) & pages;
		unsigned int pins = __builtin_popcountll(hit);

		newer = c->newer;
		if (!hit || (own && !is_own(ev, &c->call->pin.ev)))
			continue;
		if (c->is_bits)
			c->pins &= ~hit;
		else
			c->pins--;
		take(p, ev, c, pins, c->is_bits || !c->pins ? pins : 0, hit & shared);
		pages &= ~hit;
	}
	return pages;
}

/* Does the claim have pins on the @pages of the block at @pfn, for @order on the folio there? */
static bool is_on(const struct claim *c, uint64_t pfn, unsigned int order, uint64_t pages)
{
	return order ? claim_is_of(c, pfn, order) : claim_covers(c, pfn) & pages;
}

/* Several calls have pins there, and which one's are released is a guess. */
static void mark_shared(struct pairs *p, uint64_t pfn, unsigned int order, uint64_t pages)
{
	uint32_t first = claims_chain(&p->claims, pfn, order)->first, nr;
	const struct trace_event *one = NULL, *ev;
	bool mixed = false;

	for (nr = first; nr; nr = claim_at(&p->claims, nr)->newer) {
		if (!is_on(claim_at(&p->claims, nr), pfn, order, pages))
			continue;
		ev = &claim_at(&p->claims, nr)->call->pin.ev;
		if (one && (ev->owner != one->owner || ev->site != one->site))
			mixed = true;
		one = ev;
	}
	for (nr = first; nr; nr = claim_at(&p->claims, nr)->newer) {
		if (!is_on(claim_at(&p->claims, nr), pfn, order, pages))
			continue;
		claim_at(&p->claims, nr)->call->pin.shared = true;
		claim_at(&p->claims, nr)->call->pin.mixed |= mixed;
	}
}

static void release_small(struct pairs *p, const struct trace_event *ev, uint64_t base,
			  uint64_t pages)
{
	uint64_t shared = shared_small(p, base, pages);

	if (shared) {
		mark_shared(p, base, 0, shared);
		pages = take_small(p, ev, base, pages, shared, true);
	}
	p->unknown += __builtin_popcountll(take_small(p, ev, base, pages, shared, false));
}

static bool is_shared_folio(const struct pairs *p, uint64_t pfn, unsigned int order)
{
	uint32_t nr = claims_chain(&p->claims, pfn, order)->first;
	int calls = 0;

	while (nr && calls < 2) {
		const struct claim *c = claim_at(&p->claims, nr);

		calls += claim_is_of(c, pfn, order);
		nr = c->newer;
	}
	return calls > 1;
}

/* Takes pins off the folio, the oldest call's first; returns how many it did not have. */
static uint64_t take_folio(struct pairs *p, const struct trace_event *ev, uint64_t run,
			   uint64_t pins, bool shared, bool own)
{
	uint64_t pfn = RUN_PFN(run);
	unsigned int order = RUN_ORDER(run);
	uint32_t nr = claims_chain(&p->claims, pfn, order)->first, newer;

	for (; nr && pins; nr = newer) {
		struct claim *c = claim_at(&p->claims, nr);
		uint64_t n = c->pins < pins ? c->pins : pins;

		newer = c->newer;
		if (!claim_is_of(c, pfn, order) || (own && !is_own(ev, &c->call->pin.ev)))
			continue;
		c->pins -= n;
		take(p, ev, c, n, c->pins ? 0 : 1ULL << order, shared);
		pins -= n;
	}
	return pins;
}

static void release_run(struct pairs *p, const struct trace_event *ev, uint64_t run)
{
	uint64_t pfn = RUN_PFN(run), nr = RUN_COUNT(run), base, pages;

	if (RUN_ORDER(run)) {
		bool shared = is_shared_folio(p, pfn, RUN_ORDER(run));

		if (shared) {
			mark_shared(p, pfn, RUN_ORDER(run), 0);
			nr = take_folio(p, ev, run, nr, shared, true);
		}
		p->unknown += take_folio(p, ev, run, nr, shared, false);
		return;
	}
	while (nr) {
		pages = next_block(&pfn, &nr, &base);
		release_small(p, ev, base, pages);
	}
}

static int by_nr(const void *a, const void *b)
{
	const struct paired_part *x = a, *y = b;

	return x->pin->nr < y->pin->nr ? -1 : x->pin->nr > y->pin->nr;
}

size_t pairs__released(struct pairs *p, const struct trace_call *call,
		       const struct paired_part **parts)
{
	size_t i;

	p->releases++;
	p->nr_parts = 0;
	p->unknown = 0;
	for (i = 0; i < call->nr_runs; i++)
		release_run(p, call->ev, call->runs[i]);
	if (p->nr_parts > 1)
		qsort(p->parts, p->nr_parts, sizeof(*p->parts), by_nr);
	if (p->unknown)
		*vec_push(p->parts, p->nr_parts, p->parts_cap) =
			(struct paired_part){ .pins = p->unknown };
	*parts = p->parts;
	return p->nr_parts;
}
