// SPDX-License-Identifier: GPL-2.0
/* What pintop shows of live events: rows, columns, views, how far they can be trusted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "health.h"
#include "live_json.h"
#include "live_world.h"
#include "tui_detail.h"
#include "tui_json_live.h"
#include "tui_layout.h"
#include "tui_table.h"
#include "tui_summary.h"
#include "vec.h"

static int start(void **state)
{
	struct model *m = malloc(sizeof(*m));

	setenv("LC_ALL", "C.UTF-8", 1);
	tui_text_init();
	model__init(m);
	*state = m;
	return 0;
}

static int stop(void **state)
{
	model__free(*state);
	free(*state);
	return 0;
}

/* The rows' names, in their order. */
static void assert_shown(const struct model *m, const char *want)
{
	const struct column *name = table_find(m->view, m->view ? "name" : "command");
	char got[512] = "", text[128];
	size_t i;

	for (i = 0; i < m->nr_shown; i++) {
		if (i)
			strcat(got, ", ");
		strcat(got, table_text(name, m->shown[i], text, sizeof(text)));
	}
	assert_string_equal(got, want);
}

static void assert_cell(const struct model *m, size_t row, const char *column, const char *want)
{
	char text[128];

	assert_string_equal(table_text(table_find(m->view, column), m->shown[row], text,
				       sizeof(text)), want);
}

static void sort_by(struct model *m, const char *column)
{
	m->views[m->view].sort = table_find(m->view, column);
	model__arrange(m);
}

/* --- rows ------------------------------------------------------------------------------------- */

static void who_has_pinned(void **state)
{
	struct model *m = *state;
	struct live_world w;

	live_fill(&w);
	model__refresh(m, &w.snap);
	/* One who is busy and holds nothing is there, one who is idle is not; nor is memory that
	 * nobody maps, since its pins are somebody's. */
	assert_shown(m, "qemu, (vpp), (before start), fio");
	assert_cell(m, 0, "driver", "vfio, io_uring");
	assert_cell(m, 0, "longterm", "2003");
	assert_cell(m, 0, "oldest", "1m30s");
	assert_cell(m, 0, "peak_pins", "4001");
	assert_cell(m, 1, "oldest", "7.0s");
	assert_cell(m, 1, "memlock", "-");
	assert_cell(m, 2, "pid", "-");
	assert_cell(m, 2, "user", "?");
	assert_cell(m, 3, "pins", "0");
	assert_cell(m, 3, "oldest", "-");
	assert_cell(m, 3, "PIN/s", "1.2M");
	assert_cell(m, 3, "UNPIN/s", "0.2");
	sort_by(m, "pin_rate");
	assert_shown(m, "fio, qemu, (vpp), (before start)");
	sort_by(m, "oldest");
	assert_shown(m, "qemu, (vpp), (before start), fio");
	sort_by(m, "driver");
	assert_shown(m, "(before start), fio, (vpp), qemu");
}

static void drivers_and_sites(void **state)
{
	struct model *m = *state;
	struct live_world a, b;

	live_fill(&a);
	model__refresh(m, &a.snap);
	model__set_view(m, VIEW_DRIVER);
	assert_shown(m, "vfio, io_uring");
	assert_cell(m, 1, "sites", "2");
	assert_cell(m, 1, "owners", "qemu[812] 2003");
	model__set_view(m, VIEW_SITE);
	assert_shown(m, "vfio_pin_map_dma < vfio_dma_do_map, "
			"io_pin_pages < io_sqe_buffer_register, io_pin_pages < io_rsrc_update");
	assert_cell(m, 2, "driver", "io_uring");

	/* The same site, driver or process in the next snapshot, wherever it stands there. */
	live_fill(&b);
	b.snap.taken_ns++;
	b.site_sums[1] = pages(3001);
	b.driver_sums[0] = pages(3001);
	model__refresh(m, &b.snap);
	assert_cell(m, 0, "driver", "io_uring");
	assert_int_equal(m->shown[0]->delta, (3001 - 503) * 4096);
	assert_int_equal(m->shown[0]->nr_history, 2);
	assert_int_equal(m->shown[1]->delta, 0);
	model__set_view(m, VIEW_DRIVER);
	assert_int_equal(m->shown[0]->delta, (3001 - 503) * 4096);
}

