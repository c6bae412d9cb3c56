// SPDX-License-Identifier: GPL-2.0
/*
 * What pintrace shows and what it says it has lost is together what there was,
 * however slowly it reads: the tracer's programs, its buffer and its views, fed
 * with made-up calls.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "feed_world.h"

#define SMALL (64U << 10)
#define LARGE (4U << 20)

/* Exact, in calls and in pins; @lost: something must have been, or must not. */
static void check(struct feed *f, uint64_t pairs, uint64_t pins, bool lost)
{
	struct trace_health h;
	int i;

	feed_end(f, &h);
	assert_int_equal(h.totals.calls, pairs);
	assert_int_equal(h.totals.releases, pairs);
	assert_int_equal(h.totals.pinned, pins);
	assert_int_equal(h.totals.released, pins);
	assert_int_equal(f->shown_calls + h.totals.dropped_calls, pairs);
	assert_int_equal(f->shown_releases + h.totals.dropped_releases, pairs);
	assert_int_equal(f->shown_pins + h.totals.dropped_pins, pins);
	assert_int_equal(f->shown_unpins + h.totals.dropped_unpins, pins);
	for (i = 0; i < LOST_CAUSES; i++)
		assert_int_equal(h.lost[i], 0);
	assert_true(!lost == !h.totals.dropped_calls);
	assert_true(f->shown_calls > 0);
}

static void keeps_up(void **state)
{
	struct feed f;
	uint64_t i;

	feed_open(&f, LARGE, 1);
	f.threads[0].nr = 13;
	for (i = 0; i < 20011; i++) {
		feed_pair(&f, 0, i);
		if (i % 997 == 0)
			feed_read(&f);
	}
	feed_read(&f);
	assert_int_equal(f.threads[0].pairs, 20011);
	check(&f, 20011, 20011 * 13, false);
	feed_close(&f);
}

/* One that does not read while the buffer is filled many times over, now and then. */
static void slow_reader(void **state)
{
	/* In one record, and in several: each page by itself. */
	static const struct {
		uint32_t nr, stride;
	} cases[] = { { 13, 1 }, { 167, 3 } };
	struct feed f;
	uint64_t i;
	size_t k;

	for (k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		feed_open(&f, SMALL, cases[k].stride);
		f.threads[0].nr = cases[k].nr;
		for (i = 0; i < 5003; i++) {
			feed_pair(&f, 0, i);
			if (i % 1009 == 1008)
				feed_read(&f);
		}
		feed_read(&f);
		check(&f, 5003, 5003ULL * cases[k].nr, true);
		feed_close(&f);
	}
}

/* The lines that are there, and pages in them that were released. */
static uint64_t count(const char *text, const char *what)
{
	uint64_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static uint64_t unpinned(const char *text)
{
	uint64_t n = 0;

	for (; (text = strstr(text, " unpin ")); text++)
		n += strtoull(text + 7, NULL, 10);
	return n;
}

/* The lines of a trace with losses are of what there was, no more and no fewer. */
static void lines(void **state)
{
	const struct trace_view_opts opts = { .each_release = true };
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);
	struct feed f;
	uint64_t i;

	assert_non_null(out);
	feed_open(&f, SMALL, 1);
	feed_show(&f, view_text(out, &opts));
	f.threads[0].nr = 13;
	for (i = 0; i < 3001; i++) {
		feed_pair(&f, 0, i);
		if (i % 499 == 498)
			feed_read(&f);
	}
	feed_read(&f);
	check(&f, 3001, 3001 * 13, true);
	fclose(out);
	assert_int_equal(count(text, "pin_user_pages_fast("), f.shown_calls);
	assert_int_equal(unpinned(text), f.shown_unpins);
	free(text);
	feed_close(&f);
}

/* --failed: memfd_pin_folios() with room for more folios than there are has given all. */
static void gave_less(void **state)
{
	static const struct {
		uint64_t function, wanted, told;
	} cases[] = {
		{ GUP_pin_user_pages_fast, 13, 0 }, { GUP_pin_user_pages_fast, 17, 1 },
		{ GUP_memfd_pin_folios, 13, 0 }, { GUP_memfd_pin_folios, 17, 0 },
		{ GUP_pin_user_pages_remote, 17, 1 },
	};
	struct trace_health h;
	uint64_t told = 0;
	struct feed f;
	size_t i;

	feed_open_failed(&f, LARGE, 1);
	f.threads[0].nr = 13;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f.threads[0].function = cases[i].function;
		f.threads[0].wanted = cases[i].wanted;
		feed_pair(&f, 0, i);
		feed_read(&f);
		told += cases[i].told;
		assert_int_equal(f.shown_calls, told);
	}
	feed_end(&f, &h);
	assert_int_equal(h.totals.filtered, i - told);
	feed_close(&f);
}

/* --- several at once -------------------------------------------------------------------------- */

static struct feed shared;
static atomic_int running;

static void *produce(void *arg)
{
	uint32_t thread = (uint32_t)(uintptr_t)arg;
	uint64_t i;

	for (i = 0; i < 4001; i++)
		feed_pair(&shared, thread, i);
	atomic_fetch_sub(&running, 1);
	return NULL;
}

static void threads(void **state)
{
	pthread_t ids[FEED_THREADS];
	uint64_t pairs = 0, pins = 0;
	struct trace_health h;
	uint32_t i;

	feed_open(&shared, SMALL, 3);
	atomic_store(&running, FEED_THREADS);
	for (i = 0; i < FEED_THREADS; i++) {
		shared.threads[i].nr = 1 + 58 * i;
		assert_int_equal(pthread_create(&ids[i], NULL, produce, (void *)(uintptr_t)i), 0);
	}
	while (atomic_load(&running))
		feed_read(&shared);
	for (i = 0; i < FEED_THREADS; i++) {
		pthread_join(ids[i], NULL);
		pairs += shared.threads[i].pairs;
		pins += shared.threads[i].pins;
	}
	feed_read(&shared);
	assert_int_equal(pairs, FEED_THREADS * 4001);
	feed_end(&shared, &h);
	assert_int_equal(shared.shown_calls + h.totals.dropped_calls, pairs);
	assert_int_equal(shared.shown_releases + h.totals.dropped_releases, pairs);
	assert_int_equal(shared.shown_pins + h.totals.dropped_pins, pins);
	assert_int_equal(shared.shown_unpins + h.totals.dropped_unpins, pins);
	feed_close(&shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_up),
		cmocka_unit_test(slow_reader),
		cmocka_unit_test(lines),
		cmocka_unit_test(gave_less),
		cmocka_unit_test(threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
