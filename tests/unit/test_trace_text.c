// SPDX-License-Identifier: GPL-2.0
/* A trace as lines of text: each call and each release, its time, its stacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "trace_format.h"
#include "trace_world.h"

#define FAST(pages) "pin_user_pages_fast(0x7f0000001000, " pages ", FOLL_WRITE|FOLL_LONGTERM)"

static const struct trace_view_opts plain;

/* What is still held at the end is a test's own. */
static void assert_ends(struct trace_world *w, const char *want)
{
	char *text = strdup(world_end(w, 9000000)), *held = *text == '#' ? text : strstr(text, "\n#");

	if (held)
		held[*held == '\n'] = '\0';
	assert_string_equal(text, want);
	free(text);
	world_close(w);
}

static void what_is_still_held(void **state)
{
	struct trace_event ev = world_call(0, 509, 509);
	struct trace_world w;
	int i;

	world_open(&w, view_text, &plain);
	world_pin(&w, &ev, 0x1000);
	ev = world_release(100, 508);
	world_unpin(&w, &ev, 0x1000);
	ev = world_call(200, 13, 13);
	ev.tgid = FILTERED;
	world_pin(&w, &ev, 0x2000);
	ev = world_call(0, 7, 7);
	for (i = 0; i < 21; i++)
		world_pin(&w, &ev, 0x3000 + i * 7);
	assert_non_null(strstr(world_end(&w, 9000000),
			       "\n#1 (fio, io_uring) still holds 1 pin, 4.0K, after 9.00s\n#3 (fio, "
			       "io_uring) still holds 7 pins, 28.0K, after 9.00s\n#4 "));
	assert_non_null(strstr(w.text, "\n2 more still hold pins; -c sums up\n"));
	assert_null(strstr(w.text, "\n#2 "));
	world_close(&w);
}

/* --- calls -------------------------------------------------------------------------------- */

static void what_calls_give(void **state)
{
	struct trace_event ev = world_call(123, 509, 509);
	struct trace_world w;

	world_open(&w, view_text, &plain);
	world_pin(&w, &ev, 0x1000);
	ev = world_call(200, 509, 311);
	ev.begun_ns = 0;
	ev.flags = 0;
	ev.tid = ev.tgid;
	world_pin(&w, &ev, 0x2000);
	ev = world_call(300, 509, -12);
	world_pin(&w, &ev, 0);
	ev = world_call(400, 509, 0);
	world_pin(&w, &ev, 0);
	ev = world_call(500, 509, -512);
	world_pin(&w, &ev, 0);
	ev = world_call(600, 509, 509);
	ev.pins = 499;
	ev.flags = WRITE | 0x4000;
	world_pin(&w, &ev, 0x3000);
	assert_ends(&w,
		"7331/7335 fio-worker " FAST("509") " = 509 <12.3us>     io_uring #1\n"
		"7331      fio-worker pin_user_pages_fast(0x7f0000001000, 509, 0)     "
		"                   = 311 of 509       io_uring #2\n"
		"7331/7335 fio-worker " FAST("509") " = -ENOMEM (Cannot allocate "
		"memory) <12.3us> io_uring\n"
		"7331/7335 fio-worker " FAST("509") " = 0 of 509 <12.3us> io_uring\n"
		"7331/7335 fio-worker " FAST("509") " = -512 <12.3us>    io_uring\n"
		"7331/7335 fio-worker pin_user_pages_fast(0x7f0000001000, 509, "
		"FOLL_WRITE|0x4000)        = 509 (499 pinned) <12.3us> io_uring #3\n");
}

static void whose_memory(void **state)
{
	struct trace_event ev = world_call(0, 7, 7);
	struct trace_world w;

	world_open(&w, view_text, &plain);
	ev.function = GUP_pin_user_pages_remote;
	ev.site = AT_VFIO;
	ev.tgid = ev.tid = 41;
	ev.owner = 812;
	strcpy(ev.owner_comm, "qemu-system-x86");
	world_pin(&w, &ev, 0x1000);
	ev.owner = 0;
	world_pin(&w, &ev, 0x2000);
	assert_ends(&w,
		"41 fio-worker pin_user_pages_remote(0x7f0000001000, 7, "
		"FOLL_WRITE|FOLL_LONGTERM) of 812 qemu-system-x86 = 7 <12.3us>       vfio #1\n"
		"41 fio-worker pin_user_pages_remote(0x7f0000001000, 7, "
		"FOLL_WRITE|FOLL_LONGTERM) of an unknown process = 7 <12.3us>       vfio #2\n");
}

