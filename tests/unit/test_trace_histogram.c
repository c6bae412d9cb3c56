// SPDX-License-Identifier: GPL-2.0
/* Histograms of durations: how exact they are, and how they are drawn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "trace_histogram.h"

static struct histogram *filled(const uint64_t *ns, size_t nr)
{
	struct histogram *h = calloc(1, sizeof(*h));
	size_t i;

	for (i = 0; i < nr; i++)
		histogram_add(h, ns[i]);
	return h;
}

static void empty(void **state)
{
	struct histogram *h = filled(NULL, 0);
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(histogram_percentile(h, 0), 0);
	assert_int_equal(histogram_percentile(h, 50), 0);
	assert_int_equal(histogram_percentile(h, 100), 0);
	histogram_draw(h, out);
	fclose(out);
	assert_string_equal(text, "");
	free(text);
	free(h);
}

/* Of two durations the shorter is the median: what is told of it is what comes back. */
static uint64_t told(uint64_t ns)
{
	uint64_t both[] = { ns, UINT64_MAX };
	struct histogram *h = filled(both, 2);
	uint64_t p50 = histogram_percentile(h, 50);

	assert_true(histogram_percentile(h, 100) == UINT64_MAX);
	free(h);
	return p50;
}

static void error_of(uint64_t ns)
{
	uint64_t got = told(ns), off = got > ns ? got - ns : ns - got;

	assert_true(off <= ns / 64);
}

static void exact_within_a_64th(void **state)
{
	uint64_t ns, state64 = 20011;
	unsigned int i, bit;

	for (ns = 0; ns < 64; ns++)
		assert_int_equal(told(ns), ns);
	for (; ns < 5003; ns++)
		error_of(ns);
	for (bit = 6; bit < 64; bit++) {
		error_of(1ull << bit);
		error_of((1ull << bit) - 1);
		error_of((1ull << bit) + 1);
		error_of(1ull << bit | 1ull << (bit - 1));
	}
	for (i = 0; i < 5003; i++) {
		state64 = state64 * 6364136223846793005ull + 1442695040888963407ull;
		error_of(state64 >> i % 57);
	}
	error_of(UINT64_MAX);
}

static void percentiles(void **state)
{
	uint64_t ns[63];
	struct histogram *h;
	size_t i;

	for (i = 0; i < 63; i++)
		ns[i] = 62 - i;
	h = filled(ns, 63);
	assert_int_equal(h->nr, 63);
	assert_int_equal(histogram_percentile(h, 0), 0);
	assert_int_equal(histogram_percentile(h, 1), 0);
	assert_int_equal(histogram_percentile(h, 2), 1);
	assert_int_equal(histogram_percentile(h, 50), 31);
	assert_int_equal(histogram_percentile(h, 98), 61);
	assert_int_equal(histogram_percentile(h, 99), 62);
	assert_int_equal(histogram_percentile(h, 100), 62);
	free(h);
}

/* The middle of a bucket may lie beyond the longest: never say that. */
static void never_beyond_the_longest(void **state)
{
	uint64_t ns[] = { 1 << 20, 1 << 20, 1 << 20 };
	struct histogram *h = filled(ns, 3);

	assert_int_equal(histogram_percentile(h, 50), 1 << 20);
	assert_int_equal(histogram_percentile(h, 99), 1 << 20);
	free(h);
}

static void merged(void **state)
{
	uint64_t low[] = { 1, 2, 3 }, high[] = { 11, 13, 61, 59 };
	struct histogram *h = filled(low, 3), *from = filled(high, 4);

	histogram_merge(h, from);
	assert_int_equal(h->nr, 7);
	assert_int_equal(h->max, 61);
	assert_int_equal(histogram_percentile(h, 50), 11);
	assert_int_equal(histogram_percentile(h, 42), 3);
	histogram_merge(from, h);
	assert_int_equal(from->nr, 11);
	assert_int_equal(from->max, 61);
	free(h);
	free(from);
}

static void assert_drawn(const uint64_t *ns, size_t nr, const char *want)
{
	struct histogram *h = filled(ns, nr);
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	histogram_draw(h, out);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
	free(h);
}

static void drawn(void **state)
{
	static const uint64_t zero[] = { 0 };
	static const uint64_t longest[] = { UINT64_MAX };
	static const uint64_t some[] = { 511, 512, 600, 1023, 700, 4096, 8191 };
	uint64_t many[101];
	size_t i;

	assert_drawn(zero, 1,
		"[0ns, 1ns)                  1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n");
	assert_drawn(some, 7,
		"[256ns, 512ns)              1 |@@@@@@@@@@                              |\n"
		"[512ns, 1.02us)             4 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
		"[1.02us, 2.05us)            0 |                                        |\n"
		"[2.05us, 4.10us)            0 |                                        |\n"
		"[4.10us, 8.19us)            2 |@@@@@@@@@@@@@@@@@@@@                    |\n");
	/* Little is not nothing. */
	many[0] = 5;
	for (i = 1; i < 101; i++)
		many[i] = 3;
	assert_drawn(many, 101,
		"[2ns, 4ns)                100 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
		"[4ns, 8ns)                  1 |@                                       |\n");
	assert_drawn(longest, 1,
		"[106751d23h, 213503d23h)          1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),
		cmocka_unit_test(exact_within_a_64th),
		cmocka_unit_test(percentiles),
		cmocka_unit_test(never_beyond_the_longest),
		cmocka_unit_test(merged),
		cmocka_unit_test(drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