static void only_with_live_events(void **state)
{
	const struct column *cols[COLUMNS_MAX];
	struct model *m = *state;
	struct live_world w;
	size_t i, n, n_live;
	enum view v;

	live_fill(&w);
	w.snap.live = NULL;
	model__refresh(m, &w.snap);
	assert_shown(m, "qemu, (vpp), (before start), (unmapped), (not seen), (refcount bias)");
	assert_cell(m, 0, "oldest", "-");
	n = table_columns(VIEW_PROCESS, false, cols);
	n_live = table_columns(VIEW_PROCESS, true, cols);
	assert_true(n_live > n);
	for (v = VIEW_PROCESS, i = 0; i < 4; i++, v = model__next_view(m)) {
		model__set_view(m, v);
		assert_false(view_needs_live(v));
	}
	assert_int_equal(v, VIEW_PROCESS);
	model__set_view(m, VIEW_DRIVER);	/* nobody does; nothing breaks */
	assert_int_equal(m->nr_items, 0);

	model__free(m);
	model__init(m);
	w.snap.live = &w.live;
	model__refresh(m, &w.snap);
	for (i = 0; i < VIEWS; i++)
		model__set_view(m, model__next_view(m));
	assert_int_equal(m->view, VIEW_PROCESS);
}

/* 80 columns are enough for what one looks for. */
static void narrow_screen(void **state)
{
	static const char *const wanted[] = {
		"pid", "command", "pins", "pinned", "longterm", "short", "pin_rate", "unpin_rate",
		"oldest", "driver",
	};
	struct placed placed[COLUMNS_MAX];
	size_t i, k, n;
	bool more;

	n = layout_columns(VIEW_PROCESS, true, table_find(VIEW_PROCESS, "pinned"), 0, 80, placed,
			   &more);
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		for (k = 0; k < n; k++)
			if (placed[k].col == table_find(VIEW_PROCESS, wanted[i]))
				break;
		if (k == n)
			fail_msg("no column %s", wanted[i]);
	}
}

static void filter_by_driver(void **state)
{
	struct model *m = *state;
	struct live_world w;
	char text[256];

	live_fill(&w);
	filter_option(&m->filter, FILTER_DRIVER, "io_*");
	model__refresh(m, &w.snap);
	assert_shown(m, "qemu, (vpp)");
	assert_string_equal(summary_hidden(m, text, sizeof(text)),
			    "2 of 4 shown (driver io_*); totals are the whole machine's");
	model__set_view(m, VIEW_DRIVER);
	assert_shown(m, "io_uring");
	model__set_view(m, VIEW_SITE);
	assert_int_equal(m->nr_items, 2);
	assert_int_equal(m->nr_hidden, 1);
	filter_option(&m->filter, FILTER_DRIVER, "vfio");
	model__arrange(m);
	assert_int_equal(m->nr_items, 3);
	model__set_view(m, VIEW_NODE);
	assert_string_equal(summary_hidden(m, text, sizeof(text)), "");
}

#define MANY 10000

static void ten_thousand_processes(void **state)
{
	struct model *m = *state;
	struct snap_proc *procs = xcalloc(MANY, sizeof(*procs));
	struct live_world w;
	size_t i;

	live_begin(&w);
	w.snap.procs = procs;
	w.snap.nr_procs = MANY;
	for (i = 0; i < MANY; i++) {
		procs[i].pid = (pid_t)(MANY - i);
		snprintf(procs[i].comm, sizeof(procs[i].comm), "p%zu", i);
		procs[i].sum = pages(1 + i % 503);
		procs[i].drivers = (char *)(i % 2 ? "io_uring" : "vfio");
		procs[i].flow.oldest_ns = NOW - i;
	}
	model__refresh(m, &w.snap);
	assert_int_equal(m->nr_items, MANY);
	assert_int_equal(m->shown[0]->sum->pins, 503);
	for (i = 1; i < MANY; i++)
		assert_true(m->shown[i]->sum->pins <= m->shown[i - 1]->sum->pins);
	sort_by(m, "oldest");
	assert_int_equal(m->shown[0]->proc->pid, 1);
	sort_by(m, "driver");
	strcpy(m->filter_text, "p77|nobody");
	model__arrange(m);
	assert_int_equal(m->nr_items, 111);
	assert_int_equal(m->nr_hidden, MANY - 111);
	w.snap.taken_ns++;
	model__refresh(m, &w.snap);
	assert_int_equal(m->shown[0]->nr_history, 2);
	free(procs);
}

