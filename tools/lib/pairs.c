// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include <unistd.h>

#include "pairs_calls.h"
#include "vec.h"

struct pairs *pairs__new(void)
{
	struct pairs *p = xcalloc(1, sizeof(*p));

	claims_init(&p->claims);
	TAILQ_INIT(&p->calls);
	p->page_size = sysconf(_SC_PAGESIZE);
	return p;
}

static void forget(struct pairs *p, struct paired_call *call)
{
	TAILQ_REMOVE(&p->calls, call, by_nr);
	LIST_REMOVE(call, of_owner);
	p->nr_calls--;
	free(call);
}

void pairs__free(struct pairs *p)
{
	if (!p)
		return;
	while (!TAILQ_EMPTY(&p->calls))
		forget(p, TAILQ_FIRST(&p->calls));
	claims_free(&p->claims);
	free(p->parts);
	free(p);
}

static struct owner_calls *calls_of(struct pairs *p, uint32_t tgid, uint64_t start_ns)
{
	uint64_t hash = (start_ns ^ (uint64_t)tgid << 32) * 0x9e3779b97f4a7c15ULL;

	return &p->owners[hash >> (64 - OWNER_BITS)];
}

/* --- pinning ------------------------------------------------------------------------------ */

static void add(struct pairs *p, struct paired_call *call, uint64_t pfn, unsigned int order,
		bool is_bits, uint64_t pins)
{
	struct claim c = {
		.pfn = pfn, .order = order, .is_bits = is_bits, .pins = pins, .call = call,
	};

	claims_add(&p->claims, &call->claims, &c);
}

/* Pages that the call now pins for the second time get claims of their own. */
static void pin_twice(struct pairs *p, struct paired_call *call, uint64_t base, uint64_t pages)
{
	for (; pages; pages &= pages - 1)
		add(p, call, base + __builtin_ctzll(pages), 0, false, 2);
}

/* The call's own claims are the newest of a chain. */
static void pin_small(struct pairs *p, struct paired_call *call, uint64_t base, uint64_t pages)
{
	struct claim_list *chain = claims_chain(&p->claims, base, 0);
	uint64_t all = pages, twice = 0;
	uint32_t nr, bits = 0;
	struct claim *c;

	for (nr = chain->last; nr; nr = c->older) {
		uint64_t hit;

		c = claim_at(&p->claims, nr);
		if (c->call != call)
			break;
		hit = claim_covers(c, base);
		if (hit && c->is_bits) {
			bits = nr;
		} else if (hit & pages) {
			c->pins++;
			pages &= ~hit;
		}
	}
	if (bits) {
		c = claim_at(&p->claims, bits);
		twice = c->pins & pages;
		c->pins ^= pages;
		if (!c->pins)
			claims_drop(&p->claims, &call->claims, bits);
	} else if (pages) {
		add(p, call, base, 0, true, pages);
	}
	account(p, call, __builtin_popcountll(all), __builtin_popcountll(pages & ~twice));
	pin_twice(p, call, base, twice);
}

static void pin_folio(struct pairs *p, struct paired_call *call, uint64_t pfn, unsigned int order,
		      uint64_t pins)
{
	uint32_t nr = claims_chain(&p->claims, pfn, order)->last;
	struct claim *c;

	for (; nr; nr = c->older) {
		c = claim_at(&p->claims, nr);
		if (c->call != call)
			break;
		if (claim_is_of(c, pfn, order)) {
			c->pins += pins;
			account(p, call, pins, 0);
			return;
		}
	}
	add(p, call, pfn, order, false, pins);
	account(p, call, pins, 1LL << order);
}

static void pin_run(struct pairs *p, struct paired_call *call, uint64_t run)
{
	uint64_t pfn = RUN_PFN(run), nr = RUN_COUNT(run), base, pages;

	if (nr && RUN_ORDER(run)) {
		pin_folio(p, call, pfn, RUN_ORDER(run), nr);
		return;
	}
	while (nr) {
		pages = next_block(&pfn, &nr, &base);
		pin_small(p, call, base, pages);
	}
}

