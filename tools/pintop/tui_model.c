// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "tui_table.h"
#include "vec.h"

bool snap_knows_cma(const struct snapshot *snap)
{
	return snap->scanner && scanner__knows_blocks(snap->scanner);
}

/* --- from one refresh to the next ------------------------------------------------------------- */

static void remember(struct row *row)
{
	if (row->nr_history == ROW_HISTORY)
		memmove(row->history, row->history + 1,
			(ROW_HISTORY - 1) * sizeof(row->history[0]));
	else
		row->nr_history++;
	row->history[row->nr_history - 1] = row->sum->bytes;
	if (row->sum->bytes > row->peak)
		row->peak = row->sum->bytes;
}

/*
 * One that has exited is no longer in a list of processes that is newer than
 * its last row. The list may be older: with live events it is made now and then.
 */
static bool may_live(const struct snapshot *snap, const struct row_id *id, uint64_t left_ns)
{
	return snap->alive_ns < left_ns || snapshot__is_alive(snap, (pid_t)id->key, id->start_ns);
}

static void keep(struct past_peak *past, size_t *nr, const struct snapshot *snap,
		 struct past_peak peak)
{
	if (peak.id.kind == ROW_ITEM && may_live(snap, &peak.id, peak.left_ns))
		past[(*nr)++] = peak;
}

/*
 * The peaks of processes whose rows have gone, by identity: those of before
 * less those that have a row again, which takes the peak over, and those of
 * the rows of before that are no more. All three lists are in order.
 */
static void inherit_past(struct row *rows, size_t nr, struct model_view *v,
			 const struct snapshot *snap)
{
	struct past_peak *past = xcalloc(v->nr + v->nr_past, sizeof(*past));
	size_t i = 0, k = 0, p = 0, n = 0;

	while (k < v->nr || p < v->nr_past) {
		struct past_peak one;

		if (k == v->nr || (p < v->nr_past &&
				   row_id_order(&v->past[p].id, &v->rows[k].id) < 0))
			one = v->past[p++];
		else
			one = (struct past_peak){ v->rows[k].id, v->rows[k].peak, snap->taken_ns },
			k++;
		while (i < nr && row_id_order(&rows[i].id, &one.id) < 0)
			i++;
		if (i == nr || !row_id_same(&rows[i].id, &one.id))
			keep(past, &n, snap, one);
		else if (one.peak > rows[i].peak)
			rows[i].peak = one.peak;
	}
	free(v->past);
	v->past = past;
	v->nr_past = n;
}

/* Takes over what is known of the same rows at the last refresh. Both are in order. */
static void inherit(struct row *rows, size_t nr, const struct model_view *v)
{
	size_t i, k = 0;

	for (i = 0; i < nr; i++) {
		struct row *row = &rows[i];

		while (k < v->nr && row_id_order(&v->rows[k].id, &row->id) < 0)
			k++;
		if (k < v->nr && row_id_same(&v->rows[k].id, &row->id)) {
			const struct row *old = &v->rows[k];

			row->nr_history = old->nr_history;
			memcpy(row->history, old->history, sizeof(row->history));
			row->delta = (int64_t)(row->sum->bytes -
					       old->history[old->nr_history - 1]);
		} else if (v->tracked) {
			row->delta = (int64_t)row->sum->bytes;
		}
		remember(row);
	}
}

/* The same snapshot once more: nothing came, nothing went. */
static void stand_still(struct model_view *v)
{
	size_t i;

	for (i = 0; i < v->nr; i++) {
		v->rows[i].delta = 0;
		remember(&v->rows[i]);
	}
}

static void rebuild(struct model *m, enum view view)
{
	struct model_view *v = &m->views[view];
	struct group *groups = NULL;
	size_t nr_groups = 0, nr;
	struct row *rows;

	if (!view_has_flows(view))
		snapshot__group(m->snap, view_group(view), &groups, &nr_groups);
	nr = rows_of(m->snap, view, groups, nr_groups, &rows);
	if (view == VIEW_PROCESS)
		inherit_past(rows, nr, v, m->snap);
	inherit(rows, nr, v);

	groups_free(v->groups, v->nr_groups);
	free(v->rows);
	v->groups = groups;
	v->nr_groups = nr_groups;
	v->rows = rows;
	v->nr = nr;
	v->tracked = true;
}

/* The header shows them by number, whichever has most. */
static int by_number(const void *a, const void *b)
{
	return strverscmp(((const struct group *)a)->name, ((const struct group *)b)->name);
}

static void split_by_node(struct model *m)
{
	groups_free(m->nodes, m->nr_nodes);
	snapshot__group(m->snap, BY_NODE, &m->nodes, &m->nr_nodes);
	if (m->nr_nodes)
		qsort(m->nodes, m->nr_nodes, sizeof(*m->nodes), by_number);
}