/* --- how far one can trust it ----------------------------------------------------------------- */

static const struct fact *fact_of(const struct model *m, const char *label)
{
	static struct fact facts[FACTS_MAX];
	size_t i, n = summary_facts(m, facts);

	for (i = 0; i < n; i++)
		if (!strcmp(facts[i].label, label))
			return &facts[i];
	return NULL;
}

static void all_is_well(void **state)
{
	struct model *m = *state;
	struct live_world w;

	live_fill(&w);
	model__refresh(m, &w.snap);
	assert_string_equal(fact_of(m, "In flight")->text, "2607 (Δ 0)");
	assert_int_equal(fact_of(m, "In flight")->tone, FACT_TOTAL);
	assert_string_equal(fact_of(m, "Events")->text,
			    "2 by fentry, 1 by kprobe; lost 0; missed runs 0; scan 3.0s old");
	assert_int_equal(fact_of(m, "Events")->tone, FACT_PLAIN);
	assert_string_equal(fact_of(m, "Unmapped")->text, "44.0K, 11 pins");
	assert_null(fact_of(m, "Lost"));
	assert_null(fact_of(m, "Source"));
	assert_int_equal(summary_nr_notes(&w.snap), 0);
	assert_null(health_note(&w.snap, 0));
	assert_false(health_is_bad(&w.live));
}

static void not_all_was_seen(void **state)
{
	struct model *m = *state;
	struct live_world w;

	live_fill(&w);
	w.live.lost[LOST_NO_ENTRY] = 13;
	w.live.lost[LOST_EXIT] = 2;
	w.live.lost_ever = 15;
	w.live.missed_runs = 7;
	w.live.repairs = 1;
	w.live.repaired_pins = 5;
	w.live.difference = -3;
	w.live.kernel_drift = -514;
	w.live.extra = 202;
	w.live.retried = 17;
	w.live.attached.missing = 1;
	w.probes[1] = (struct attach_state){ "pin_user_pages_fast", ATTACH_NONE, -1, 0 };
	model__refresh(m, &w.snap);
	assert_true(health_is_bad(&w.live));
	assert_string_equal(fact_of(m, "In flight")->text, "2607 (Δ -3)");
	assert_int_equal(fact_of(m, "In flight")->tone, FACT_BAD);
	assert_string_equal(fact_of(m, "Events")->text,
			    "2 by fentry, 1 by kprobe, 1 NOT SEEN; lost 15; missed runs 7, 5 pins "
			    "repaired; scan 3.0s old");
	assert_int_equal(fact_of(m, "Events")->tone, FACT_WARN);
	assert_int_equal(fact_of(m, "Lost")->tone, FACT_BAD);
	assert_string_equal(fact_of(m, "Lost")->text,
			    "13 pins had no room in the ledger; 2 calls were seen only to begin or only to end");
	assert_int_equal(summary_nr_notes(&w.snap), 7);
	assert_non_null(strstr(summary_note(&w.snap, 0), "counts 3 pins fewer"));
	assert_non_null(strstr(summary_note(&w.snap, 1), "--ledger-memory"));
	assert_non_null(strstr(summary_note(&w.snap, 2), ": pin_user_pages_fast"));
	assert_non_null(strstr(summary_note(&w.snap, 3), "1 time, which changed 5 pins"));
	assert_non_null(strstr(summary_note(&w.snap, 4), "-514 pins off"));
	assert_non_null(strstr(summary_note(&w.snap, 5), "202 pins were taken by folio_add_pin()"));
	assert_non_null(strstr(summary_note(&w.snap, 6), "17 pins were taken and given back inside pin calls"));

	/* Repaired since. */
	memset(w.live.lost, 0, sizeof(w.live.lost));
	w.live.difference = 0;
	assert_true(health_is_bad(&w.live));
	w.live.lost_ever = 0;
	assert_null(fact_of(m, "Lost"));
	assert_false(health_is_bad(&w.live));
	w.live.difference = 1;
	w.live.difference_known = false;
	assert_false(health_is_bad(&w.live));
	assert_string_equal(fact_of(m, "In flight")->text, "2607 (Δ ?)");
	assert_non_null(strstr(summary_note(&w.snap, 0), "no difference is known"));
}

