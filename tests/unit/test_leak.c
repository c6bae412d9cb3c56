// SPDX-License-Identifier: GPL-2.0
/* What pinleak makes of what is held: classes, filters, what it compares with, its exit code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli.h"
#include "leak_world.h"
#include "leak_run.h"
#include "leak_span.h"

static void look(struct leak_world *w)
{
	leak_model__look(&w->m, &w->w.snap);
}

static enum leak_class class_of(struct leak_world *w)
{
	look(w);
	assert_int_equal(w->m.nr, 1);
	return w->m.rows[0].class;
}

static void classes(void **state)
{
	struct leak_world *w = *state;
	struct live_hold *h = live_add_hold(&w->w, 0, 1, OWNER_LONGTERM, 2003);

	assert_int_equal(class_of(w), LEAK_HELD);
	h->unmapped_bytes = 2002 * 4096;
	assert_int_equal(class_of(w), LEAK_HELD);
	h->unmapped_bytes += 4096;
	assert_int_equal(class_of(w), LEAK_ORPHAN);
	h->unmapped_bytes = 0;
	w->w.procs[0].exited = true;
	assert_int_equal(class_of(w), LEAK_ORPHAN);
	assert_int_equal(w->m.classes[LEAK_ORPHAN].rows, 1);
	assert_int_equal(w->m.classes[LEAK_ORPHAN].pins, 2003);
	assert_int_equal(w->m.classes[LEAK_ORPHAN].bytes, 2003 * 4096);
	assert_int_equal(w->m.classes[LEAK_HELD].rows, 0);
}

/* memfd_pin_folios() takes memory that need not be mapped. */
static void never_mapped(void **state)
{
	struct leak_world *w = *state;
	struct live_hold *h = live_add_hold(&w->w, 0, 1, OWNER_LONGTERM, 2003);

	h->unmapped_bytes = 2003 * 4096;
	w->w.frames[0] = (char *)"memfd_pin_folios+0x9/0x520";
	assert_int_equal(class_of(w), LEAK_HELD);
	w->w.frames[0] = (char *)"memfd_pin_folios_not+0x9/0x520";
	assert_int_equal(class_of(w), LEAK_ORPHAN);
}

static void ages(void **state)
{
	struct leak_world *w = *state;

	live_add_hold(&w->w, 0, 1, OWNER_LONGTERM, 2003);
	w->m.opts.older_ns = 91 * SECOND;
	assert_int_equal(class_of(w), LEAK_HELD);
	w->m.opts.older_ns = 89 * SECOND;
	assert_int_equal(class_of(w), LEAK_OLD);
	assert_int_equal(leak_oldest(&w->m, &w->m.rows[0]), 90);
	assert_int_equal(leak_youngest(&w->m, &w->m.rows[0]), 7);
	assert_false(leak_age_is_least(&w->m.rows[0]));
	w->w.holds[0].flags = OWNER_REPAIRED;
	assert_int_equal(class_of(w), LEAK_OLD);
	assert_true(leak_age_is_least(&w->m.rows[0]));
}

static void growing(void **state)
{
	static const struct {
		uint64_t pins[8];	/* at the beginning and at each look, up to 0 */
		enum leak_class last;
	} cases[] = {
		{ { 2, 3, 5 }, LEAK_HELD },
		{ { 2, 3, 5, 7 }, LEAK_GROWING },
		{ { 2, 3, 5, 7, 7 }, LEAK_HELD },
		{ { 2, 3, 3, 5, 7 }, LEAK_HELD },
		{ { 2, 3, 3, 5, 7, 11 }, LEAK_GROWING },
		{ { 3, 2, 5, 7, 11, 13 }, LEAK_HELD },
	};
	struct leak_world *w = *state;
	size_t i, k;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		w->w.live.nr_holds = 0;
		leak_model__begin(&w->m, &w->w.snap);
		live_add_hold(&w->w, 0, 1, OWNER_LONGTERM, cases[i].pins[0]);
		leak_model__begin(&w->m, &w->w.snap);
		for (k = 1; cases[i].pins[k]; k++) {
			w->w.hold_sums[0] = pages(cases[i].pins[k]);
			look(w);
			assert_int_equal(w->m.rows[0].grown_pins,
					 (int64_t)(cases[i].pins[k] - cases[i].pins[k - 1]));
		}
		assert_int_equal(w->m.rows[0].class, cases[i].last);
	}
}

/* Another process with the same number, or another kind of pin, begins anew. */
static void identity(void **state)
{
	struct leak_world *w = *state;
	int i;

	live_add_hold(&w->w, 0, 1, OWNER_LONGTERM, 2);
	leak_model__begin(&w->m, &w->w.snap);
	for (i = 0; i < 6; i++) {
		w->w.hold_sums[0].pins++;
		w->w.procs[0].start_ns++;
		assert_int_equal(class_of(w), LEAK_HELD);
		assert_int_equal(w->m.rows[0].grown_pins, 3 + i);
	}
	for (i = 0; i < 6; i++) {
		w->w.hold_sums[0].pins++;
		w->w.holds[0].flags ^= OWNER_LONGTERM;
		assert_int_equal(class_of(w), LEAK_HELD);
	}
}

