// SPDX-License-Identifier: GPL-2.0
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "live_json.h"
#include "text.h"
#include "tui_batch.h"
#include "tui_json_live.h"
#include "tui_summary.h"
#include "tui_table.h"

/* Raised when a member changes its meaning or goes away, not when one is added. */
#define PINTOP_SCHEMA 1

/* More digits would be noise. */
static double micro(double v)
{
	return round(v * 1e6) / 1e6;
}

static json_t *integer(uint64_t v)
{
	return json_integer((json_int_t)(v < INT64_MAX ? v : INT64_MAX));
}

static json_t *sum_json(const struct pin_sum *sum)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}",
			 "pins", integer(sum->pins),
			 "pinned_bytes", integer(sum->bytes),
			 "folios", integer(sum->folios),
			 "movable_bytes", integer(sum->movable_bytes),
			 "cma_bytes", integer(sum->cma_bytes));
}

static json_t *kernel_json(const struct snapshot *snap)
{
	if (!snap->kernel_known)
		return json_null();
	return json_pack("{s:o, s:o, s:I, s:b}",
			 "acquired", integer(snap->after.acquired),
			 "released", integer(snap->after.released),
			 "in_flight", (json_int_t)snap->after.in_flight,
			 "refreshed", snap->refreshed);
}

static json_t *cell_json(const struct column *col, const struct row *row)
{
	char text[TUI_TEXT_MAX];
	int64_t v;

	if (col->id == COL_DRIVERS)
		return names_json(row->proc ? row->proc->drivers : NULL);
	/* "(qemu)" is for people: see the member "exited". */
	if (col->id == COL_COMMAND && row->proc->pid)
		return json_string(text_clean(row->proc->comm, text, sizeof(text)));
	if (col->type == TYPE_TEXT)
		return json_string(table_name(col, row, text, sizeof(text)));
	/* As in the totals: a number in any case, and a note where it says nothing. */
	if (col->id == COL_CMA)
		return integer(row->sum->cma_bytes);
	v = table_number(col, row);
	if (col->type == TYPE_RATE)
		return json_real((double)v / 1e3);
	if (col->type == TYPE_AGE && v != NO_NUMBER)
		return json_real(micro((double)v / 1e9));
	return v == NO_NUMBER || v == UNLIMITED ? json_null() : json_integer(v);
}

static json_t *sharers_json(const struct snap_proc *proc)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < proc->nr_sharers; i++)
		json_array_append_new(list, json_integer(proc->sharers[i].pid));
	return list;
}

static json_t *row_json(const struct model *m, const struct row *row)
{
	const struct column *cols[COLUMNS_MAX];
	size_t i, n = table_columns(m->view, m->live, cols);
	json_t *o = json_object();

	for (i = 0; i < n; i++)
		if (cols[i]->json)
			json_object_set_new(o, cols[i]->json, cell_json(cols[i], row));
	if (row->proc)
		json_object_set_new(o, "same_memory_pids", sharers_json(row->proc));
	live_row_json(o, row);
	return o;
}

static json_t *rows_json(const struct model *m)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < m->nr_items; i++)
		json_array_append_new(list, row_json(m, m->shown[i]));
	return list;
}

static json_t *notes_json(const struct snapshot *snap)
{
	size_t i, n = summary_nr_notes(snap);
	json_t *list = json_array();

	for (i = 0; i < n; i++)
		json_array_append_new(list, json_string(summary_note(snap, i)));
	return list;
}

static const char *rows_name(enum view view)
{
	switch (view) {
	case VIEW_PROCESS:
		return "processes";
	case VIEW_DRIVER:
		return "drivers";
	case VIEW_SITE:
		return "sites";
	default:
		return "groups";
	}
}

static json_t *filters_json(const struct filter *filter)
{
	json_t *o = filter_json(filter);

	json_object_set_new(o, "drivers", filter_drivers_json(filter));
	return o;
}

/* Why there are no live events, where they were not renounced. */
static json_t *why_scan_json(const struct model *m)
{
	char text[TUI_TEXT_MAX];

	if (m->live || !m->why_scan)
		return json_null();
	return json_string(text_clean(m->why_scan, text, sizeof(text)));
}

/* What had changed when it was read again, after its owners were found. */
static json_t *changed_json(const struct snapshot *snap)
{
	if (!snap->rechecked)
		return json_null();
	return json_pack("{s:I, s:I}", "folios", (json_int_t)snap->changed_folios,
			 "pins", (json_int_t)snap->changed_pins);
}

int batch_json(const struct model *m, const char *source)
{
	const struct snapshot *snap = m->snap;
	struct timespec now;
	json_t *o;
	int err;

	clock_gettime(CLOCK_REALTIME, &now);
	o = json_pack("{s:i, s:s, s:f, s:s, s:o, s:f, s:f, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		      "s:o, s:o, s:I, s:o, s:o}",
		      "schema", PINTOP_SCHEMA,
		      "tool", "pintop",
		      "time", micro((double)now.tv_sec + (double)now.tv_nsec / 1e9),
		      "source", source,
		      "why_scan", why_scan_json(m),
		      "age_seconds", micro(summary_age_seconds(snap)),
		      "took_seconds", micro((double)snap->took_ns / 1e9),
		      "view", view_name(m->view),
		      "kernel", kernel_json(snap),
		      "filters", filters_json(&m->filter),
		      "live", live_json(snap),
		      "machine", sum_json(&snap->machine),
		      "total", sum_json(&snap->total),
		      "unmapped", sum_json(&snap->unmapped),
		      "unseen", sum_json(&snap->unseen),
		      "refcount_bias", sum_json(&snap->bias),
		      "changed_since", changed_json(snap),
		      "hidden_rows", (json_int_t)m->nr_hidden,
		      rows_name(m->view), rows_json(m),
		      "notes", notes_json(snap));
	if (!o)
		return -1;
	err = json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(16));
	putchar('\n');
	json_decref(o);
	return err;
}