static void fallen_back_to_the_scan(void **state)
{
	struct model *m = *state;
	struct live_world w;

	live_fill(&w);
	w.snap.live = NULL;
	model__refresh(m, &w.snap);
	assert_null(fact_of(m, "Source"));
	m->why_scan = "no\tway";
	assert_string_equal(fact_of(m, "Source")->text, "scan, no live events: no?way");
	assert_null(fact_of(m, "Events"));
}

static void every_loss_has_a_name(void **state)
{
	int i, k;

	for (i = 0; i < LOST_CAUSES; i++) {
		assert_non_null(health_loss_name((enum ledger_loss)i));
		for (k = 0; k < i; k++)
			assert_string_not_equal(health_loss_name((enum ledger_loss)i),
						health_loss_name((enum ledger_loss)k));
	}
}

/* --- pages and JSON --------------------------------------------------------------------------- */

static bool page_has(const struct page *page, const char *text)
{
	size_t i;

	for (i = 0; i < page->nr; i++)
		if (strstr(page->lines[i].text, text))
			return true;
	return false;
}

static void pages_of_rows(void **state)
{
	struct model *m = *state;
	struct page page = {};
	struct live_world w;

	live_fill(&w);
	model__refresh(m, &w.snap);
	detail_row(&page, m->shown[1]);
	assert_true(page_has(&page, "It has exited; its pins are still there."));
	assert_true(page_has(&page, "503 long-term (FOLL_LONGTERM), 0 short; the oldest for 7.0s"));
	detail_row(&page, m->shown[2]);
	assert_string_equal(page.title, "Pins whose process is not known");
	model__set_view(m, VIEW_DRIVER);
	detail_row(&page, m->shown[1]);
	assert_string_equal(page.title, "io_uring, pinning from 2 places");
	assert_true(page_has(&page, "io_pin_pages < io_sqe_buffer_register"));
	assert_true(page_has(&page, "io_pin_pages < io_rsrc_update"));
	assert_false(page_has(&page, "vfio_pin_map_dma"));
	model__set_view(m, VIEW_SITE);
	detail_row(&page, m->shown[1]);
	assert_true(page_has(&page, "  io_pin_pages+0x1b/0x90"));
	assert_true(page_has(&page, "  io_sqe_buffer_register+0xa2/0x5d0"));
	assert_true(page_has(&page, "only so many are kept"));
	detail_row(&page, m->shown[0]);
	assert_true(page_has(&page, "not known: vfio_pin_map_dma"));
	page__free(&page);
}

static void page_of_information(void **state)
{
	struct source_cost cost = {};
	struct model *m = *state;
	struct page page = {};
	struct live_world w;

	live_fill(&w);
	w.live.lost[LOST_UNMATCHED] = 7;
	w.probes[1] = (struct attach_state){ "pin_user_pages_fast", ATTACH_NONE, -1, 0 };
	model__refresh(m, &w.snap);
	detail_info(&page, m, &cost, 0, 1, 80);
	assert_true(page_has(&page, "pin_user_pages                    fentry"));
	assert_true(page_has(&page, "cannot be attached: Operation not permitted"));
	assert_true(page_has(&page, "not in this kernel"));
	assert_true(page_has(&page, "7 releases were of pins that the ledger did not have"));
	w.snap.live = NULL;
	w.snap.taken_ns++;
	m->why_scan = "locked down";
	model__refresh(m, &w.snap);
	detail_info(&page, m, &cost, 0, 1, 80);
	assert_true(page_has(&page, "There are no live events:"));
	assert_true(page_has(&page, "locked down"));
	assert_false(page_has(&page, "fentry"));
	page__free(&page);
}

