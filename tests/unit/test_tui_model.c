// SPDX-License-Identifier: GPL-2.0
/* What pintop shows: rows from one refresh to the next, columns, keys, typed text. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "text.h"
#include "tui_keys.h"
#include "tui_layout.h"
#include "tui_prompt.h"
#include "tui_summary.h"

#define MIB (1ull << 20)
#define MAX_PROCS 8

/* A snapshot of made-up processes; add() fills it. */
struct world {
	struct snapshot snap;
	struct snap_proc procs[MAX_PROCS];
	struct snap_vma vmas[MAX_PROCS];
	struct snap_alive alive[MAX_PROCS];
	struct pin_run runs[2];
	uint64_t first[2];
	uint32_t owner[2];
};

static struct pin_sum sum_of(uint64_t mib)
{
	return (struct pin_sum){ .pins = mib * 256, .folios = mib * 256, .bytes = mib * MIB };
}

static void begin(struct world *w, uint64_t taken_ns)
{
	memset(w, 0, sizeof(*w));
	w->snap.taken_ns = w->snap.alive_ns = taken_ns;
	w->snap.alive = w->alive;
	w->snap.page_size = 4096;
	w->snap.procs = w->procs;
	w->snap.runs = w->runs;
	w->snap.first = w->first;
	w->snap.owner = w->owner;
}

static void add(struct world *w, pid_t pid, uint64_t start_ns, const char *comm, uint64_t mib)
{
	size_t nr = w->snap.nr_procs++;
	struct snap_proc *p = &w->procs[nr];

	p->pid = pid;
	p->start_ns = start_ns;
	p->uid = (uid_t)pid / 100;
	snprintf(p->comm, sizeof(p->comm), "%s", comm);
	p->sum = sum_of(mib);
	w->vmas[nr].name = (char *)"memfd:guest-ram";
	p->vmas = &w->vmas[nr];
	p->nr_vmas = 1;
	w->snap.total.bytes += mib * MIB;
}

/* One small folio on each of two nodes, of the first process. */
static void add_runs(struct world *w)
{
	w->runs[0] = (struct pin_run){ .pfn = 1, .folios = 1, .pins = 1, .node = 10, .cgroup = 5 };
	w->runs[1] = (struct pin_run){ .pfn = 9, .folios = 1, .pins = 1, .node = 2, .cgroup = 6 };
	w->first[1] = 1;
	w->snap.nr_runs = 2;
	w->snap.nr_folios = 2;
}

static const struct row *row_of(const struct model *m, pid_t pid)
{
	size_t i;

	for (i = 0; i < m->nr_items; i++)
		if (m->shown[i]->proc && m->shown[i]->proc->pid == pid)
			return m->shown[i];
	return NULL;
}

static void assert_shown(const struct model *m, const char *want)
{
	const struct column *name = table_find(m->view, m->view ? "name" : "command");
	char got[256] = "", text[64];
	size_t i;

	for (i = 0; i < m->nr_shown; i++) {
		if (i)
			strcat(got, " ");
		strcat(got, table_text(name, m->shown[i], text, sizeof(text)));
	}
	assert_string_equal(got, want);
}