static void order_and_filters(void **state)
{
	struct leak_world *w = *state;

	live_add_hold(&w->w, 0, 0, OWNER_LONGTERM, 2003);	/* qemu, vfio */
	live_add_hold(&w->w, 2, 1, 0, 11);			/* fio, io_uring */
	live_add_hold(&w->w, 1, 1, OWNER_LONGTERM, 503)->followed = true;	/* vpp: exited */
	look(w);
	assert_int_equal(w->m.nr, 3);
	assert_int_equal(w->m.rows[0].proc->pid, 900);
	assert_int_equal(w->m.rows[1].proc->pid, 812);
	assert_int_equal(w->m.rows[2].proc->pid, 901);

	w->m.opts.top = 2;
	look(w);
	assert_int_equal(w->m.nr_shown, 2);
	assert_int_equal(w->m.classes[LEAK_HELD].rows, 2);
	w->m.opts.least = 12 * 4096;
	w->m.opts.most = 2002 * 4096;
	look(w);
	assert_int_equal(w->m.nr, 1);
	assert_int_equal(w->m.nr_hidden, 2);
	assert_int_equal(w->m.rows[0].proc->pid, 900);
	w->m.opts.least = 0;
	w->m.opts.most = UINT64_MAX;
	w->m.opts.followed = true;
	look(w);
	assert_int_equal(w->m.nr, 1);
	assert_int_equal(w->m.nr_hidden, 0);
	w->m.opts.followed = false;
	assert_true(filter_option(&w->m.opts.filter, FILTER_DRIVER, "vf*"));
	look(w);
	assert_int_equal(w->m.nr, 1);
	assert_int_equal(w->m.rows[0].proc->pid, 812);
	assert_true(filter_option(&w->m.opts.filter, 'c', "v*"));
	look(w);
	assert_int_equal(w->m.nr, 0);
	assert_int_equal(w->m.nr_hidden, 3);
}

static void cgroup(void **state)
{
	struct leak_world *w = *state;

	live_add_hold(&w->w, 0, 0, OWNER_LONGTERM, 2003);
	live_add_hold(&w->w, 1, 1, OWNER_LONGTERM | OWNER_IN_CGROUP, 503)->in_cgroup = true;
	look(w);
	assert_int_equal(w->m.nr, 2);
	w->m.opts.cgroup = "a.slice";
	look(w);
	assert_int_equal(w->m.nr, 1);
	assert_int_equal(w->m.rows[0].proc->pid, 900);
	assert_int_equal(w->m.nr_hidden, 1);
}

/* The user of a process that has exited is not known: it could be the one. */
static void users(void **state)
{
	struct leak_world *w = *state;

	live_add_hold(&w->w, 0, 0, OWNER_LONGTERM, 2003);
	live_add_hold(&w->w, 1, 1, OWNER_LONGTERM, 503);
	w->w.procs[0].uid = 1;
	w->w.procs[1].uid = (uid_t)-1;
	assert_true(filter_option(&w->m.opts.filter, 'u', "0"));
	look(w);
	assert_int_equal(w->m.nr, 1);
	assert_int_equal(w->m.rows[0].proc->pid, 900);
}

/* A call that was missed, of memory that no process maps: with a command it may be of that. */
static void unknown_owner(void **state)
{
	struct leak_world *w = *state;
	struct leak_conf conf = { .exit_code = true };
	struct live_hold *h;

	w->m.opts.followed = true;
	live_add_hold(&w->w, 1, 1, OWNER_LONGTERM, 503);
	live_add_hold(&w->w, 4, 2, OWNER_BEFORE, 101);
	live_add_hold(&w->w, 2, 2, OWNER_REPAIRED, 11);		/* fio maps it */
	look(w);
	assert_int_equal(w->m.unknown, 0);
	assert_int_equal(leak_verdict(&conf, &w->m, 0), EXIT_DONE);

	h = live_add_hold(&w->w, 4, 2, OWNER_REPAIRED, 509);
	look(w);
	assert_int_equal(w->m.nr, 0);
	assert_int_equal(w->m.unknown, 509);
	assert_int_equal(leak_verdict(&conf, &w->m, 0), EXIT_LOST);
	assert_int_equal(leak_verdict(&conf, &w->m, 7), 7);
	conf.exit_code = false;
	assert_int_equal(leak_verdict(&conf, &w->m, 0), EXIT_LOST);

	/* Without a filter it is a row, of whatever class. */
	w->m.opts.followed = false;
	look(w);
	assert_int_equal(w->m.unknown, 0);
	assert_int_equal(leak_verdict(&conf, &w->m, 0), EXIT_DONE);
	w->m.opts.cgroup = "a.slice";
	look(w);
	assert_int_equal(w->m.unknown, 509);
	h->in_cgroup = true;
	look(w);
	assert_int_equal(w->m.unknown, 0);
	assert_true(filter_option(&w->m.opts.filter, FILTER_DRIVER, "vfio"));
	look(w);
	assert_int_equal(w->m.unknown, 509);
}

