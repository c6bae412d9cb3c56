// SPDX-License-Identifier: GPL-2.0
/* Which pin call a release ends: by the pages; what is held then. */
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

/* The pages that a call holds, in a text: "pfn+pages*pins". */
static void add_pages(uint64_t pfn, uint64_t pages, uint64_t pins, void *arg)
{
	char *text = arg;

	sprintf(text + strlen(text), "%s%llu+%llu*%llu", *text ? " " : "", (unsigned long long)pfn,
		(unsigned long long)pages, (unsigned long long)pins);
}

static void assert_pages(const struct pairs *p, const struct paired_pin *pin, const char *want)
{
	char text[512] = "";

	pairs__pages(p, pin, add_pages, text);
	assert_string_equal(text, want);
}

/* --- one call ------------------------------------------------------------------------------ */

static void one_pair(void **state)
{
	struct pairs *p = pairs__new();
	struct paired_pin *a = pinned(p, &alice, RUNS(RUN_WORD(1009, 131, 0)));
	const struct paired_part *parts;

	assert_non_null(a);
	assert_int_equal(a->nr, 1);
	assert_int_equal(a->ev.time_ns, 100);
	assert_int_equal(a->ev.tgid, alice.tgid);
	assert_string_equal(a->ev.owner_comm, "owner");
	assert_int_equal(a->released_ns, 0);
	assert_pin(a, 131, 131, 131);
	assert_sum(p, 1, 131, 131);
	assert_pages(p, a, "1009+15*1 1024+64*1 1088+52*1");

	parts = released(p, RUNS(RUN_WORD(1009, 131, 0)), 1);
	assert_part(&parts[0], a, 131, false);
	assert_pin(a, 131, 0, 0);
	assert_int_equal(a->released_ns, 200);
	assert_pages(p, a, "");
	assert_sum(p, 0, 0, 0);
	pairs__forget(p, a);
	parts = released(p, RUNS(RUN_WORD(1009, 131, 0)), 1);
	assert_part(&parts[0], NULL, 131, false);
	pairs__free(p);
}

static void no_pins(void **state)
{
	struct pairs *p = pairs__new();
	struct paired_pin *a;

	assert_null(pinned(p, &alice, NULL, 0));
	assert_null(pinned(p, &alice, RUNS(RUN_WORD(7, 0, 0), RUN_WORD(512, 0, 9))));
	assert_sum(p, 0, 0, 0);
	released(p, NULL, 0, 0);
	a = pinned(p, &alice, RUNS(RUN_WORD(7, 1, 0)));
	assert_int_equal(a->nr, 1);
	released(p, RUNS(RUN_WORD(7, 0, 0), RUN_WORD(512, 0, 9)), 0);
	assert_pin(a, 1, 1, 1);
	pairs__free(p);
}

static void by_and_by(void **state)
{
	struct pairs *p = pairs__new();
	struct paired_pin *a = pinned(p, &alice, RUNS(RUN_WORD(50, 31, 0)));
	const struct paired_part *parts;

	parts = released(p, RUNS(RUN_WORD(53, 17, 0)), 1);
	assert_part(&parts[0], a, 17, false);
	assert_pin(a, 31, 14, 14);
	assert_sum(p, 1, 14, 14);
	assert_pages(p, a, "50+3*1 70+11*1");
	/* More than it has. */
	parts = released(p, RUNS(RUN_WORD(48, 13, 0), RUN_WORD(72, 41, 0)), 2);
	assert_part(&parts[0], a, 3 + 9, false);
	assert_part(&parts[1], NULL, 10 + 32, false);
	assert_pin(a, 31, 2, 2);
	assert_pages(p, a, "70+2*1");
	pairs__free(p);
}

static void newest_release(void **state)
{
	struct pairs *p = pairs__new();
	struct paired_pin *a = pinned(p, &alice, RUNS(RUN_WORD(11, 3, 0)));

	unpin(p, &alice, IN_TASK, RUNS(RUN_WORD(12, 1, 0)), 307, 1);
	unpin(p, &alice, IN_TASK, RUNS(RUN_WORD(11, 1, 0)), 293, 1);
	assert_int_equal(a->released_ns, 307);
	unpin(p, &alice, IN_TASK, RUNS(RUN_WORD(13, 1, 0)), 311, 1);
	assert_int_equal(a->released_ns, 311);
	pairs__free(p);
}