static int start(void **state)
{
	struct model *m = malloc(sizeof(*m));

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

/* --- from one refresh to the next ------------------------------------------------------------- */

static void change_and_peak(void **state)
{
	struct model *m = *state;
	struct world a, b, c;

	begin(&a, 1);
	add(&a, 100, 7, "one", 10);
	model__refresh(m, &a.snap);
	assert_int_equal(row_of(m, 100)->delta, 0);	/* nothing is known of before */
	assert_int_equal(row_of(m, 100)->peak, 10 * MIB);

	begin(&b, 2);
	add(&b, 100, 7, "one", 4);
	add(&b, 200, 8, "two", 3);
	model__refresh(m, &b.snap);
	assert_int_equal(row_of(m, 100)->delta, -6 * (int64_t)MIB);
	assert_int_equal(row_of(m, 100)->peak, 10 * MIB);
	assert_int_equal(row_of(m, 200)->delta, 3 * MIB);

	begin(&c, 3);
	add(&c, 100, 7, "one", 12);
	add(&c, 200, 8, "two", 3);
	model__refresh(m, &c.snap);
	assert_int_equal(row_of(m, 100)->delta, 8 * MIB);
	assert_int_equal(row_of(m, 100)->peak, 12 * MIB);
	assert_int_equal(row_of(m, 200)->delta, 0);
	assert_int_equal(row_of(m, 100)->nr_history, 3);
	assert_int_equal(row_of(m, 100)->history[1], 4 * MIB);
	assert_int_equal(row_of(m, 200)->nr_history, 2);
}

static void same_snapshot_again(void **state)
{
	struct model *m = *state;
	struct world a, b;
	int i;

	begin(&a, 1);
	add(&a, 100, 7, "one", 10);
	model__refresh(m, &a.snap);
	begin(&b, 2);
	add(&b, 100, 7, "one", 11);
	model__refresh(m, &b.snap);
	assert_int_equal(row_of(m, 100)->delta, MIB);
	for (i = 0; i < ROW_HISTORY; i++)
		model__refresh(m, &b.snap);
	assert_int_equal(row_of(m, 100)->delta, 0);
	assert_int_equal(row_of(m, 100)->nr_history, ROW_HISTORY);
	assert_int_equal(row_of(m, 100)->history[0], 11 * MIB);	/* that of 10 has left it */
}

static void vanished_is_forgotten(void **state)
{
	struct model *m = *state;
	struct world a, b, c;

	begin(&a, 1);
	add(&a, 100, 7, "one", 10);
	add(&a, 200, 8, "two", 5);
	model__refresh(m, &a.snap);
	begin(&b, 2);
	add(&b, 200, 8, "two", 5);
	model__refresh(m, &b.snap);
	assert_null(row_of(m, 100));
	begin(&c, 3);
	add(&c, 100, 7, "one", 2);
	add(&c, 200, 8, "two", 5);
	model__refresh(m, &c.snap);
	assert_int_equal(row_of(m, 100)->peak, 2 * MIB);
	assert_int_equal(row_of(m, 100)->delta, 2 * MIB);
}

static void peak_stands_while_it_lives(void **state)
{
	const struct snap_alive both[] = { { 100, 7 }, { 200, 8 } };
	struct model *m = *state;
	struct world a, b, c, d, e, f;

	begin(&a, 1);
	add(&a, 100, 7, "one", 10);
	add(&a, 200, 8, "two", 5);
	model__refresh(m, &a.snap);

	/* Neither pins, both live; then a list that is older than the rows, as with live events. */
	begin(&b, 2);
	memcpy(b.alive, both, sizeof(both));
	b.snap.nr_alive = 2;
	model__refresh(m, &b.snap);
	begin(&c, 3);
	c.snap.alive_ns = 1;
	model__refresh(m, &c.snap);
	assert_null(row_of(m, 100));

	begin(&d, 4);
	memcpy(d.alive, both, sizeof(both));
	d.snap.nr_alive = 2;
	add(&d, 100, 7, "one", 2);
	model__refresh(m, &d.snap);
	assert_int_equal(row_of(m, 100)->peak, 10 * MIB);
	assert_int_equal(row_of(m, 100)->delta, 2 * MIB);
	assert_int_equal(row_of(m, 100)->nr_history, 1);

	/* 200 exits, and its peak with it. */
	begin(&e, 5);
	e.alive[0] = both[0];
	e.snap.nr_alive = 1;
	model__refresh(m, &e.snap);
	begin(&f, 6);
	add(&f, 100, 7, "one", 3);
	add(&f, 200, 8, "two", 1);
	model__refresh(m, &f.snap);
	assert_int_equal(row_of(m, 100)->peak, 10 * MIB);
	assert_int_equal(row_of(m, 200)->peak, MIB);
}

static void reused_pid_is_another(void **state)
{
	struct model *m = *state;
	struct row_id old;
	struct world a, b;

	begin(&a, 1);
	add(&a, 100, 7, "one", 10);
	model__refresh(m, &a.snap);
	old = row_of(m, 100)->id;
	assert_int_equal(model__find(m, &old), 0);
	strcpy(m->filter_text, "nothing");
	model__arrange(m);
	assert_int_equal(model__find(m, &old), -1);
	assert_non_null(model__row(m, &old));
	m->filter_text[0] = '\0';
	begin(&b, 2);
	add(&b, 100, 9, "other", 1);
	model__refresh(m, &b.snap);
	assert_null(model__row(m, &old));
	assert_int_equal(row_of(m, 100)->peak, MIB);
	assert_int_equal(row_of(m, 100)->delta, MIB);
}

static void nothing_pinned(void **state)
{
	struct model *m = *state;
	struct world a;

	begin(&a, 1);
	add(&a, 100, 7, "empty", 0);
	model__refresh(m, &a.snap);
	assert_int_equal(m->nr_shown, 0);
	model__refresh(m, &a.snap);
	model__set_view(m, VIEW_FILE);
	assert_int_equal(m->nr_shown, 0);
}

static void views(void **state)
{
	struct model *m = *state;
	struct world a, b;

	begin(&a, 1);
	add(&a, 100, 7, "one", 10);
	add_runs(&a);
	model__refresh(m, &a.snap);
	assert_int_equal(m->nr_nodes, 2);
	assert_string_equal(m->nodes[0].name, "node2");	/* by number, not by text or size */
	assert_false(m->views[VIEW_NODE].tracked);
	model__set_view(m, VIEW_NODE);
	assert_int_equal(m->nr_items, 2);
	assert_int_equal(m->shown[0]->delta, 0);
	begin(&b, 2);
	add(&b, 100, 7, "one", 10);
	add_runs(&b);
	b.runs[1].order = 9;
	model__refresh(m, &b.snap);
	assert_shown(m, "node2 node10");
	assert_int_equal(m->shown[0]->delta, (512 - 1) * 4096);
	/* The view that is not shown has gone on as well. */
	model__set_view(m, VIEW_PROCESS);
	assert_int_equal(row_of(m, 100)->nr_history, 2);
	assert_int_equal(view_parse("cgroup"), VIEW_CGROUP);
	assert_int_equal(view_parse("zone"), -1);
}

/* --- filter and order ------------------------------------------------------------------------- */

static void four(struct world *w)
{
	begin(w, 1);
	add(w, 100, 1, "qemu", 10);
	add(w, 2200, 2, "Vpp", 30);
	add(w, 300, 3, "app", 20);
	add(w, 1000, 4, "zed", 20);
	w->snap.unmapped = sum_of(2);
	w->snap.unseen = sum_of(1);
	w->snap.bias = sum_of(40);
}

static void order(void **state)
{
	struct model *m = *state;
	struct world w;

	four(&w);
	model__refresh(m, &w.snap);
	assert_shown(m, "Vpp app zed qemu (unmapped) (not seen) (refcount bias)");
	m->views[0].inverted = true;
	model__arrange(m);
	assert_shown(m, "qemu app zed Vpp (unmapped) (not seen) (refcount bias)");
	m->views[0].inverted = false;
	m->views[0].sort = table_find(VIEW_PROCESS, "PID");
	model__arrange(m);
	assert_shown(m, "qemu app zed Vpp (unmapped) (not seen) (refcount bias)");
	m->views[0].sort = table_find(VIEW_PROCESS, "comm");
	model__arrange(m);
	assert_shown(m, "app qemu Vpp zed (unmapped) (not seen) (refcount bias)");
	m->views[0].sort = table_find(VIEW_PROCESS, "memlock");
	w.procs[2].memlock_soft = RLIM_INFINITY;
	w.procs[0].memlock_soft = 4096;
	model__arrange(m);
	assert_shown(m, "app qemu Vpp zed (unmapped) (not seen) (refcount bias)");
}

static void filter_by_text(void **state)
{
	static const struct {
		const char *filter, *want;
	} cases[] = {
		{ "vpp", "Vpp" }, { "PP", "Vpp app" }, { "qemu|zed", "zed qemu" }, { "220", "Vpp" },
		{ "guest-ram", "Vpp app zed qemu" }, { "nothing", "" }, { "|", "" },
		{ "|zed|", "zed" },
	};
	struct model *m = *state;
	char want[128];
	struct world w;
	size_t i;

	four(&w);
	model__refresh(m, &w.snap);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(m->filter_text, sizeof(m->filter_text), "%s", cases[i].filter);
		model__arrange(m);
		snprintf(want, sizeof(want), "%s%s(unmapped) (not seen) (refcount bias)",
			 cases[i].want, *cases[i].want ? " " : "");
		assert_shown(m, want);
		assert_int_equal(m->nr_hidden, 4 - m->nr_items);
	}
}