static void calls_about_folios(void **state)
{
	struct trace_event ev = world_call(0, 13, 7);
	struct trace_world w;

	world_open(&w, view_text, &plain);
	ev.function = GUP_memfd_pin_folios;
	ev.start = 0x200000;
	world_pin(&w, &ev, 0x1000);
	ev.function = GUP_folio_add_pins;
	ev.wanted = 7;
	world_pin(&w, &ev, 0x2000);
	ev = world_release(5, 7);
	ev.function = GUP_unpin_folios;
	world_unpin(&w, &ev, 0x1000);
	ev = world_release(6, 1);
	ev.function = GUP_unpin_folio;
	world_unpin(&w, &ev, 0x9000);
	assert_ends(&w,
		"7331/7335 fio-worker memfd_pin_folios(offset 0x200000, up to 13 folios) = 7 "
		"<12.3us>       io_uring #1\n"
		"7331/7335 fio-worker folio_add_pins(7)                                  = 7 "
		"<12.3us>       io_uring #2\n"
		"88        kworker/3:1 unpin 7 folios of #1 (fio, io_uring), held 5.00us\n"
		"88        kworker/3:1 unpin 1 folio of no pin call that was seen\n");
}

/* --- releases ----------------------------------------------------------------------------- */

static void which_pins_end(void **state)
{
	struct trace_event ev = world_call(0, 509, 509);
	struct trace_world w;

	world_open(&w, view_text, &plain);
	world_pin(&w, &ev, 0x1000);
	ev = world_release(2310000, 311);
	world_unpin(&w, &ev, 0x1000);
	ev = world_release(2310400, 198);
	ev.context = IN_SOFTIRQ;
	ev.flags = 1;
	world_unpin(&w, &ev, 0x1000 + 311);
	ev.context = IN_HARDIRQ;
	ev.pins = 1;
	world_unpin(&w, &ev, 0x9000);
	assert_ends(&w,
		"7331/7335 fio-worker " FAST("509") " = 509 <12.3us>     io_uring #1\n"
		"88        kworker/3:1 unpin 311 pages of #1 (fio, io_uring), held 2.31s, 198 "
		"left\n"
		"-         softirq     unpin 198 pages of #1 (fio, io_uring), held 2.31s, "
		"dirty\n"
		"-         hardirq     unpin 1 page of no pin call that was seen, dirty\n");
}

static void one_line_for_each_part(void **state)
{
	struct trace_event ev = world_call(0, 7, 7);
	struct trace_world w;

	world_open(&w, view_text, &plain);
	world_pin(&w, &ev, 0x1000);
	ev.site = AT_VFIO;
	world_pin(&w, &ev, 0x1007);
	ev = world_release(100, 17);
	world_unpin(&w, &ev, 0x1000);
	assert_ends(&w,
		"7331/7335 fio-worker " FAST("7") " = 7 <12.3us>       io_uring #1\n"
		"7331/7335 fio-worker " FAST("7") " = 7 <12.3us>       vfio #2\n"
		"88        kworker/3:1 unpin 7 pages of #1 (fio, io_uring), held 100us\n"
		"88        kworker/3:1 unpin 7 pages of #2 (fio, vfio), held 100us\n"
		"88        kworker/3:1 unpin 3 pages of no pin call that was seen\n");
}