void model__refresh(struct model *m, const struct snapshot *snap)
{
	bool same = m->snap && m->taken_ns == snap->taken_ns;
	enum view v;

	m->snap = snap;
	m->live = snap->live;
	m->taken_ns = snap->taken_ns;
	if (!same)
		split_by_node(m);
	for (v = 0; v < VIEWS; v++) {
		if (same && m->views[v].tracked)
			stand_still(&m->views[v]);
		else if (m->views[v].tracked || v == m->view)
			rebuild(m, v);
	}
	model__arrange(m);
}

/* --- what is shown ---------------------------------------------------------------------------- */

static bool part_in_row(const struct model *m, const struct row *row, const char *part)
{
	const struct column *cols[COLUMNS_MAX];
	size_t i, n = table_columns(m->view, m->live, cols);
	char text[TUI_TEXT_MAX];

	for (i = 0; i < n; i++)
		if ((cols[i]->type == TYPE_TEXT || cols[i]->id == COL_PID) &&
		    strcasestr(table_text(cols[i], row, text, sizeof(text)), part))
			return true;
	return false;
}

bool row_matches(const struct model *m, const struct row *row, const char *needle)
{
	char parts[sizeof(m->filter_text)], *save, *part;

	if (!*needle)
		return true;
	snprintf(parts, sizeof(parts), "%s", needle);
	for (part = strtok_r(parts, "|", &save); part; part = strtok_r(NULL, "|", &save))
		if (part_in_row(m, row, part))
			return true;
	return false;
}

static bool is_wanted(const struct model *m, const struct row *row)
{
	if (row->proc && !filter_wants(&m->filter, row->proc))
		return false;
	if (row->site && !filter_wants_driver(&m->filter, row->site->driver))
		return false;
	if (row->driver && !filter_wants_driver(&m->filter, row->driver->name))
		return false;
	return row_matches(m, row, m->filter_text);
}

static int shown_order(const void *a, const void *b, void *arg)
{
	const struct model_view *v = arg;
	const struct row *x = *(const struct row *const *)a, *y = *(const struct row *const *)b;
	int order = table_compare(v->sort, x, y);

	if (order)
		return v->inverted ? -order : order;
	if (x->sum->bytes != y->sum->bytes)
		return x->sum->bytes > y->sum->bytes ? -1 : 1;
	return row_id_order(&x->id, &y->id);
}

void model__arrange(struct model *m)
{
	struct model_view *v = &m->views[m->view];
	size_t i;

	m->shown = xrealloc(m->shown, v->nr, sizeof(*m->shown));
	m->nr_shown = m->nr_hidden = 0;
	for (i = 0; i < v->nr; i++) {
		if (v->rows[i].id.kind != ROW_ITEM)
			continue;
		if (is_wanted(m, &v->rows[i]))
			m->shown[m->nr_shown++] = &v->rows[i];
		else
			m->nr_hidden++;
	}
	m->nr_items = m->nr_shown;
	if (m->nr_items)
		qsort_r(m->shown, m->nr_items, sizeof(*m->shown), shown_order, v);
	for (i = 0; i < v->nr; i++)
		if (v->rows[i].id.kind != ROW_ITEM)
			m->shown[m->nr_shown++] = &v->rows[i];
}

enum view model__next_view(const struct model *m)
{
	enum view v = m->view;

	do
		v = (v + 1) % VIEWS;
	while (view_needs_live(v) && !m->live);
	return v;
}

void model__set_view(struct model *m, enum view view)
{
	m->view = view;
	if (!m->views[view].tracked && m->snap)
		rebuild(m, view);
	model__arrange(m);
}

long model__find(const struct model *m, const struct row_id *id)
{
	size_t i;

	for (i = 0; i < m->nr_shown; i++)
		if (row_id_same(&m->shown[i]->id, id))
			return (long)i;
	return -1;
}

const struct row *model__row(const struct model *m, const struct row_id *id)
{
	const struct model_view *v = &m->views[m->view];
	size_t i;

	for (i = 0; i < v->nr; i++)
		if (row_id_same(&v->rows[i].id, id))
			return &v->rows[i];
	return NULL;
}

void model__init(struct model *m)
{
	enum view v;

	memset(m, 0, sizeof(*m));
	for (v = 0; v < VIEWS; v++)
		m->views[v].sort = table_find(v, "pinned");
}

void model__free(struct model *m)
{
	enum view v;

	for (v = 0; v < VIEWS; v++) {
		groups_free(m->views[v].groups, m->views[v].nr_groups);
		free(m->views[v].rows);
		free(m->views[v].past);
	}
	groups_free(m->nodes, m->nr_nodes);
	filter_free(&m->filter);
	free(m->shown);
}