static void filter_pid_and_user(void **state)
{
	struct model *m = *state;
	char text[256];
	struct world w;

	four(&w);
	model__refresh(m, &w.snap);
	assert_string_equal(summary_hidden(m, text, sizeof(text)), "");
	m->filter.pids = calloc(2, sizeof(pid_t));
	m->filter.pids[0] = 300;
	m->filter.pids[1] = 1000;
	m->filter.nr_pids = 2;
	model__arrange(m);
	assert_shown(m, "app zed (unmapped) (not seen) (refcount bias)");
	assert_string_equal(summary_hidden(m, text, sizeof(text)),
			    "2 of 4 shown (pid 300 or 1000); totals are the whole machine's");
	m->filter.by_user = true;
	m->filter.uid = 3;
	strcpy(m->filter_text, "a\033b|p");
	model__arrange(m);
	assert_shown(m, "app (unmapped) (not seen) (refcount bias)");
	assert_non_null(strstr(summary_hidden(m, text, sizeof(text)),
			       "1 of 4 shown (filter \"a?b|p\", pid 300 or 1000, user "));
	/* It has no room: no more than there is. */
	summary_hidden(m, text, 10);
	assert_in_range(strlen(text), 1, 9);
}

static void numbers_that_are_not_known(void **state)
{
	const struct column *vmpin = table_find(VIEW_PROCESS, "vmpin");
	const struct column *memlock = table_find(VIEW_PROCESS, "memlock");
	struct model *m = *state;
	char text[64];
	struct world w;

	begin(&w, 1);
	add(&w, 100, 1, "gone", 1);
	w.procs[0].gone = true;
	w.procs[0].vm_pin = w.procs[0].memlock_soft = SNAP_UNKNOWN;
	w.snap.unmapped = sum_of(1);
	model__refresh(m, &w.snap);
	assert_string_equal(table_text(vmpin, m->shown[0], text, sizeof(text)), "-");
	assert_string_equal(table_text(memlock, m->shown[0], text, sizeof(text)), "-");
	assert_string_equal(table_text(vmpin, m->shown[1], text, sizeof(text)), "-");
	w.procs[0].gone = false;
	assert_string_equal(table_text(memlock, m->shown[0], text, sizeof(text)), "unlim");
	w.procs[0].memlock_soft = 8 * MIB;
	assert_string_equal(table_text(memlock, m->shown[0], text, sizeof(text)), "8.0M");
}

