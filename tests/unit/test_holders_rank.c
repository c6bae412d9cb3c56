// SPDX-License-Identifier: GPL-2.0
/* Candidates for unmapped pins: the likeliest first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "holders_rank.h"

#define MOST 40

static struct snapshot snap;
static struct snap_holder holders[MOST];
static struct snap_unmapped part;

/* @bytes are unmapped, all of one kind, and there are no candidates yet. */
static void unmapped(uint64_t bytes)
{
	snap = (struct snapshot){ .holders = holders, .unmapped_by = &part, .nr_unmapped_by = 1 };
	part.sum.bytes = snap.unmapped.bytes = bytes;
}

static void holder(pid_t pid, const char *what, uint64_t buffers, uint64_t bytes)
{
	assert_true(snap.nr_holders < MOST);
	holders[snap.nr_holders++] = (struct snap_holder){
		.pid = pid, .what = (char *)what, .fds = 1, .buffers = buffers,
		.buffer_bytes = bytes,
	};
}

static void ring(pid_t pid, uint64_t bytes)
{
	holder(pid, "io_uring", 1, bytes);
}

/* Wants the candidates in this order. */
#define RANK(...) \
	rank((const pid_t[]){ __VA_ARGS__ }, sizeof((pid_t[]){ __VA_ARGS__ }) / sizeof(pid_t))
static void rank(const pid_t *pids, size_t nr)
{
	size_t i;

	holders_rank(&snap);
	assert_int_equal(nr, snap.nr_holders);
	for (i = 0; i < nr; i++)
		assert_int_equal(snap.holders[i].pid, pids[i]);
}

static void nobody(void **state)
{
	unmapped(4096);
	holders_rank(&snap);
}

static void the_size_that_fits_and_not_the_largest(void **state)
{
	pid_t pid;

	unmapped(503 * 4096);
	for (pid = 1; pid < MOST; pid++)
		ring(pid, (uint64_t)pid << 30);
	ring(812, 503 * 4096);
	holders_rank(&snap);
	assert_int_equal(snap.holders[0].pid, 812);
	assert_float_equal(snap.holders[0].fit, 1, 0);
	assert_int_equal(snap.holders[1].pid, 1);
}

/* Two of them hold parts: each fits its own, or the larger part is the likelier. */
static void of_a_part(void **state)
{
	struct snap_unmapped parts[2] = {
		{ .sum.bytes = 100 << 20 }, { .sum.bytes = 7 << 12 },
	};

	unmapped(parts[0].sum.bytes + parts[1].sum.bytes);
	snap.unmapped_by = parts;
	snap.nr_unmapped_by = 2;
	ring(1, 50 << 20);
	ring(2, 7 << 12);
	ring(3, 100 << 20);
	RANK(3, 2, 1);
}

/* A ring whose buffers the process still maps holds nothing of what is unmapped. */
static void without_what_is_mapped(void **state)
{
	struct mm_sharer sharer = { .pid = 5 };
	struct snap_proc procs[3] = {
		{ .pid = 1, .sum.bytes = 503 << 12 },
		{ .pid = 2, .sum.bytes = 1000 << 12 },
		{ .pid = 4, .sum.bytes = 503 << 12, .sharers = &sharer, .nr_sharers = 1 },
	};

	unmapped(503 << 12);
	snap.procs = procs;
	snap.nr_procs = 3;
	ring(1, 503 << 12);
	ring(2, 1503 << 12);
	ring(3, 400 << 12);
	ring(5, 503 << 12);
	holder(6, "/dev/vfio/12", 0, 0);
	holder(7, "io_uring", 0, 0);
	RANK(2, 3, 6, 1, 5, 7);
}

/* Of unknown size: behind what nearly fits, before what does not. */
static void of_unknown_size(void **state)
{
	unmapped(100 << 12);
	ring(1, 300 << 12);
	ring(2, 101 << 12);
	holder(4, "/dev/nvidia0", 0, 0);
	holder(3, "dma-buf", 0, 0);
	ring(5, 10 << 12);
	RANK(2, 3, 4, 1, 5);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody),
		cmocka_unit_test(the_size_that_fits_and_not_the_largest),
		cmocka_unit_test(of_a_part),
		cmocka_unit_test(without_what_is_mapped),
		cmocka_unit_test(of_unknown_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