/* A driver that gives a buffer back page by page. */
static void one_line_for_many_releases(void **state)
{
	struct trace_event ev = world_call(0, 13, 13);
	struct trace_world w;
	int i;

	world_open(&w, view_text, &plain);
	world_pin(&w, &ev, 0x1000);
	world_pin(&w, &ev, 0x2000);
	for (i = 0; i < 7; i++) {
		ev = world_release(100 + i, 1);
		world_unpin(&w, &ev, 0x1000 + i);
	}
	/* Another pin call, another releaser, much later, marked dirty: each a line of its own. */
	ev = world_release(200, 2);
	world_unpin(&w, &ev, 0x2000);
	for (i = 7; i < 9; i++) {
		ev = world_release(300 + i, 1);
		ev.context = IN_SOFTIRQ;
		world_unpin(&w, &ev, 0x1000 + i);
	}
	ev = world_release(900000, 1);
	ev.context = IN_SOFTIRQ;
	world_unpin(&w, &ev, 0x1009);
	for (i = 10; i < 13; i++) {
		ev = world_release(900000, 1);
		ev.context = IN_SOFTIRQ;
		ev.flags = 1;
		world_unpin(&w, &ev, 0x1000 + i);
	}
	assert_ends(&w,
		"7331/7335 fio-worker " FAST("13") " = 13 <12.3us>      io_uring #1\n"
		"7331/7335 fio-worker " FAST("13") " = 13 <12.3us>      io_uring #2\n"
		"88        kworker/3:1 unpin 7 pages of #1 (fio, io_uring) in 7 calls, held 100us "
		"to 106us, 6 left\n"
		"88        kworker/3:1 unpin 2 pages of #2 (fio, io_uring), held 200us, 11 left\n"
		"-         softirq     unpin 2 pages of #1 (fio, io_uring) in 2 calls, held 307us "
		"to 308us, 4 left\n"
		"-         softirq     unpin 1 page of #1 (fio, io_uring), held 900ms, 3 left\n"
		"-         softirq     unpin 3 pages of #1 (fio, io_uring) in 3 calls, held 900ms, "
		"dirty\n");
}

/* What is shown live is not held back for long. */
static void a_pause_ends_a_line(void **state)
{
	struct trace_event ev = world_call(0, 13, 13);
	struct trace_world w;

	world_open(&w, view_text, &plain);
	world_pin(&w, &ev, 0x1000);
	ev = world_release(100, 1);
	world_unpin(&w, &ev, 0x1000);
	w.view->ops->idle(w.view, BEGAN + 101 * US);
	ev = world_release(102, 1);
	world_unpin(&w, &ev, 0x1001);
	w.view->ops->idle(w.view, BEGAN + 100 * MS);
	ev = world_release(104, 1);
	world_unpin(&w, &ev, 0x1002);
	assert_ends(&w,
		"7331/7335 fio-worker " FAST("13") " = 13 <12.3us>      io_uring #1\n"
		"88        kworker/3:1 unpin 2 pages of #1 (fio, io_uring) in 2 calls, held 100us "
		"to 102us, 11 left\n"
		"88        kworker/3:1 unpin 1 page of #1 (fio, io_uring), held 104us, 10 left\n");
}

static void guesses_are_marked(void **state)
{
	struct trace_event ev = world_call(0, 7, 7);
	struct trace_world w;

	world_open(&w, view_text, &plain);
	world_pin(&w, &ev, 0x1000);
	world_pin(&w, &ev, 0x1000);
	ev = world_release(100, 7);
	world_unpin(&w, &ev, 0x1000);
	assert_ends(&w,
		"7331/7335 fio-worker " FAST("7") " = 7 <12.3us>       io_uring #1\n"
		"7331/7335 fio-worker " FAST("7") " = 7 <12.3us>       io_uring #2\n"
		"88        kworker/3:1 unpin 7 pages of #1 (fio, io_uring), held 100us, guess: "
		"another call has pins there too\n");
}

static void nothing_passed_the_filter(void **state)
{
	struct trace_event ev = world_release(0, 7);
	struct shown_unpin none = { .ev = &ev };
	struct trace_view_opts opts = { .kernel_stacks = true };
	struct trace_world w;

	world_open(&w, view_text, &opts);
	none.site = &w.sites[AT_VFIO];
	w.view->ops->unpin(w.view, &none);
	assert_ends(&w, "");
}