/* --- columns ---------------------------------------------------------------------------------- */

static void find_columns(enum view v, bool live)
{
	const struct column *cols[COLUMNS_MAX], *col;
	size_t i, n = table_columns(v, live, cols), steps = 0;

	for (i = 0; i < n; i++) {
		if (!cols[i]->name)
			continue;
		steps++;
		assert_true(live || !column_is_live(cols[i]));
		assert_ptr_equal(table_find(v, cols[i]->name), cols[i]);
		assert_ptr_equal(table_find(v, cols[i]->title), cols[i]);
		assert_ptr_equal(table_find(v, cols[i]->json), cols[i]);
		col = table_step(v, live, cols[i], 1);
		assert_ptr_not_equal(col, cols[i]);
		assert_ptr_equal(table_step(v, live, col, -1), cols[i]);
	}
	col = table_find(v, "pinned");
	for (i = 0; i < steps; i++)
		col = table_step(v, live, col, 1);
	assert_ptr_equal(col, table_find(v, "pinned"));	/* once round */
}

static void columns_are_found(void **state)
{
	enum view v;

	for (v = 0; v < VIEWS; v++) {
		find_columns(v, false);
		find_columns(v, true);
	}
	assert_null(table_find(VIEW_NODE, "pid"));
	assert_null(table_find(VIEW_NODE, "oldest"));
	assert_null(table_find(VIEW_PROCESS, "history"));
	assert_true(column_is_live(table_find(VIEW_PROCESS, "oldest")));
	assert_false(column_is_live(table_find(VIEW_SITE, "pins")));
}

