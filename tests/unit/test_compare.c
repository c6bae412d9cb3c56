// SPDX-License-Identifier: GPL-2.0
/* The ledger held against the kernel's counters: what is believed, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "compare.h"

#define PATIENCE 10000		/* comparisons, of some milliseconds at least */

/* A made-up kernel and ledger: these stand in for the library's functions. */
static struct vmstat_pins kernel;
static struct ledger_totals totals;
static int64_t in_ledger;
static uint64_t extra, taken;

int vmstat_refresh(void)
{
	return 0;
}

int vmstat_read(struct vmstat_pins *out)
{
	*out = kernel;
	return 0;
}

const struct ledger_totals *ledger__totals(const struct ledger *l)
{
	(void)l;
	return &totals;
}

int64_t ledger__in_flight(const struct ledger *l)
{
	(void)l;
	return in_ledger;
}

uint64_t ledger__acquired(const struct ledger *l)
{
	(void)l;
	return taken;
}

uint64_t ledger__extra(const struct ledger *l)
{
	(void)l;
	return extra;
}

uint64_t ledger__calls_under_way(const struct ledger *l)
{
	(void)l;
	return totals.begun - totals.ended;
}

static int setup(void **state)
{
	static struct comparer c;

	memset(&c, 0, sizeof(c));
	memset(&totals, 0, sizeof(totals));
	memset(&kernel, 0, sizeof(kernel));
	in_ledger = 0;
	extra = taken = 0;
	*state = &c;
	return 0;
}

static void both(int64_t pins)
{
	kernel.in_flight += pins;
	in_ledger += pins;
}

static struct compared run(struct comparer *c, bool sound)
{
	struct vmstat_pins now;

	return comparer__run(c, NULL, sound, false, &now);
}

static void same(struct comparer *c)
{
	struct compared res = run(c, true);

	assert_true(res.known);
	assert_false(res.differs);
	assert_int_equal(res.difference, 0);
}

static void differs(struct comparer *c, int64_t by)
{
	struct compared res = run(c, true);

	assert_true(res.known && res.differs);
	assert_int_equal(res.difference, by);
}

static void they_agree(void **state)
{
	both(1009);
	same(*state);
	assert_int_equal(run(*state, true).drift, 0);
	kernel.in_flight += 7;
	differs(*state, 7);
	in_ledger += 7;
	same(*state);
}

/* Inside a call the kernel takes and gives back, before it takes for good. */
static void tries_again(void **state)
{
	kernel.acquired = 100003;
	taken = 13;
	same(*state);
	assert_int_equal(run(*state, true).retried, 0);
	kernel.acquired += 2 * 1009;
	kernel.released += 1009;
	taken += 1009;
	both(1009);
	same(*state);
	assert_int_equal(run(*state, true).retried, 1009);
	/* What only the ledger has seen being taken, and the kernel given back. */
	extra = 22;
	taken += 22;
	kernel.in_flight -= 22;
	same(*state);
	assert_int_equal(run(*state, true).retried, 1009);
	/* Not while they differ. */
	kernel.in_flight += 3;
	kernel.acquired += 3;
	assert_int_equal(run(*state, true).retried, 1009);
}

/* Found at the start: it is believed when memory has shown that the ledger is right. */
static void drift_at_first(void **state)
{
	struct compared res;

	both(13);
	kernel.in_flight -= 1506;
	res = run(*state, true);
	assert_true(res.differs && !res.known);
	/* Pins had to be changed: they may have been the wrong ones. */
	comparer__in_line(*state, false);
	res = run(*state, true);
	assert_true(res.differs && !res.known);
	comparer__in_line(*state, true);
	same(*state);
	assert_int_equal(run(*state, true).drift, -1506);
	/* And what the kernel does not count from then on. */
	extra = 22;
	kernel.in_flight -= 22;
	same(*state);
	assert_int_equal(run(*state, true).extra, 22);
}

/* Pins that nobody has stand in the ledger: no drift, whatever was thought before. */
static void phantoms(void **state)
{
	struct compared res;

	in_ledger = 1536;
	assert_false(run(*state, true).known);
	/* Nothing was found to change, but in the middle of it more came: not the same. */
	in_ledger += 2;
	comparer__in_line(*state, true);
	assert_false(run(*state, true).known);
	in_ledger = 0;
	comparer__in_line(*state, false);
	same(*state);

	/* Hidden when memory was looked at, so that it is believed; found later. */
	in_ledger = 1536;
	differs(*state, -1536);
	comparer__in_line(*state, true);
	same(*state);
	in_ledger = 0;
	comparer__in_line(*state, false);
	res = run(*state, true);
	assert_true(res.known && !res.differs);
	assert_int_equal(res.drift, 0);
}

/* What drifts on is learnt again each time. */
static void drifts_on(void **state)
{
	int i;

	same(*state);
	for (i = 1; i < 4; i++) {
		kernel.in_flight -= 11;
		differs(*state, -11);
		comparer__in_line(*state, true);
		same(*state);
		assert_int_equal(run(*state, true).drift, -11 * i);
	}
}

/* Where something may have been missed since memory was looked at, nothing is believed. */
static void in_doubt(void **state)
{
	same(*state);
	kernel.in_flight -= 11;
	differs(*state, -11);
	comparer__in_line(*state, true);
	assert_true(run(*state, false).differs);
	differs(*state, -11);
	comparer__in_line(*state, true);
	same(*state);
}

/* While a call is under way nothing is known; of one whose end was missed that is found out. */
static void stuck(void **state)
{
	struct vmstat_pins now;
	int i;

	same(*state);
	totals.begun++;
	assert_false(run(*state, true).known);
	for (i = 0; i < PATIENCE; i++) {
		kernel.acquired++;	/* it pins on */
		if (i > 300)
			break;
		assert_false(comparer__run(*state, NULL, true, true, &now).known);
	}
	for (i = 0; i < PATIENCE; i++)
		if (comparer__run(*state, NULL, true, true, &now).known)
			break;
	assert_true(i < PATIENCE);
	/* The task goes on, with another call: that one is under way. */
	totals.ended++;
	totals.lost[LOST_EXIT]++;
	totals.begun++;
	assert_false(run(*state, true).known);
	totals.ended++;
	same(*state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(they_agree, setup),
		cmocka_unit_test_setup(tries_again, setup),
		cmocka_unit_test_setup(drift_at_first, setup),
		cmocka_unit_test_setup(phantoms, setup),
		cmocka_unit_test_setup(drifts_on, setup),
		cmocka_unit_test_setup(in_doubt, setup),
		cmocka_unit_test_setup(stuck, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
