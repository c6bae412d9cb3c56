// SPDX-License-Identifier: GPL-2.0
/* Pairs against a plain model, which knows of each folio who has how many pins on it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "pairs_world.h"

#define PAGE_OPERATIONS 1000003
#define BASE 1000003ULL		/* first PFN of the small pages */
#define FOLIO_BASE (1ULL << 30)

enum { SMALL = 1021, FOLIOS = 31, PLACES = SMALL + FOLIOS };
enum { LIVE = 61, PROCESSES = 5, MOST_RUNS = 4096 };

struct model_call {
	struct paired_pin *pin;		/* NULL: none, the slot is free */
	struct process caller, owner;
	uint64_t nr, pins, left, pages, released_ns, exited_ns;
	uint64_t part;			/* pins that this release takes */
	bool guessed;
};

/* By age. */
struct place {
	struct {
		int call;
		uint64_t pins;
	} has[LIVE];
	int nr;
};

static struct {
	struct model_call calls[LIVE];
	struct place places[PLACES];
	struct process processes[PROCESSES];
	uint64_t runs[MOST_RUNS];
	size_t nr_runs;
	uint64_t random, time_ns, nr, unknown, page_operations;
	struct pairs *pairs;
} m;

static uint64_t below(uint64_t n)
{
	m.random ^= m.random << 13;
	m.random ^= m.random >> 7;
	m.random ^= m.random << 17;
	return (m.random >> 11) % n;
}

static unsigned int order_of(int place)
{
	return place < SMALL ? 0 : 1 + (place - SMALL) % 9;
}

static uint64_t pfn_of(int place)
{
	return place < SMALL ? BASE + place : FOLIO_BASE + (place - SMALL) * 512;
}

static int place_of(uint64_t pfn)
{
	return pfn < FOLIO_BASE ? pfn - BASE : SMALL + (pfn - FOLIO_BASE) / 512;
}

/* --- what the model does -------------------------------------------------------------------- */

static void model_pin(int place, int call, uint64_t pins)
{
	struct place *at = &m.places[place];

	m.calls[call].pins += pins;
	m.calls[call].left += pins;
	if (!at->nr || at->has[at->nr - 1].call != call) {
		at->has[at->nr].call = call;
		at->has[at->nr++].pins = 0;
		m.calls[call].pages += 1ULL << order_of(place);
	}
	at->has[at->nr - 1].pins += pins;
}

static bool same(const struct process *a, const struct process *b)
{
	return a->tgid == b->tgid && a->start_ns == b->start_ns;
}

static int choose(const struct place *at, const struct process *by)
{
	int i;

	for (i = 0; by && i < at->nr; i++)
		if (same(&m.calls[at->has[i].call].caller, by) ||
		    same(&m.calls[at->has[i].call].owner, by))
			return i;
	return 0;
}

/* @by: NULL in an interrupt. */
static void model_unpin(int place, const struct process *by, uint64_t pins)
{
	struct place *at = &m.places[place];
	bool shared = at->nr > 1;

	for (; pins && at->nr; pins--) {
		int i = choose(at, by);
		struct model_call *c = &m.calls[at->has[i].call];

		c->left--;
		c->part++;
		c->guessed |= shared;
		c->released_ns = m.time_ns;
		if (--at->has[i].pins)
			continue;
		c->pages -= 1ULL << order_of(place);
		memmove(&at->has[i], &at->has[i + 1], (--at->nr - i) * sizeof(at->has[0]));
	}
	m.unknown += pins;
}

/* Calls @f for each of the runs' places. */
#define EACH_PLACE(f, who) do { \
	for (size_t r = 0; r < m.nr_runs; r++) { \
		uint64_t pfn = RUN_PFN(m.runs[r]), n = RUN_COUNT(m.runs[r]), k; \
		m.page_operations += n; \
		if (RUN_ORDER(m.runs[r])) \
			f(place_of(pfn), who, n); \
		for (k = 0; k < n && !RUN_ORDER(m.runs[r]); k++) \
			f(place_of(pfn + k), who, 1); \
	} \
} while (0)

/* --- comparing ------------------------------------------------------------------------------ */

static void assert_call(const struct model_call *c)
{
	assert_int_equal(c->pin->nr, c->nr);
	assert_int_equal(c->pin->pins, c->pins);
	assert_int_equal(c->pin->left, c->left);
	assert_int_equal(c->pin->bytes, c->pages * sysconf(_SC_PAGESIZE));
	assert_int_equal(c->pin->released_ns, c->released_ns);
	assert_int_equal(c->pin->exited_ns, c->exited_ns);
}

static void assert_parts(const struct paired_part *parts, size_t nr)
{
	uint64_t last = 0;
	size_t i;

	for (i = 0; i < nr && parts[i].pin; i++) {
		struct model_call *c = parts[i].pin->data;

		assert_true(parts[i].pin->nr > last);
		last = parts[i].pin->nr;
		assert_int_equal(parts[i].pins, c->part);
		assert_int_equal(parts[i].guessed, c->guessed);
		assert_call(c);
	}
	if (i < nr) {
		assert_int_equal(parts[i].pins, m.unknown);
		assert_false(parts[i].guessed);
	}
}

struct seen {
	uint64_t last_nr, calls, pins, pages;
	uint64_t on[PLACES];
};