/* --- stacks and times --------------------------------------------------------------------- */

static void stacks(void **state)
{
	struct trace_view_opts opts = { .kernel_stacks = true, .user_stacks = true };
	struct trace_event ev = world_call(0, 7, 7);
	struct trace_world w;

	world_open(&w, view_text, &opts);
	world_pin(&w, &ev, 0x1000);
	ev.site = AT_NOWHERE;
	ev.ustack = 0;
	world_pin(&w, &ev, 0x2000);
	ev = world_release(100, 7);
	w.release_site = &w.sites[AT_VFIO];
	world_unpin(&w, &ev, 0x1000);
	w.release_site = NULL;
	world_unpin(&w, &ev, 0x2000);
	assert_ends(&w,
		"7331/7335 fio-worker " FAST("7") " = 7 <12.3us>       io_uring #1\n"
		"        pin_user_pages_fast+0x1b/0x90\n"
		"        io_pin_pages+0x6f/0x150\n"
		"        do_syscall_64+0x5d/0xf0\n"
		"        io_uring_register_buffers+0x21 (liburing.so.2)\n"
		"        run<int (*)(char)>::main;+0x7 (fio)\n"
		"        libc.so.6+0x29d8f\n"
		"7331/7335 fio-worker " FAST("7") " = 7 <12.3us>       unknown #2\n"
		"88        kworker/3:1 unpin 7 pages of #1 (fio, io_uring), held 100us\n"
		"        vfio_pin_pages_remote+0x12/0x80 [vfio_iommu_type1]\n"
		"        ...\n"
		"88        kworker/3:1 unpin 7 pages of #2 (fio, unknown), held 100us\n");
}

static void assert_times(enum trace_time time, const char *want)
{
	struct trace_view_opts opts = { .time = time, .each_release = true };
	struct trace_event ev = world_call(123, 7, 7);
	struct trace_world w;

	world_open(&w, view_text, &opts);
	world_pin(&w, &ev, 0x1000);
	ev = world_release(1500000, 3);
	world_unpin(&w, &ev, 0x1000);
	ev = world_release(1499999, 2);
	world_unpin(&w, &ev, 0x1003);
	assert_ends(&w, want);
}

static void times(void **state)
{
	assert_times(TIME_RELATIVE,
		"     0.000000 7331/7335 fio-worker " FAST("7") " = 7 <12.3us>       io_uring #1\n"
		"     1.499877 88        kworker/3:1 unpin 3 pages of #1 (fio, io_uring), held "
		"1.50s, 4 left\n"
		"    -0.000001 88        kworker/3:1 unpin 2 pages of #1 (fio, io_uring), held "
		"1.50s, 2 left\n");
	assert_times(TIME_CLOCK,
		"22:13:20 7331/7335 fio-worker " FAST("7") " = 7 <12.3us>       io_uring #1\n"
		"22:13:21 88        kworker/3:1 unpin 3 pages of #1 (fio, io_uring), held "
		"1.50s, 4 left\n"
		"22:13:21 88        kworker/3:1 unpin 2 pages of #1 (fio, io_uring), held "
		"1.50s, 2 left\n");
	assert_times(TIME_CLOCK_US,
		"22:13:20.000123 7331/7335 fio-worker " FAST("7") " = 7 <12.3us>       "
		"io_uring #1\n"
		"22:13:21.500000 88        kworker/3:1 unpin 3 pages of #1 (fio, io_uring), "
		"held 1.50s, 4 left\n"
		"22:13:21.499999 88        kworker/3:1 unpin 2 pages of #1 (fio, io_uring), "
		"held 1.50s, 2 left\n");
	assert_times(TIME_EPOCH_US,
		"1700000000.000123 7331/7335 fio-worker " FAST("7") " = 7 <12.3us>       "
		"io_uring #1\n"
		"1700000001.500000 88        kworker/3:1 unpin 3 pages of #1 (fio, io_uring), "
		"held 1.50s, 4 left\n"
		"1700000001.499999 88        kworker/3:1 unpin 2 pages of #1 (fio, io_uring), "
		"held 1.50s, 2 left\n");
}