static void assert_layout(enum view v, bool live, const struct column *sort, size_t skip, int cols)
{
	struct placed placed[COLUMNS_MAX];
	bool pinned = false, sorted = false, more;
	size_t i, n = layout_columns(v, live, sort, skip, cols, placed, &more);
	int x = 0;

	assert_in_range(n, 1, COLUMNS_MAX);
	for (i = 0; i < n; i++) {
		assert_true(placed[i].x >= x && placed[i].width > 0);
		x = placed[i].x + placed[i].width + 1;
		assert_true(x - 1 <= cols);
		pinned |= placed[i].col->id == COL_PINNED;
		sorted |= placed[i].col == sort;
	}
	assert_true(pinned || skip);
	assert_true(sorted || cols < 40);
}

static void columns_fit_any_screen(void **state)
{
	const struct column *cols[COLUMNS_MAX];
	size_t i, n, skip;
	int width, live;
	enum view v;

	for (v = 0; v < VIEWS; v++) {
		for (live = view_needs_live(v); live < 2; live++) {
			n = table_columns(v, live, cols);
			for (i = 0; i < n; i++)
				for (width = 1; cols[i]->name && width < 300; width++)
					for (skip = 0; skip < n; skip += 3)
						assert_layout(v, live, cols[i], skip, width);
		}
	}
}

/* --- text in columns -------------------------------------------------------------------------- */

static void assert_fit(const char *text, int cols, enum tui_fit fit, const char *want)
{
	char buf[64];

	assert_string_equal(tui_fit(text, cols, fit, buf, sizeof(buf)), want);
}

static void fit_utf8(void **state)
{
	setenv("LC_ALL", "C.UTF-8", 1);
	tui_text_init();
	assert_true(tui_unicode());
	assert_fit("abc", 5, FIT_LEFT, "abc  ");
	assert_fit("abc", 5, FIT_RIGHT, "  abc");
	assert_fit("abc", 3, FIT_LEFT, "abc");
	assert_fit("abcd", 3, FIT_LEFT, "ab…");
	assert_fit("/a/b/cde", 5, FIT_TAIL, "…/cde");
	assert_fit("abc", 0, FIT_LEFT, "");
	assert_fit("abc", 1, FIT_LEFT, "…");
	assert_fit("日本語", 6, FIT_LEFT, "日本語");
	assert_fit("日本語", 4, FIT_LEFT, "日… ");	/* a wide one does not fit in one column */
	assert_fit("日本語", 4, FIT_TAIL, "…語 ");
	assert_fit("ä", 3, FIT_RIGHT, "  ä");
	assert_int_equal(tui_width("日本ä"), 5);
}

static void fit_ascii(void **state)
{
	setenv("LC_ALL", "C", 1);
	tui_text_init();
	assert_false(tui_unicode());
	assert_fit("abcd", 3, FIT_LEFT, "ab+");
	assert_fit("日本ä", 4, FIT_LEFT, "??? ");
	assert_int_equal(tui_width("日本ä"), 3);
}

static void bars(void **state)
{
	const uint64_t v[] = { 0, 1, 50, 100 };
	char buf[64];

	setenv("LC_ALL", "C.UTF-8", 1);
	tui_text_init();
	assert_string_equal(tui_spark(v, 4, 100, buf, sizeof(buf)), " ▁▄▇");
	assert_string_equal(tui_spark(v, 4, 0, buf, sizeof(buf)), " ▁▁▁");
	assert_string_equal(tui_meter(1, 2, 4, buf, sizeof(buf)), "██  ");
	assert_string_equal(tui_meter(1, 1000, 4, buf, sizeof(buf)), "▏   ");
	assert_string_equal(tui_meter(9, 1, 4, buf, sizeof(buf)), "████");
	assert_string_equal(tui_meter(0, 0, 4, buf, sizeof(buf)), "    ");
	setenv("LC_ALL", "C", 1);
	tui_text_init();
	assert_string_equal(tui_spark(v, 4, 100, buf, sizeof(buf)), " _=#");
	assert_string_equal(tui_meter(1, 2, 4, buf, sizeof(buf)), "##  ");
}

static void ages(void **state)
{
	static const struct {
		double seconds;
		const char *want;
	} cases[] = {
		{ -1, "0.0s" }, { 0.44, "0.4s" }, { 9.94, "9.9s" }, { 9.96, "10s" },
		{ 59.9, "59s" },
		{ 60, "1m00s" }, { 3599, "59m59s" }, { 3600, "1h00m" }, { 90000, "1d01h" },
	};
	char buf[16];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(text_age(cases[i].seconds, buf, sizeof(buf)), cases[i].want);
	assert_string_equal(tui_took(900000, buf, sizeof(buf)), "0.9 ms");
	assert_string_equal(tui_took(25300000, buf, sizeof(buf)), "25 ms");
	assert_string_equal(tui_took(1600000000, buf, sizeof(buf)), "1.6 s");
}

