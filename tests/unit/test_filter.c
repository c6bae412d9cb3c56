// SPDX-License-Identifier: GPL-2.0
/* Which processes the filters want, and what is left of a snapshot for one cgroup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "filter.h"
#include "narrow.h"

static struct snap_proc process(pid_t pid, uid_t uid, const char *comm)
{
	struct snap_proc p = { .pid = pid, .uid = uid };

	strncpy(p.comm, comm, sizeof(p.comm) - 1);
	return p;
}

static void everybody_without_a_filter(void **state)
{
	struct snap_proc p = process(812, 3, "");
	struct filter f = {};
	char text[64];

	assert_false(filter_has_processes(&f));
	assert_true(filter_wants(&f, &p));
	assert_string_equal(filter_text(&f, text, sizeof(text)), "");
}

static void names(void **state)
{
	static const struct {
		const char *pattern, *comm;
		bool wanted;
	} cases[] = {
		{ "qemu", "qemu", true },
		{ "qemu", "qemu-kvm", false },
		{ "qemu", "Qemu", false },
		{ "qemu*", "qemu-kvm", true },
		{ "*kvm", "qemu-kvm", true },
		{ "q?mu", "qemu", true },
		{ "[pq]emu", "qemu", true },
		{ "[pq]emu", "[pq]emu", false },
		{ "\\[pq]emu", "[pq]emu", true },
		{ "*", "", true },
		{ "*", "a/b .c", true },
		/* The kernel keeps 15 bytes of a name. */
		{ "qemu-system-x86_64", "qemu-system-x86", true },
		{ "qemu-system-x86_64", "qemu-system-x8", false },
		{ "qemu-system-*_64", "qemu-system-x86", false },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct snap_proc p = process(1, 0, cases[i].comm);
		struct filter f = {};

		assert_true(filter_option(&f, 'c', cases[i].pattern));
		if (filter_wants(&f, &p) != cases[i].wanted)
			fail_msg("'%s' and '%s'", cases[i].pattern, cases[i].comm);
		filter_free(&f);
	}
}

static void one_of_each_kind(void **state)
{
	struct snap_proc p = process(getpid(), 3, "vpp");
	struct filter f = {};
	char pid[16], text[64], want[64];

	snprintf(pid, sizeof(pid), "%d", getpid());
	assert_true(filter_option(&f, 'p', pid));
	assert_true(filter_option(&f, 'p', pid));	/* twice is once */
	assert_int_equal(f.nr_pids, 1);
	assert_true(filter_option(&f, 'c', "qemu"));
	assert_false(filter_wants(&f, &p));
	assert_true(filter_option(&f, 'c', "vpp"));
	assert_true(filter_wants(&f, &p));
	assert_true(filter_option(&f, 'u', "3"));
	assert_true(filter_wants(&f, &p));
	p.uid = 4;
	assert_false(filter_wants(&f, &p));
	p.uid = 3;
	p.pid++;
	assert_false(filter_wants(&f, &p));
	assert_false(filter_option(&f, 'x', ""));
	snprintf(want, sizeof(want), "pid %d, name qemu or vpp, user ", getpid());
	assert_ptr_equal(strstr(filter_text(&f, text, sizeof(text)), want), text);
	/* No more than there is room for. */
	assert_int_equal(strlen(filter_text(&f, text, 6)), 5);
	filter_free(&f);
}

/* An open file is of the process that has it, whoever shares its memory. */
static void holders(void **state)
{
	struct snap_holder h = { .pid = getpid(), .uid = 3, .comm = "vpp" };
	struct filter f = {};
	char pid[16];

	assert_true(filter_wants_holder(&f, &h));
	assert_true(filter_option(&f, 'c', "qemu"));
	assert_false(filter_wants_holder(&f, &h));
	assert_true(filter_option(&f, 'c', "v*"));
	assert_true(filter_wants_holder(&f, &h));
	assert_true(filter_option(&f, 'u', "3"));
	snprintf(pid, sizeof(pid), "%d", getpid());
	assert_true(filter_option(&f, 'p', pid));
	assert_true(filter_wants_holder(&f, &h));
	h.uid = 4;
	assert_false(filter_wants_holder(&f, &h));
	h.uid = 3;
	h.pid++;
	assert_false(filter_wants_holder(&f, &h));
	filter_free(&f);
}

