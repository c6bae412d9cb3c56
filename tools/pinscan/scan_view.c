// SPDX-License-Identifier: GPL-2.0
/* What the text and the JSON of pinscan have in common: which lines, in which order. */
#include <string.h>

#include "scan_view.h"
#include "text.h"

int64_t view_change(const struct scan_view *view, const struct group *g)
{
	size_t i;

	for (i = 0; i < view->nr_before; i++)
		if (view->before[i].key == g->key)
			return (int64_t)(g->sum.bytes - view->before[i].sum.bytes);
	return view->before ? (int64_t)g->sum.bytes : 0;
}

int64_t view_total_change(const struct scan_view *view, const struct snapshot *snap)
{
	return view->last ? (int64_t)(snap->total.bytes - view->last->total.bytes) : 0;
}

struct table *view_table(const struct scan_view *view, const struct table_col *cols,
			 const char *before)
{
	static const struct table_col change = { "CHANGE", false };
	struct table_col all[TABLE_COLS + 1] = {};
	size_t n = 0;

	for (; cols->title; cols++) {
		if (view->last && !strcmp(cols->title, before))
			all[n++] = change;
		all[n++] = *cols;
	}
	return table_new(all);
}

void view_change_cell(const struct scan_view *view, struct table *t, int64_t bytes)
{
	char buf[16];

	if (view->last)
		table_cell(t, "%s", text_delta(bytes, buf, sizeof(buf)));
}

void view_change_json(const struct scan_view *view, json_t *o, int64_t bytes)
{
	if (view->last)
		json_object_set_new(o, "change_bytes", json_integer(bytes));
}

struct sorting {
	const struct scan_view *view;
	const struct snapshot *snap;
};

static int compare(const void *a, const void *b, void *arg)
{
	const struct group *x = a, *y = b;
	const struct sorting *s = arg;
	int64_t dx, dy;

	/* Lines that are no process stay below the processes. */
	if (s->view->by <= BY_VMA && (x->proc == SIZE_MAX) != (y->proc == SIZE_MAX))
		return x->proc == SIZE_MAX ? 1 : -1;
	switch (s->view->sort) {
	case SORT_PINS:
		if (x->sum.pins != y->sum.pins)
			return x->sum.pins > y->sum.pins ? -1 : 1;
		break;
	case SORT_NAME:
		if (strcmp(x->name, y->name))
			return strcmp(x->name, y->name);
		break;
	case SORT_PID:
		if (x->proc != SIZE_MAX && y->proc != SIZE_MAX && x->proc != y->proc)
			return s->snap->procs[x->proc].pid < s->snap->procs[y->proc].pid ? -1 : 1;
		break;
	case SORT_CHANGE:
		dx = view_change(s->view, x);
		dy = view_change(s->view, y);
		if (dx != dy)
			return dx > dy ? -1 : 1;
		break;
	case SORT_BYTES:
		break;
	}
	if (x->sum.bytes != y->sum.bytes)
		return x->sum.bytes > y->sum.bytes ? -1 : 1;
	return x->key < y->key ? -1 : x->key > y->key;
}

static bool wanted(const struct scan_view *view, const struct snapshot *snap,
		   const struct group *g)
{
	if (view->by > BY_VMA)
		return true;
	if (g->proc == SIZE_MAX)
		return !filter_has_processes(&view->filter);
	return filter_wants(&view->filter, &snap->procs[g->proc]);
}

void view_groups(const struct scan_view *view, const struct snapshot *snap, struct group **groups,
		 size_t *nr)
{
	struct sorting sorting = { view, snap };
	size_t i, n = 0, lines = 0;
	bool is_line;

	snapshot__group(snap, view->by, groups, nr);
	if (!*nr)
		return;
	qsort_r(*groups, *nr, sizeof(**groups), compare, &sorting);
	for (i = 0; i < *nr; i++) {
		struct group g = (*groups)[i];

		/* What is no process always has its line: else the lines above it would mislead. */
		is_line = view->by > BY_VMA || g.proc != SIZE_MAX;
		if (!wanted(view, snap, &g) || (view->top && is_line && lines == view->top)) {
			free(g.name);
			free(g.owners);
		} else {
			lines += is_line;
			(*groups)[n++] = g;
		}
	}
	*nr = n;
}

const char *view_sizes(const struct snapshot *snap, const struct pin_sum *sum, char *buf,
		       size_t size)
{
	char unit[16];
	size_t at = 0;
	int i;

	buf[0] = '\0';
	for (i = 0; i < SNAP_ORDERS && at < size; i++) {
		if (!sum->by_order[i])
			continue;
		text_size((uint64_t)snap->page_size << i, unit, sizeof(unit));
		at += snprintf(buf + at, size - at, "%s%s:%llu", at ? " " : "", unit,
			       (unsigned long long)sum->by_order[i]);
	}
	return buf;
}