/* --- keys ------------------------------------------------------------------------------------- */

static void keys_do_one_thing(void **state)
{
	const struct binding *a, *b;
	int i, k;

	for (a = key_bindings; a->action; a++)
		for (b = a + 1; b->action; b++)
			for (i = 0; a->places & b->places && i < KEYS_PER_ACTION; i++)
				for (k = 0; a->keys[i] && k < KEYS_PER_ACTION; k++)
					assert_int_not_equal(a->keys[i], b->keys[k]);
	assert_int_equal(keys_action('q', IN_TABLE), ACT_QUIT);
	assert_int_equal(keys_action('q', IN_PAGE), ACT_BACK);
	assert_int_equal(keys_action('u', IN_PAGE), ACT_NONE);
	assert_int_equal(keys_action(0, IN_TABLE), ACT_NONE);
}

static void moves(void **state)
{
	assert_int_equal(action_move(0, action_step(ACT_UP, 10), 5), 0);
	assert_int_equal(action_move(4, action_step(ACT_DOWN, 10), 5), 4);
	assert_int_equal(action_move(7, action_step(ACT_PAGE_UP, 5), 20), 2);
	assert_int_equal(action_move(2, action_step(ACT_PAGE_DOWN, 0), 20), 3);
	assert_int_equal(action_move(7, action_step(ACT_HOME, 5), 20), 0);
	assert_int_equal(action_move(7, action_step(ACT_END, 5), 20), 19);
	assert_int_equal(action_move(0, action_step(ACT_END, 5), 0), 0);
	assert_int_equal(action_step(ACT_QUIT, 5), 0);
}

static void typing(void **state)
{
	struct prompt p;
	int i;

	prompt__begin(&p, "Search", "");
	assert_int_equal(prompt__key(&p, 127), PROMPT_SAME);
	assert_int_equal(prompt__key(&p, 'a'), PROMPT_CHANGED);
	assert_int_equal(prompt__key(&p, 0xc3), PROMPT_CHANGED);
	assert_int_equal(prompt__key(&p, 0xa4), PROMPT_CHANGED);
	assert_string_equal(p.text, "aä");
	assert_int_equal(prompt__key(&p, 127), PROMPT_CHANGED);
	assert_string_equal(p.text, "a");
	assert_int_equal(prompt__key(&p, 7), PROMPT_SAME);
	assert_int_equal(prompt__key(&p, 0x1000), PROMPT_SAME);
	assert_int_equal(prompt__key(&p, 'U' & 0x1f), PROMPT_CHANGED);
	assert_string_equal(p.text, "");
	for (i = 0; i < 200; i++)
		prompt__key(&p, 'x');
	assert_int_equal(p.len, sizeof(p.text) - 1);
	assert_int_equal(prompt__key(&p, '\r'), PROMPT_DONE);
	assert_int_equal(prompt__key(&p, 27), PROMPT_DROPPED);
}

#define MODEL_TEST(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODEL_TEST(change_and_peak),
		MODEL_TEST(same_snapshot_again),
		MODEL_TEST(vanished_is_forgotten),
		MODEL_TEST(peak_stands_while_it_lives),
		MODEL_TEST(reused_pid_is_another),
		MODEL_TEST(nothing_pinned),
		MODEL_TEST(views),
		MODEL_TEST(order),
		MODEL_TEST(filter_by_text),
		MODEL_TEST(filter_pid_and_user),
		MODEL_TEST(numbers_that_are_not_known),
		cmocka_unit_test(columns_are_found),
		cmocka_unit_test(columns_fit_any_screen),
		cmocka_unit_test(fit_utf8),
		cmocka_unit_test(fit_ascii),
		cmocka_unit_test(bars),
		cmocka_unit_test(ages),
		cmocka_unit_test(keys_do_one_thing),
		cmocka_unit_test(moves),
		cmocka_unit_test(typing),
	};

	return cmocka_run_group_tests_name("tui_model", tests, NULL, NULL);
}