static void see_pages(uint64_t pfn, uint64_t pages, uint64_t pins, void *arg)
{
	struct seen *seen = arg;
	int place = place_of(pfn);

	if (order_of(place)) {
		assert_int_equal(pages, 1ULL << order_of(place));
		pages = 1;
	}
	while (pages--) {
		assert_int_equal(seen->on[place], 0);
		seen->on[place++] = pins;
	}
}

static void see_call(struct paired_pin *pin, void *arg)
{
	struct model_call *c = pin->data;
	struct seen *seen = arg;
	int i, k;

	assert_true(pin->nr > seen->last_nr);
	seen->last_nr = pin->nr;
	seen->calls++;
	seen->pins += c->left;
	seen->pages += c->pages;
	assert_call(c);
	memset(seen->on, 0, sizeof(seen->on));
	pairs__pages(m.pairs, pin, see_pages, seen);
	for (i = 0; i < PLACES; i++) {
		const struct place *at = &m.places[i];
		uint64_t want = 0;

		for (k = 0; k < at->nr; k++)
			if (at->has[k].call == c - m.calls)
				want = at->has[k].pins;
		assert_int_equal(seen->on[i], want);
	}
}

static void assert_all(void)
{
	struct pairs_sum sum = pairs__sum(m.pairs);
	struct seen seen = {};
	uint64_t calls = 0;
	int i;

	pairs__each(m.pairs, see_call, &seen);
	for (i = 0; i < LIVE; i++)
		calls += m.calls[i].left > 0;
	assert_int_equal(seen.calls, calls);
	assert_int_equal(sum.calls, calls);
	assert_int_equal(sum.pins, seen.pins);
	assert_int_equal(sum.bytes, seen.pages * sysconf(_SC_PAGESIZE));
}

/* --- what happens --------------------------------------------------------------------------- */

static void any_runs(void)
{
	size_t nr = 1 + below(7);

	for (m.nr_runs = 0; m.nr_runs < nr; m.nr_runs++) {
		int place = below(PLACES);
		uint64_t n = 1 + below(below(3) ? 3 : 131);

		if (place < SMALL && n > (uint64_t)(SMALL - place))
			n = SMALL - place;
		m.runs[m.nr_runs] = RUN_WORD(pfn_of(place), n, order_of(place));
	}
}

/* What a call still has, or some of it. */
static void runs_of(int call)
{
	bool all = below(2);
	int i, k;

	for (i = m.nr_runs = 0; i < PLACES; i++)
		for (k = 0; k < m.places[i].nr; k++) {
			uint64_t pins = order_of(i) ? m.places[i].has[k].pins : 1;

			if (m.places[i].has[k].call == call && (all || below(3)))
				m.runs[m.nr_runs++] = RUN_WORD(pfn_of(i), pins, order_of(i));
		}
}

static void some_pin(int call)
{
	struct model_call *c = &m.calls[call];

	any_runs();
	*c = (struct model_call){
		.nr = ++m.nr, .caller = m.processes[below(PROCESSES)],
		.owner = m.processes[below(PROCESSES)],
	};
	EACH_PLACE(model_pin, call);
	c->pin = pin(m.pairs, &c->caller, &c->owner, m.runs, m.nr_runs, m.time_ns);
	assert_non_null(c->pin);
	c->pin->data = c;
	assert_call(c);
}

static void some_unpin(int call)
{
	const struct process *by = &m.processes[below(PROCESSES)];
	uint16_t context = below(LEDGER_CONTEXTS);
	size_t want = 0;
	int i;

	if (call < 0)
		any_runs();
	else
		runs_of(call);
	for (i = 0; i < LIVE; i++)
		m.calls[i].part = m.calls[i].guessed = 0;
	m.unknown = 0;
	EACH_PLACE(model_unpin, context == IN_TASK ? by : NULL);
	for (i = 0; i < LIVE; i++)
		want += m.calls[i].part > 0;
	want += m.unknown > 0;
	assert_parts(unpin(m.pairs, by, context, m.runs, m.nr_runs, m.time_ns, want), want);
}

static void some_exit(void)
{
	struct process *who = &m.processes[below(PROCESSES)];
	int i;

	for (i = 0; i < LIVE; i++)
		if (m.calls[i].left && same(&m.calls[i].owner, who))
			m.calls[i].exited_ns = m.time_ns;
	ends(m.pairs, who, m.time_ns);
	who->start_ns = m.time_ns;
}

/* Now and then only: those without pins stay for a while. */
static void forget_some(void)
{
	int i;

	for (i = 0; i < LIVE; i++)
		if (m.calls[i].pin && !m.calls[i].left && !below(4)) {
			pairs__forget(m.pairs, m.calls[i].pin);
			m.calls[i].pin = NULL;
		}
}

static void random_calls(void **state)
{
	uint64_t steps;
	int i;

	m.pairs = pairs__new();
	m.random = 88172645463325252ULL;
	for (i = 0; i < PROCESSES; i++)
		m.processes[i] = (struct process){ 4001 + i / 2, i };
	for (steps = 0; m.page_operations < PAGE_OPERATIONS; steps++) {
		int call = below(LIVE);

		m.time_ns += 1 + below(1000);
		if (!m.calls[call].pin)
			some_pin(call);
		else if (below(31))
			some_unpin(below(3) ? call : -1);
		else
			some_exit();
		forget_some();
		if (steps % 127 == 0)
			assert_all();
	}
	assert_all();
	pairs__free(m.pairs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