static void drivers(void **state)
{
	struct snap_proc p = process(812, 3, "vpp");
	struct filter f = {};
	char text[64];
	json_t *json;

	assert_true(filter_wants_driver(&f, "rdma"));
	assert_true(filter_wants_drivers(&f, NULL));
	assert_true(filter_option(&f, FILTER_DRIVER, "io_*"));
	assert_true(filter_option(&f, FILTER_DRIVER, "rdma"));
	assert_false(filter_has_processes(&f));
	assert_true(filter_wants_driver(&f, "rdma"));
	assert_false(filter_wants_driver(&f, "rdma2"));
	assert_true(filter_wants_driver(&f, "io_uring"));
	assert_false(filter_wants(&f, &p));
	p.drivers = (char *)"vfio, nvidia";
	assert_false(filter_wants(&f, &p));
	p.drivers = (char *)"vfio, rdma";
	assert_true(filter_wants(&f, &p));
	assert_true(filter_wants_drivers(&f, "io_uring"));
	assert_false(filter_wants_drivers(&f, ""));
	assert_string_equal(filter_text(&f, text, sizeof(text)), "driver io_* or rdma");
	assert_true(filter_option(&f, 'c', "vpp"));
	assert_string_equal(filter_text(&f, text, sizeof(text)), "name vpp, driver io_* or rdma");
	json = filter_drivers_json(&f);
	assert_int_equal(json_array_size(json), 2);
	json_decref(json);
	json = filter_json(&f);
	assert_string_equal(json_string_value(json_array_get(json_object_get(json, "comms"), 0)),
			    "vpp");
	json_decref(json);
	filter_free(&f);
}

/* Who shares the memory of an older process is found where that stands. */
static void sharers_stand_for_their_memory(void **state)
{
	struct mm_sharer sharer = { .pid = getpid(), .comm = "worker" };
	struct snap_proc p = process(1, 0, "main");
	struct filter f = {};
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	p.sharers = &sharer;
	p.nr_sharers = 1;
	filter_option(&f, 'p', pid);
	assert_true(filter_wants(&f, &p));
	filter_option(&f, 'c', "worker");
	assert_true(filter_wants(&f, &p));
	filter_free(&f);
	filter_option(&f, 'c', "other");
	assert_false(filter_wants(&f, &p));
	filter_free(&f);
}

static void below(void **state)
{
	assert_true(cgroup_is_below("/a", "/a"));
	assert_true(cgroup_is_below("/a/b", "/a"));
	assert_true(cgroup_is_below("/a/b/c", "/a/b"));
	assert_false(cgroup_is_below("/ab", "/a"));
	assert_false(cgroup_is_below("/", "/a"));
	assert_false(cgroup_is_below("/b/a", "/a"));
	assert_true(cgroup_is_below("/", "/"));
	assert_true(cgroup_is_below("/a", "/"));
	assert_false(cgroup_is_below("(none)", "/"));
	assert_false(cgroup_is_below("#12 (removed)", "/"));
}

static void narrowing(void **state)
{
	struct snap_cgroup groups[] = {
		{ 1, (char *)"/" }, { 2, (char *)"/a" }, { 3, (char *)"/a/b" },
		{ 4, (char *)"/ab" }, { 5, (char *)"#5 (removed)" },
	};
	struct pin_run runs[] = {
		{ .pfn = 10, .folios = 2, .pins = 1, .cgroup = 2 },
		{ .pfn = 20, .folios = 3, .pins = 1, .cgroup = 4 },
		{ .pfn = 30, .folios = 5, .pins = 1, .cgroup = 3 },
		{ .pfn = 40, .folios = 7, .pins = 2, .cgroup = 5 },
		{ .pfn = 50, .folios = 11, .pins = 1 },
		{ .pfn = 70, .folios = 13, .pins = 1, .kind = PIN_BIAS },
		{ .pfn = 90, .folios = 17, .pins = 1, .cgroup = 2 },
	};
	struct snapshot snap = { .runs = runs, .nr_runs = 7, .cgroups = groups, .nr_cgroups = 5,
				 .page_size = 4096 };

	assert_int_equal(narrow_to_cgroup(&snap, NULL), 0);
	assert_int_equal(snap.nr_runs, 7);
	assert_int_equal(snap.machine.pins, 2 + 3 + 5 + 14 + 11 + 17);
	memset(&snap.machine, 0, sizeof(snap.machine));
	assert_int_equal(narrow_to_cgroup(&snap, "/a"), 14);
	assert_int_equal(snap.machine.pins, 2 + 3 + 5 + 14 + 11 + 17);
	assert_int_equal(snap.nr_runs, 3);
	assert_int_equal(runs[0].pfn, 10);
	assert_int_equal(runs[1].pfn, 30);
	assert_int_equal(runs[2].pfn, 90);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_without_a_filter),
		cmocka_unit_test(names),
		cmocka_unit_test(one_of_each_kind),
		cmocka_unit_test(holders),
		cmocka_unit_test(drivers),
		cmocka_unit_test(sharers_stand_for_their_memory),
		cmocka_unit_test(below),
		cmocka_unit_test(narrowing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