/* What nobody knew the owner of before the command ran is not the command's. */
static void unknown_before(void **state)
{
	struct leak_world *w = *state;
	struct leak_conf conf = { .exit_code = true };
	struct live_hold *h = live_add_hold(&w->w, 4, 2, OWNER_REPAIRED, 509);

	w->m.opts.followed = true;
	leak_model__begin(&w->m, &w->w.snap);
	look(w);
	assert_int_equal(w->m.unknown, 0);
	assert_int_equal(leak_verdict(&conf, &w->m, 0), EXIT_DONE);
	/* As many as then, but some of them are others. */
	h->acquired += 7;
	h->released += 7;
	look(w);
	assert_int_equal(w->m.unknown, 7);
	assert_int_equal(leak_verdict(&conf, &w->m, 0), EXIT_LOST);
	h->acquired += 1000;
	h->released += 1000;
	look(w);
	assert_int_equal(w->m.unknown, 509);
}

static void verdicts(void **state)
{
	static const struct {
		bool exit_code, leak, lost;
		int status, want;
	} cases[] = {
		{ false, false, false, 0, EXIT_DONE }, { false, true, false, 0, EXIT_DONE },
		{ true, true, false, 0, EXIT_FOUND }, { true, true, true, 7, EXIT_FOUND },
		{ true, false, true, 0, EXIT_LOST }, { false, false, true, 0, EXIT_LOST },
		{ true, false, true, 7, 7 }, { true, false, false, 7, 7 },
		{ false, true, false, 7, 7 }, { true, false, false, 0, EXIT_DONE },
	};
	struct leak_world *w = *state;
	struct leak_conf conf = {};
	size_t i;

	live_add_hold(&w->w, 0, 1, OWNER_LONGTERM, 2003);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		w->w.procs[0].exited = cases[i].leak;
		w->w.live.lost_ever = cases[i].lost;
		conf.exit_code = cases[i].exit_code;
		look(w);
		assert_int_equal(leak_verdict(&conf, &w->m, cases[i].status), cases[i].want);
	}
}

static void unsure(void **state)
{
	struct leak_world *w = *state;
	struct snap_live *live = &w->w.live;

	assert_false(leak_is_unsure(live));
	live->suspect = true;		/* but all pins are there */
	assert_false(leak_is_unsure(live));
	live->difference_known = false;
	assert_true(leak_is_unsure(live));
	live->suspect = false;
	assert_false(leak_is_unsure(live));
	live->difference_known = true;
	live->difference = -1;
	assert_true(leak_is_unsure(live));
	live->difference = 0;
	live->follow_lost = 1;
	assert_true(leak_is_unsure(live));
}

static void spans(void **state)
{
	static const struct {
		const char *text;
		double seconds;		/* below 0: wrong */
	} cases[] = {
		{ "30", 30 }, { "30s", 30 }, { "1.5m", 90 }, { "2h", 7200 }, { "7d", 604800 },
		{ "0", 0 }, { "", -1 }, { "s", -1 }, { "-1s", -1 }, { "5x", -1 },
		{ "1000000000d", -1 }, { "30ss", -1 },
	};
	uint64_t ns;
	size_t i;
	int err;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ns = 17;
		err = leak_span_parse(cases[i].text, &ns);
		assert_int_equal(err, cases[i].seconds < 0 ? -EINVAL : 0);
		assert_int_equal(ns, err ? 17 : (uint64_t)(cases[i].seconds * 1e9));
	}
}

static void history(void **state)
{
	struct leak_world *w = *state;
	struct leak_history *h = &w->m.history;
	int i;

	live_add_hold(&w->w, 0, 0, OWNER_LONGTERM, 3);
	leak_model__begin(&w->m, &w->w.snap);
	for (i = 1; i <= 3 * HISTORY_LOOKS; i++) {
		w->w.snap.taken_ns = NOW + (uint64_t)i * SECOND;
		w->w.hold_sums[0] = pages((uint64_t)i);
		if (i == HISTORY_LOOKS + 10)
			live_add_hold(&w->w, 1, 1, OWNER_LONGTERM, 7);
		look(w);
	}
	assert_int_equal(h->nr_series, 2);
	assert_in_range(h->nr, HISTORY_LOOKS / 2, HISTORY_LOOKS);
	assert_int_equal(h->seconds[h->nr - 1], 3 * HISTORY_LOOKS);
	for (i = 0; i < (int)h->nr; i++) {
		assert_int_equal(h->series[0].bytes[i], (uint64_t)h->seconds[i] * 4096);
		assert_int_equal(h->series[1].bytes[i],
				 h->seconds[i] >= HISTORY_LOOKS + 10 ? 7 * 4096 : 0);
	}
	assert_string_equal(h->series[1].name, "io_uring: io_pin_pages < io_sqe_buffer_register");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		leak_test(classes),
		leak_test(never_mapped),
		leak_test(ages),
		leak_test(growing),
		leak_test(identity),
		leak_test(order_and_filters),
		leak_test(users),
		leak_test(cgroup),
		leak_test(unknown_owner),
		leak_test(unknown_before),
		leak_test(verdicts),
		leak_test(unsure),
		leak_test(spans),
		leak_test(history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