static void large_folio(void **state)
{
	struct pairs *p = pairs__new();
	struct paired_pin *a = pinned(p, &alice, RUNS(RUN_WORD(1024, 7, 9), RUN_WORD(512, 1, 4),
						      RUN_WORD(1024, 6, 9)));
	const struct paired_part *parts;

	assert_pin(a, 14, 14, 512 + 16);
	assert_pages(p, a, "1024+512*13 512+16*1");
	parts = released(p, RUNS(RUN_WORD(1024, 11, 9)), 1);
	assert_part(&parts[0], a, 11, false);
	assert_pin(a, 14, 3, 512 + 16);
	/* Other folios begin there as well, none of which is ours. */
	parts = released(p, RUNS(RUN_WORD(1024, 1, 0), RUN_WORD(1024, 1, 8), RUN_WORD(512, 1, 9)),
			 1);
	assert_part(&parts[0], NULL, 3, false);
	parts = released(p, RUNS(RUN_WORD(1024, 5, 9)), 2);
	assert_part(&parts[0], a, 2, false);
	assert_part(&parts[1], NULL, 3, false);
	assert_pin(a, 14, 1, 16);
	assert_sum(p, 1, 1, 16);
	pairs__free(p);
}

/* A call that is given the same address several times. */
static void page_pinned_often(void **state)
{
	struct pairs *p = pairs__new();
	struct paired_pin *a = pinned(p, &alice, RUNS(RUN_WORD(65, 3, 0), RUN_WORD(66, 1, 0),
						      RUN_WORD(66, 1, 0), RUN_WORD(64, 3, 0)));
	const struct paired_part *parts;

	assert_pin(a, 8, 8, 4);
	assert_pages(p, a, "64+1*1 67+1*1 66+1*4 65+1*2");
	parts = released(p, RUNS(RUN_WORD(64, 5, 0)), 2);
	assert_part(&parts[0], a, 4, false);
	assert_part(&parts[1], NULL, 1, false);
	assert_pin(a, 8, 4, 2);
	assert_pages(p, a, "66+1*3 65+1*1");
	parts = released(p, RUNS(RUN_WORD(65, 2, 0), RUN_WORD(66, 1, 0), RUN_WORD(66, 1, 0)), 1);
	assert_part(&parts[0], a, 4, false);
	assert_pin(a, 8, 0, 0);
	/* All of a block. */
	pairs__forget(p, a);
	a = pinned(p, &alice, RUNS(RUN_WORD(128, 64, 0), RUN_WORD(128, 64, 0)));
	assert_pin(a, 128, 128, 64);
	released(p, RUNS(RUN_WORD(128, 64, 0)), 1);
	assert_pin(a, 128, 64, 64);
	pairs__free(p);
}

/* --- several calls -------------------------------------------------------------------------- */

static void out_of_order(void **state)
{
	struct pairs *p = pairs__new();
	struct paired_pin *a = pinned(p, &alice, RUNS(RUN_WORD(3, 5, 0)));
	struct paired_pin *b = pinned(p, &alice, RUNS(RUN_WORD(11, 7, 0)));
	struct paired_pin *c = pinned(p, &bob, RUNS(RUN_WORD(19, 3, 0)));
	const struct paired_part *parts;

	parts = released(p, RUNS(RUN_WORD(19, 3, 0), RUN_WORD(3, 5, 0)), 2);
	assert_part(&parts[0], a, 5, false);
	assert_part(&parts[1], c, 3, false);
	pairs__forget(p, c);
	pairs__forget(p, a);
	parts = released(p, RUNS(RUN_WORD(11, 7, 0)), 1);
	assert_part(&parts[0], b, 7, false);
	pairs__forget(p, b);
	assert_sum(p, 0, 0, 0);
	pairs__free(p);
}

/* Each of two calls' pages by turns, one release. */
static void many_runs(void **state)
{
	enum { NR = 4099 };
	struct pairs *p = pairs__new();
	uint64_t runs[2][NR], both[2 * NR];
	const struct paired_part *parts;
	struct paired_pin *pins[2];
	size_t i;

	for (i = 0; i < NR; i++) {
		both[2 * i] = runs[0][i] = RUN_WORD(2 * i * 7, 1, 0);
		both[2 * i + 1] = runs[1][i] = RUN_WORD((2 * i + 1) * 7, 1, 0);
	}
	pins[0] = pinned(p, &alice, runs[0], NR);
	pins[1] = pinned(p, &bob, runs[1], NR);
	assert_sum(p, 2, 2 * NR, 2 * NR);
	parts = released(p, both, 2 * NR, 2);
	assert_part(&parts[0], pins[0], NR, false);
	assert_part(&parts[1], pins[1], NR, false);
	assert_sum(p, 0, 0, 0);
	pairs__free(p);
}