static void json_of_rows(void **state)
{
	struct model *m = *state;
	json_t *o = json_object();
	struct live_world w;

	live_fill(&w);
	model__refresh(m, &w.snap);
	live_row_json(o, m->shown[1]);
	assert_true(json_is_true(json_object_get(o, "exited")));
	model__set_view(m, VIEW_SITE);
	json_object_clear(o);
	live_row_json(o, m->shown[0]);
	assert_string_equal(json_string_value(json_object_get(o, "id")), "fedcba9876543210");
	assert_int_equal(json_array_size(json_object_get(o, "frames")), 0);
	live_row_json(o, m->shown[1]);
	assert_string_equal(json_string_value(json_array_get(json_object_get(o, "frames"), 0)),
			    "io_pin_pages+0x1b/0x90");
	assert_true(json_is_true(json_object_get(o, "truncated")));
	json_decref(o);
	o = names_json("vfio, io_uring");
	assert_int_equal(json_array_size(o), 2);
	assert_string_equal(json_string_value(json_array_get(o, 1)), "io_uring");
	json_decref(o);
	o = names_json(NULL);
	assert_int_equal(json_array_size(o), 0);
	json_decref(o);
}

static void json_of_events(void **state)
{
	struct live_world w;
	json_t *o;

	live_fill(&w);
	w.live.lost[LOST_TOO_MANY] = 3;
	o = live_json(&w.snap);
	assert_int_equal(json_integer_value(json_object_get(o, "in_flight")), 2607);
	assert_int_equal(json_integer_value(json_object_get(o, "difference")), 0);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(o, "lost"),
							    "too_many")), 3);
	assert_int_equal(json_object_size(json_object_get(o, "lost")), LOST_CAUSES);
	assert_int_equal(json_array_size(json_object_get(o, "probes")), 4);
	assert_true(json_real_value(json_object_get(o, "details_age_seconds")) == 3.0);
	json_decref(o);
	w.live.difference_known = false;
	o = live_json(&w.snap);
	assert_true(json_is_null(json_object_get(o, "difference")));
	json_decref(o);
	w.snap.live = NULL;
	o = live_json(&w.snap);
	assert_true(json_is_null(o));
	json_decref(o);
}

static void rates(void **state)
{
	static const struct {
		double rate;
		const char *want;
	} cases[] = {
		{ 0, "0" }, { 0.01, "<0.1" }, { 0.05, "0.1" }, { 9.94, "9.9" }, { 9.96, "10" },
		{ 99999.4, "99999" }, { 99999.6, "100k" }, { 999499, "999k" },
		{ 999600, "1.0M" }, { 1234567, "1.2M" }, { 12345678, "12M" }, { 2.5e9, "2.5G" },
	};
	char buf[32];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(tui_rate(cases[i].rate, buf, sizeof(buf)), cases[i].want);
}

#define MODEL_TEST(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODEL_TEST(who_has_pinned),
		MODEL_TEST(drivers_and_sites),
		MODEL_TEST(only_with_live_events),
		cmocka_unit_test(narrow_screen),
		MODEL_TEST(filter_by_driver),
		MODEL_TEST(ten_thousand_processes),
		MODEL_TEST(all_is_well),
		MODEL_TEST(not_all_was_seen),
		MODEL_TEST(fallen_back_to_the_scan),
		cmocka_unit_test(every_loss_has_a_name),
		MODEL_TEST(pages_of_rows),
		MODEL_TEST(page_of_information),
		MODEL_TEST(json_of_rows),
		cmocka_unit_test(json_of_events),
		cmocka_unit_test(rates),
	};

	return cmocka_run_group_tests_name("tui_live", tests, NULL, NULL);
}
