// SPDX-License-Identifier: GPL-2.0
/* How much memory it takes to remember pins. */
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

/* Here and there: each page takes a claim. What was released makes room for others. */
static void scattered(void **state)
{
	enum { NR = 16411 };
	struct pairs *p = pairs__new();
	const uint64_t page = RUN_WORD(64 * 5, 1, 0), before = pairs__sum(p).memory;
	struct paired_pin *a = pinned(p, &alice, &page, 1), *b = pinned(p, &bob, &page, 1), *c;
	const struct paired_part *parts;
	uint64_t runs[NR], memory = 0;
	size_t i;

	for (i = 0; i < NR; i++)
		runs[i] = RUN_WORD(i * 64 + 5, 1, 0);
	for (i = 0; i < 7; i++) {
		c = pinned(p, &alice, runs, NR);
		parts = released(p, runs, NR, 1);
		assert_part(&parts[0], c, NR, false);
		pairs__forget(p, c);
		if (!i)
			memory = pairs__sum(p).memory;
		assert_int_equal(pairs__sum(p).memory, memory);
	}
	assert_true(memory - before < NR * 128);
	/* Still the oldest first. */
	parts = released(p, &page, 1, 1);
	assert_part(&parts[0], a, 1, true);
	parts = released(p, &page, 1, 1);
	assert_part(&parts[0], b, 1, false);
	pairs__free(p);
}

static void in_a_row(void **state)
{
	struct pairs *p = pairs__new();
	const uint64_t before = pairs__sum(p).memory;
	uint64_t runs[31], i;
	struct paired_pin *a;

	for (i = 0; i < 31; i++)
		runs[i] = RUN_WORD(7 + i * RUN_MAX_COUNT, RUN_MAX_COUNT, 0);
	a = pinned(p, &alice, runs, 31);
	assert_pin(a, 31 * RUN_MAX_COUNT, 31 * RUN_MAX_COUNT, 31 * RUN_MAX_COUNT);
	assert_true(pairs__sum(p).memory - before < 31 * RUN_MAX_COUNT * 2);
	released(p, runs, 31, 1);
	assert_sum(p, 0, 0, 0);
	pairs__free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scattered),
		cmocka_unit_test(in_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