static void the_oldest(void **state)
{
	struct pairs *p = pairs__new();
	struct paired_pin *a = pinned(p, &alice, RUNS(RUN_WORD(100, 7, 0)));
	struct paired_pin *b = pinned(p, &bob, RUNS(RUN_WORD(102, 7, 0)));
	const struct paired_part *parts;

	assert_sum(p, 2, 14, 14);
	/* Nobody has pins on 109. */
	parts = released(p, RUNS(RUN_WORD(106, 4, 0)), 3);
	assert_part(&parts[0], a, 1, true);
	assert_part(&parts[1], b, 2, false);
	assert_part(&parts[2], NULL, 1, false);
	/* In an interrupt the task says nothing; nor does a stranger. */
	parts = unpin(p, &bob, IN_HARDIRQ, RUNS(RUN_WORD(105, 1, 0)), 200, 1);
	assert_part(&parts[0], a, 1, true);
	parts = unpin(p, &nobody, IN_TASK, RUNS(RUN_WORD(104, 1, 0)), 200, 1);
	assert_part(&parts[0], a, 1, true);
	parts = released(p, RUNS(RUN_WORD(104, 2, 0)), 1);
	assert_part(&parts[0], b, 2, false);
	pairs__free(p);
}

static void ones_own(void **state)
{
	const struct process later_bob = { bob.tgid, bob.start_ns + 1 };
	struct pairs *p = pairs__new();
	struct paired_pin *a = pinned(p, &alice, RUNS(RUN_WORD(100, 7, 0), RUN_WORD(512, 5, 9)));
	struct paired_pin *b = pin(p, &bob, &nobody, RUNS(RUN_WORD(100, 7, 0),
							  RUN_WORD(512, 3, 9)), 100);
	const struct paired_part *parts;

	parts = unpin(p, &bob, IN_TASK, RUNS(RUN_WORD(100, 1, 0), RUN_WORD(512, 1, 9)), 200, 1);
	assert_part(&parts[0], b, 2, true);
	/* The owner's is as good. */
	parts = unpin(p, &nobody, IN_TASK, RUNS(RUN_WORD(101, 1, 0), RUN_WORD(512, 1, 9)), 200, 1);
	assert_part(&parts[0], b, 2, true);
	/* Another process with its PID's is not. */
	parts = unpin(p, &later_bob, IN_TASK, RUNS(RUN_WORD(102, 1, 0), RUN_WORD(512, 1, 9)), 200,
		      1);
	assert_part(&parts[0], a, 2, true);
	/* What is more than its own is the other's. */
	parts = unpin(p, &bob, IN_TASK, RUNS(RUN_WORD(100, 3, 0), RUN_WORD(512, 3, 9)), 200, 2);
	assert_part(&parts[0], a, 2 + 2, true);
	assert_part(&parts[1], b, 1 + 1, true);
	parts = unpin(p, &bob, IN_TASK, RUNS(RUN_WORD(512, 7, 9)), 200, 2);
	assert_part(&parts[0], a, 2, false);
	assert_part(&parts[1], NULL, 5, false);
	pairs__free(p);
}

static void forgotten_early(void **state)
{
	struct pairs *p = pairs__new();
	struct paired_pin *a = pinned(p, &alice, RUNS(RUN_WORD(100, 7, 0), RUN_WORD(512, 5, 9)));
	struct paired_pin *b = pinned(p, &bob, RUNS(RUN_WORD(103, 2, 0)));
	const struct paired_part *parts;

	pairs__forget(p, a);
	assert_sum(p, 1, 2, 2);
	parts = released(p, RUNS(RUN_WORD(100, 7, 0), RUN_WORD(512, 5, 9)), 2);
	assert_part(&parts[0], b, 2, false);
	assert_part(&parts[1], NULL, 10, false);
	pairs__free(p);
	pairs__free(NULL);
}

/* A folio and the block in which it begins are not the same place, wherever that is. */
static void other_places(void **state)
{
	enum { NR = 1021 };
	struct pairs *p = pairs__new();
	uint64_t runs[NR], others[NR];
	const struct paired_part *parts;
	struct paired_pin *a;
	size_t i;

	for (i = 0; i < NR; i++) {
		runs[i] = RUN_WORD(i * 16384, 1, i % 2 ? 9 : 0);
		others[i] = RUN_WORD(i * 16384, 1, i % 2 ? 0 : 9);
	}
	a = pinned(p, &alice, runs, NR);
	parts = released(p, others, NR, 1);
	assert_part(&parts[0], NULL, NR, false);
	parts = released(p, runs, NR, 1);
	assert_part(&parts[0], a, NR, false);
	pairs__free(p);
}