struct paired_pin *pairs__pinned(struct pairs *p, const struct trace_call *call)
{
	struct paired_call *new = xcalloc(1, CALL_SIZE);
	size_t i;

	memcpy(&new->pin.ev, call->ev, offsetof(struct trace_event, runs));
	for (i = 0; i < call->nr_runs; i++)
		pin_run(p, new, call->runs[i]);
	if (!new->pin.left) {
		free(new);
		return NULL;
	}
	new->pin.pins = new->pin.left;
	new->pin.nr = ++p->nr;
	p->nr_calls++;
	TAILQ_INSERT_TAIL(&p->calls, new, by_nr);
	LIST_INSERT_HEAD(calls_of(p, call->ev->owner, call->ev->owner_start_ns), new, of_owner);
	return &new->pin;
}

/* --- what is held ------------------------------------------------------------------------- */

static struct paired_call *call_of(const struct paired_pin *pin)
{
	return (struct paired_call *)((char *)pin - offsetof(struct paired_call, pin));
}

void pairs__forget(struct pairs *p, struct paired_pin *pin)
{
	struct paired_call *call = call_of(pin);

	while (call->claims.first)
		claims_drop(&p->claims, &call->claims, call->claims.first);
	account(p, call, -pin->left, -(pin->bytes / p->page_size));
	forget(p, call);
}

void pairs__exited(struct pairs *p, const struct trace_event *ev)
{
	struct paired_call *call;

	LIST_FOREACH(call, calls_of(p, ev->tgid, ev->start_ns), of_owner) {
		const struct trace_event *pin = &call->pin.ev;

		if (call->pin.left && is_process(pin->owner, pin->owner_start_ns, ev))
			call->pin.exited_ns = ev->time_ns;
	}
}

void pairs__each(struct pairs *p, void (*each)(struct paired_pin *pin, void *arg), void *arg)
{
	struct paired_call *call, *next;

	for (call = TAILQ_FIRST(&p->calls); call; call = next) {
		next = TAILQ_NEXT(call, by_nr);
		if (call->pin.left)
			each(&call->pin, arg);
	}
}

struct pairs_sum pairs__sum(const struct pairs *p)
{
	struct pairs_sum sum = p->sum;

	sum.memory = sizeof(*p) + claims_memory(&p->claims) + p->nr_calls * CALL_SIZE +
		     p->parts_cap * sizeof(*p->parts);
	return sum;
}

void pairs__pages(const struct pairs *p, const struct paired_pin *pin,
		  void (*each)(uint64_t pfn, uint64_t pages, uint64_t pins, void *arg), void *arg)
{
	uint32_t nr = call_of(pin)->claims.first;

	while (nr) {
		const struct claim *c = claim_at(&p->claims, nr);
		uint64_t bits = c->is_bits ? c->pins : 0;

		if (!bits)
			each(c->pfn, 1ULL << c->order, c->pins, arg);
		while (bits) {
			uint64_t low = bits & -bits, rest = bits & (bits + low);

			/* Adding to the lowest bit clears those above it up to a gap. */
			each(c->pfn + __builtin_ctzll(low), __builtin_popcountll(bits ^ rest), 1,
			     arg);
			bits = rest;
		}
		nr = c->after;
	}
}

static uint64_t pins_on(const struct claim *c, uint64_t pfn, unsigned int order)
{
	unsigned int at = pfn % LEDGER_BLOCK_PAGES;

	if (order)
		return claim_is_of(c, pfn, order) ? c->pins : 0;
	if (!(claim_covers(c, pfn - at) >> at & 1))
		return 0;
	return c->is_bits ? 1 : c->pins;
}

uint64_t pairs__on(const struct pairs *p, uint64_t pfn, unsigned int order)
{
	uint32_t nr = claims_chain(&p->claims, pfn, order)->first;
	uint64_t pins = 0;

	for (; nr; nr = claim_at(&p->claims, nr)->newer)
		pins += pins_on(claim_at(&p->claims, nr), pfn, order);
	return pins;
}