static void names_do_no_harm(void **state)
{
	struct trace_view_opts opts = { .kernel_stacks = true };
	struct trace_event ev = world_call(0, 7, 7);
	struct trace_world w;

	world_open(&w, view_text, &opts);
	ev.site = AT_EVIL;
	memcpy(ev.comm, "\033]0;\a\n\xff\xc3\xbc" "0123456", 16);	/* not terminated */
	ev.owner = 812;
	memcpy(ev.owner_comm, "\"\r\xe2\x80\xae;", 7);
	world_pin(&w, &ev, 0x1000);
	ev = world_release(100, 7);
	memcpy(ev.comm, "\x9b" "2J", 4);
	world_unpin(&w, &ev, 0x1000);
	assert_ends(&w,
		"7331/7335 ?]0;???ü012345 " FAST("7") " of 812 \"??; = 7 <12.3us>       "
		"?[2J\"\\; #1\n"
		"        evil;?\"+0x12/0x34 [m?]\n"
		"        0xffffffff81000012\n"
		"88        ?2J            unpin 7 pages of #1 (\"??;, ?[2J\"\\;), held 100us\n");
}

/* --- pieces ------------------------------------------------------------------------------- */

static void durations(void **state)
{
	static const struct {
		uint64_t ns;
		const char *want;
	} cases[] = {
		{ 0, "0ns" }, { 999, "999ns" }, { 1000, "1.00us" }, { 9994, "9.99us" },
		{ 9995, "10.0us" }, { 12345, "12.3us" }, { 99949, "99.9us" }, { 99950, "100us" },
		{ 999499, "999us" }, { 999500, "1.00ms" }, { 2310 * MS, "2.31s" },
		{ 59949 * MS, "59.9s" }, { 59950 * MS, "1m00s" }, { 185 * SECOND, "3m05s" },
		{ 3599499 * MS, "59m59s" }, { 3599500 * MS, "1h00m" }, { 7620 * SECOND, "2h07m" },
		{ 86399 * SECOND, "23h59m" }, { 442800 * SECOND, "5d03h" },
		{ UINT64_MAX, "213503d23h" },
	};
	char buf[24];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(format_ns(cases[i].ns, buf, sizeof(buf)), cases[i].want);
}

static void functions(void **state)
{
	assert_string_equal(format_function(GUP_pin_user_pages), "pin_user_pages");
	assert_string_equal(format_function(GUP_folio_add_pins), "folio_add_pins");
	assert_string_equal(format_function(GUP_unpin_user_page), "unpin_user_page");
	assert_string_equal(format_function(GUP_unpin_folios), "unpin_folios");
	assert_string_equal(format_function(GUP_FUNCTIONS), "unknown");
}

static void errors(void **state)
{
	char buf[24];

	assert_null(format_error(0, buf, sizeof(buf)));
	assert_null(format_error(1, buf, sizeof(buf)));
	assert_string_equal(format_error(-14, buf, sizeof(buf)), "EFAULT");
	assert_string_equal(format_error(-4095, buf, sizeof(buf)), "4095");
	assert_string_equal(format_error(-(1ll << 32) - 14, buf, sizeof(buf)), "4294967310");
	assert_string_equal(format_error(INT64_MIN, buf, sizeof(buf)), "9223372036854775808");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_calls_give),
		cmocka_unit_test(whose_memory),
		cmocka_unit_test(calls_about_folios),
		cmocka_unit_test(which_pins_end),
		cmocka_unit_test(one_line_for_each_part),
		cmocka_unit_test(one_line_for_many_releases), cmocka_unit_test(a_pause_ends_a_line),
		cmocka_unit_test(what_is_still_held), cmocka_unit_test(guesses_are_marked),
		cmocka_unit_test(nothing_passed_the_filter),
		cmocka_unit_test(stacks),
		cmocka_unit_test(times),
		cmocka_unit_test(names_do_no_harm),
		cmocka_unit_test(durations),
		cmocka_unit_test(functions),
		cmocka_unit_test(errors),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