/* By all calls; a page that one pins twice counts twice. */
static void pins_on_pages(void **state)
{
	struct pairs *p = pairs__new();
	const uint64_t far = (1ULL << 39) + 13;

	pinned(p, &alice, RUNS(RUN_WORD(100, 7, 0), RUN_WORD(104, 1, 0), RUN_WORD(512, 5, 9)));
	pinned(p, &bob, RUNS(RUN_WORD(104, 11, 0), RUN_WORD(512, 3, 9), RUN_WORD(far, 1, 0)));
	assert_int_equal(pairs__on(p, 99, 0), 0);
	assert_int_equal(pairs__on(p, 100, 0), 1);
	assert_int_equal(pairs__on(p, 104, 0), 3);
	assert_int_equal(pairs__on(p, 106, 0), 2);
	assert_int_equal(pairs__on(p, 114, 0), 1);
	assert_int_equal(pairs__on(p, 115, 0), 0);
	assert_int_equal(pairs__on(p, 512, 9), 8);
	assert_int_equal(pairs__on(p, 512, 0), 0);
	assert_int_equal(pairs__on(p, 512, 4), 0);
	assert_int_equal(pairs__on(p, far, 0), 1);
	released(p, RUNS(RUN_WORD(104, 2, 0), RUN_WORD(512, 2, 9)), 1);
	assert_int_equal(pairs__on(p, 104, 0), 2);
	assert_int_equal(pairs__on(p, 105, 0), 1);
	assert_int_equal(pairs__on(p, 512, 9), 6);
	pairs__free(p);
}

/* Only calls with pins on what is released, and only if they are several. */
static void shared_and_mixed(void **state)
{
	struct pairs *p = pairs__new();
	struct paired_pin *a = pinned(p, &alice, RUNS(RUN_WORD(100, 7, 0)));
	struct paired_pin *b = pinned(p, &alice, RUNS(RUN_WORD(104, 7, 0)));
	struct paired_pin *c = pinned(p, &bob, RUNS(RUN_WORD(109, 3, 0), RUN_WORD(512, 3, 9)));
	struct paired_pin *d = pinned(p, &alice, RUNS(RUN_WORD(512, 1, 9)));

	released(p, RUNS(RUN_WORD(100, 3, 0)), 1);
	assert_false(a->shared || b->shared || c->shared);
	released(p, RUNS(RUN_WORD(104, 1, 0)), 1);
	assert_true(a->shared && b->shared);
	assert_false(a->mixed || b->mixed || c->shared);
	released(p, RUNS(RUN_WORD(110, 1, 0)), 1);
	assert_true(b->mixed && c->mixed && c->shared);
	assert_false(a->mixed || d->shared);
	released(p, RUNS(RUN_WORD(512, 1, 9)), 1);
	assert_true(d->mixed && d->shared);
	pairs__free(p);
}

/* --- processes that end --------------------------------------------------------------------- */

static void exits(void **state)
{
	const struct process later = { bob.tgid, bob.start_ns + 1 };
	struct pairs *p = pairs__new();
	struct paired_pin *a = pinned(p, &alice, RUNS(RUN_WORD(3, 5, 0)));
	struct paired_pin *b = pinned(p, &bob, RUNS(RUN_WORD(11, 7, 0)));
	struct paired_pin *c = pin(p, &alice, &bob, RUNS(RUN_WORD(29, 3, 0)), 100);
	struct paired_pin *d = pin(p, &bob, &alice, RUNS(RUN_WORD(37, 3, 0)), 100);
	struct paired_pin *e = pinned(p, &bob, RUNS(RUN_WORD(41, 1, 0)));

	released(p, RUNS(RUN_WORD(41, 1, 0)), 1);
	ends(p, &nobody, 300);
	ends(p, &later, 301);
	assert_int_equal(b->exited_ns, 0);
	ends(p, &bob, 302);
	assert_int_equal(a->exited_ns, 0);
	assert_int_equal(b->exited_ns, 302);
	assert_int_equal(c->exited_ns, 302);
	assert_int_equal(d->exited_ns, 0);
	assert_int_equal(e->exited_ns, 0);
	assert_sum(p, 4, 18, 18);
	pairs__free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_pair),
		cmocka_unit_test(no_pins),
		cmocka_unit_test(by_and_by),
		cmocka_unit_test(newest_release),
		cmocka_unit_test(large_folio),
		cmocka_unit_test(page_pinned_often),
		cmocka_unit_test(out_of_order),
		cmocka_unit_test(many_runs),
		cmocka_unit_test(the_oldest),
		cmocka_unit_test(ones_own),
		cmocka_unit_test(forgotten_early),
		cmocka_unit_test(other_places),
		cmocka_unit_test(pins_on_pages),
		cmocka_unit_test(shared_and_mixed),
		cmocka_unit_test(exits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
