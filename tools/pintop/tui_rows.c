// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "tui_rows.h"
#include "vec.h"

/* --- views ------------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	enum group_by by;	/* BY_COUNT: by what live events say */
} views[VIEWS] = {
	[VIEW_PROCESS] = { "process", BY_PROCESS },
	[VIEW_DRIVER] = { "driver", BY_COUNT },
	[VIEW_SITE] = { "site", BY_COUNT },
	[VIEW_CGROUP] = { "cgroup", BY_CGROUP },
	[VIEW_FILE] = { "file", BY_FILE },
	[VIEW_NODE] = { "node", BY_NODE },
};

const char *view_name(enum view view)
{
	return views[view].name;
}

int view_parse(const char *name)
{
	int v;

	for (v = 0; v < VIEWS; v++)
		if (!strcmp(views[v].name, name))
			return v;
	return -1;
}

bool view_needs_live(enum view view)
{
	return views[view].by == BY_COUNT;
}

bool view_has_flows(enum view view)
{
	return view_needs_live(view) || view == VIEW_PROCESS;
}

enum group_by view_group(enum view view)
{
	return views[view].by;
}

/* --- identity --------------------------------------------------------------------------------- */

int row_id_order(const struct row_id *a, const struct row_id *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->start_ns < b->start_ns ? -1 : a->start_ns > b->start_ns;
}

static int by_id(const void *a, const void *b)
{
	return row_id_order(&((const struct row *)a)->id, &((const struct row *)b)->id);
}

bool row_id_same(const struct row_id *a, const struct row_id *b)
{
	return !row_id_order(a, b);
}

/* --- rows ------------------------------------------------------------------------------------- */

struct rows {
	struct row *rows;
	size_t nr, cap;
};

static struct row *add_row(struct rows *r, const struct snapshot *snap, const struct pin_sum *sum)
{
	struct row *row = vec_push(r->rows, r->nr, r->cap);

	memset(row, 0, sizeof(*row));
	row->snap = snap;
	row->sum = sum;
	return row;
}

/* Who holds nothing at this moment but takes pins and gives them back is busy all the same. */
static bool is_busy(const struct pin_flow *flow)
{
	return flow->pin_rate > 0 || flow->unpin_rate > 0;
}

static void add_processes(struct rows *r, const struct snapshot *snap)
{
	size_t i;

	for (i = 0; i < snap->nr_procs; i++) {
		const struct snap_proc *p = &snap->procs[i];
		struct row *row;

		if (!p->sum.pins && !p->sum.folios && !(snap->live && is_busy(&p->flow)))
			continue;
		row = add_row(r, snap, &p->sum);
		row->id = (struct row_id){ ROW_ITEM, (uint64_t)p->pid, p->start_ns };
		row->proc = p;
		row->shared = &p->shared;
		row->flow = snap->live ? &p->flow : NULL;
	}
}

/* Sites and drivers stay once they have been seen: how often they were called is of interest. */
static void add_sites(struct rows *r, const struct snapshot *snap)
{
	size_t i;

	for (i = 0; i < snap->live->nr_sites; i++) {
		const struct live_site *site = &snap->live->sites[i];
		struct row *row = add_row(r, snap, site->sum);

		row->id = (struct row_id){ ROW_ITEM, site->id, 0 };
		row->site = site;
		row->flow = &site->flow;
	}
}

static uint64_t hash_name(const char *name)
{
	uint64_t hash = 0xcbf29ce484222325ULL;	/* FNV-1a */

	while (*name)
		hash = (hash ^ (unsigned char)*name++) * 0x100000001b3ULL;
	return hash;
}

static void add_drivers(struct rows *r, const struct snapshot *snap)
{
	size_t i;

	for (i = 0; i < snap->live->nr_drivers; i++) {
		const struct live_driver *driver = &snap->live->drivers[i];
		struct row *row = add_row(r, snap, driver->sum);

		row->id = (struct row_id){ ROW_ITEM, hash_name(driver->name), 0 };
		row->driver = driver;
		row->flow = &driver->flow;
	}
}

static void add_groups(struct rows *r, const struct snapshot *snap, const struct group *groups,
		       size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		struct row *row = add_row(r, snap, &groups[i].sum);

		row->id = (struct row_id){ ROW_ITEM, groups[i].key, 0 };
		row->group = &groups[i];
	}
}

static void add_other(struct rows *r, const struct snapshot *snap, enum row_kind kind,
		      const struct pin_sum *sum)
{
	if (sum->folios)
		add_row(r, snap, sum)->id.kind = kind;
}

size_t rows_of(const struct snapshot *snap, enum view view, const struct group *groups,
	       size_t nr_groups, struct row **rows)
{
	struct rows r = {};

	if (view == VIEW_PROCESS)
		add_processes(&r, snap);
	else if (view_needs_live(view) && !snap->live)
		;
	else if (view == VIEW_DRIVER)
		add_drivers(&r, snap);
	else if (view == VIEW_SITE)
		add_sites(&r, snap);
	else
		add_groups(&r, snap, groups, nr_groups);

	/* With live events, pins are those of who took them, not of who maps the memory. */
	if (view == VIEW_PROCESS && !snap->live) {
		add_other(&r, snap, ROW_UNMAPPED, &snap->unmapped);
		add_other(&r, snap, ROW_UNSEEN, &snap->unseen);
	}
	if (!snap->live || !view_has_flows(view))
		add_other(&r, snap, ROW_BIAS, &snap->bias);
	if (r.nr)
		qsort(r.rows, r.nr, sizeof(*r.rows), by_id);
	*rows = r.rows;
	return r.nr;
}
