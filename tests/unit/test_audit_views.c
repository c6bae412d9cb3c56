// SPDX-License-Identifier: GPL-2.0
/* How violations are shown: as text, in pintrace's lines of JSON, in pinleak's looks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "leak_audit.h"
#include "trace_world.h"
#include "vec.h"

/* Pages of a call that are released twice. */
static void show_over_unpin(struct trace_world *w)
{
	struct trace_event pin = world_call(1000, 13, 13), release = world_release(5000, 13);
	struct audit_violation v = {
		.rule = AUDIT_OVER_UNPIN, .time_ns = release.time_ns, .pins = 13,
		.what = "13 pins released that had been released before", .pin = &pin, .nr = 1,
		.release = &release,
	};
	struct shown_violation shown = {
		.v = &v, .site = &w->sites[AT_URING], .release_site = &w->sites[AT_VFIO],
		.ustack = &w->ustack,
	};

	w->view->ops->violation(w->view, &shown);
}

/* In an interrupt; nobody knows who got them. */
static void show_wrong_release(struct trace_world *w)
{
	struct trace_event release = world_release(6000, 7);
	struct audit_violation v = {
		.rule = AUDIT_WRONG_RELEASE, .time_ns = release.time_ns, .pins = 7,
		.what = "7 pins released from pages that carry none", .release = &release,
	};
	struct shown_violation shown = {
		.v = &v, .site = &w->sites[AT_NOWHERE], .release_site = &w->sites[AT_EVIL],
	};

	release.context = IN_SOFTIRQ;
	w->view->ops->violation(w->view, &shown);
}

/* A call that gave nothing, for another process. */
static void show_failed(struct trace_world *w)
{
	struct trace_event pin = world_call(2000, 13, -12);
	struct audit_violation v = {
		.rule = AUDIT_FAILED_LEFT, .time_ns = BEGAN + 3 * SECOND, .pins = 5,
		.what = "5 pins of no call", .pin = &pin,
	};
	struct shown_violation shown = {
		.v = &v, .site = &w->sites[AT_URING], .release_site = &w->sites[AT_NOWHERE],
	};

	pin.owner = 99;
	w->view->ops->violation(w->view, &shown);
}

static void show_all(struct trace_world *w)
{
	show_over_unpin(w);
	show_wrong_release(w);
	show_failed(w);
}

static void text(void **state)
{
	const struct trace_view_opts opts = { .user_stacks = true };
	struct trace_world w;

	world_open(&w, view_violations, &opts);
	show_all(&w);
	fflush(w.out);
	assert_string_equal(w.text,
		"violation of over-unpin: 13 pins released that had been released before\n"
		"    pinned: 7331 fio-worker pin_user_pages_fast(0x7f0000001000, 13, "
		"FOLL_WRITE|FOLL_LONGTERM) = 13 io_uring #1\n"
		"        pin_user_pages_fast+0x1b/0x90\n"
		"        io_pin_pages+0x6f/0x150\n"
		"        do_syscall_64+0x5d/0xf0\n"
		"        io_uring_register_buffers+0x21 (liburing.so.2)\n"
		"        run<int (*)(char)>::main;+0x7 (fio)\n"
		"        libc.so.6+0x29d8f\n"
		"    released: 88 kworker/3:1 unpin_user_pages of 13\n"
		"        vfio_pin_pages_remote+0x12/0x80 [vfio_iommu_type1]\n"
		"violation of wrong-release: 7 pins released from pages that carry none\n"
		"    released: softirq unpin_user_pages of 7\n"
		"        evil;?\"+0x12/0x34 [m?]\n"
		"        0xffffffff81000012\n"
		"violation of failed-call-left-pins: 5 pins of no call\n"
		"    pinned: 7331 fio-worker pin_user_pages_fast(0x7f0000001000, 13, "
		"FOLL_WRITE|FOLL_LONGTERM) = -ENOMEM (Cannot allocate memory) io_uring of 99 fio\n"
		"        pin_user_pages_fast+0x1b/0x90\n"
		"        io_pin_pages+0x6f/0x150\n"
		"        do_syscall_64+0x5d/0xf0\n");
	world_close(&w);
}

/* With AUDIT_SAMPLES, in that folder: for the test of the schema. */
static FILE *sample(const char *name)
{
	const char *folder = getenv("AUDIT_SAMPLES");
	char *file = xasprintf("%s/%s", folder ? folder : "/dev", folder ? name : "null");
	FILE *out = fopen(file, "w");

	assert_non_null(out);
	free(file);
	return out;
}

static void lines(void **state)
{
	const struct trace_view_opts opts = { .user_stacks = true };
	FILE *out = sample("pintrace.json");
	struct trace_world w;

	world_open(&w, view_json, &opts);
	show_all(&w);
	fflush(w.out);
	assert_non_null(strstr(w.text, "\"rule\":\"over-unpin\",\"pins\":13,"));
	assert_non_null(strstr(w.text, "\"pinned\":null,\"released\":{\"time_ns\":"));
	assert_non_null(strstr(w.text, "\"context\":\"softirq\",\"pid\":null,"));
	assert_non_null(strstr(w.text, "\"error\":\"ENOMEM\""));
	fputs(w.text, out);
	assert_int_equal(fclose(out), 0);
	world_close(&w);
}

static struct trace_view *view_kept(FILE *out, const struct trace_view_opts *opts)
{
	return leak_audit_view(opts);
}

static json_t *taken(struct trace_world *w, size_t nr)
{
	json_t *list = leak_audit_violations(w->view);

	assert_int_equal(json_array_size(list), nr);
	return list;
}

/* Each is told in one look. */
static void looks(void **state)
{
	const struct trace_view_opts opts = { .kernel_stacks = true, .user_stacks = true };
	FILE *out = sample("pinleak.json");
	struct trace_world w;
	json_t *list, *o;

	world_open(&w, view_kept, &opts);
	json_decref(taken(&w, 0));
	show_all(&w);
	list = taken(&w, 3);
	json_decref(taken(&w, 0));
	o = json_array_get(list, 0);
	assert_string_equal(json_string_value(json_object_get(o, "rule")), "over-unpin");
	o = json_object_get(json_object_get(o, "pinned"), "user_stack");
	assert_int_equal(json_array_size(o), 3);
	json_dumpf(list, out, JSON_COMPACT);
	assert_int_equal(fclose(out), 0);
	json_decref(list);
	show_failed(&w);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text),
		cmocka_unit_test(lines),
		cmocka_unit_test(looks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
