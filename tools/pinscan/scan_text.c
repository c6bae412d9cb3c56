// SPDX-License-Identifier: GPL-2.0
/* The tables of pinscan, but for those that have a file of their own. */
#include <limits.h>
#include <string.h>
#include <sys/resource.h>

#include "scan_view.h"
#include "table.h"
#include "text.h"

static void cell_size(struct table *t, uint64_t bytes)
{
	char buf[16];

	if (bytes == SNAP_UNKNOWN)
		table_cell(t, "-");
	else
		table_cell(t, "%s", text_size(bytes, buf, sizeof(buf)));
}

/* Of @whole bytes: 0 shows as a dash, so that what is not zero strikes the eye. */
static void cell_share(struct table *t, uint64_t bytes)
{
	if (bytes)
		cell_size(t, bytes);
	else
		table_cell(t, "-");
}

static void cell_limit(struct table *t, uint64_t bytes)
{
	if (bytes == (uint64_t)RLIM_INFINITY)
		table_cell(t, "none");
	else
		cell_size(t, bytes);
}

static void sums(struct table *t, const struct snapshot *snap, const struct pin_sum *sum)
{
	char buf[256];

	table_cell(t, "%llu", (unsigned long long)sum->pins);
	cell_size(t, sum->bytes);
	table_cell(t, "%s", view_sizes(snap, sum, buf, sizeof(buf)));
	cell_share(t, sum->movable_bytes);
	cell_share(t, sum->cma_bytes);
}

static void process_line(struct table *t, const struct snapshot *snap,
			 const struct scan_view *view, const struct group *g)
{
	const struct snap_proc *p = g->proc == SIZE_MAX ? NULL : &snap->procs[g->proc];
	char name[64], what[256] = "";

	if (p) {
		table_cell(t, "%d", p->pid);
		table_cell(t, "%s", text_clean(text_user(p->uid), name, sizeof(name)));
		table_cell(t, "%s", text_clean(p->comm, name, sizeof(name)));
		text_clean(p->vmas[p->top_vma].name, what, sizeof(what));
	} else {
		table_cell(t, "-");
		table_cell(t, "-");
		table_cell(t, "%s", g->name);
	}
	sums(t, snap, &g->sum);
	view_change_cell(view, t, view_change(view, g));
	cell_share(t, p ? p->vm_pin : 0);
	cell_share(t, p ? p->vm_lck : 0);
	if (p)
		cell_limit(t, p->memlock_soft);
	else
		table_cell(t, "-");
	table_cell(t, "%s%s", what, p && p->shared.pins ? " (shared)" : "");
}

static void total_line(struct table *t, const struct snapshot *snap, const struct scan_view *view)
{
	table_cell(t, "-");
	table_cell(t, "-");
	table_cell(t, "total");
	sums(t, snap, &snap->total);
	view_change_cell(view, t, view_total_change(view, snap));
	table_cell(t, "-");
	table_cell(t, "-");
	table_cell(t, "-");
	table_cell(t, "%s", "");
}

static void processes(const struct snapshot *snap, const struct scan_view *view, FILE *out)
{
	static const struct table_col cols[] = {
		{ "PID", false }, { "USER", true }, { "COMM", true }, { "PINS", false },
		{ "PINNED", false }, { "FOLIOS", true }, { "MOVABLE", false }, { "CMA", false },
		{ "VMPIN", false }, { "VMLCK", false }, { "MEMLOCK", false }, { "WHAT", true },
		{}
	};
	struct table *t = view_table(view, cols, "VMPIN");
	struct group *groups;
	size_t i, nr;

	view_groups(view, snap, &groups, &nr);
	for (i = 0; i < nr; i++)
		process_line(t, snap, view, &groups[i]);
	total_line(t, snap, view);
	table_print(t, out, terminal_width(out));
	groups_free(groups, nr);
}

static void others(const struct snapshot *snap, const struct scan_view *view, FILE *out)
{
	static const struct table_col cols[] = {
		{ "PINS", false }, { "PINNED", false }, { "FOLIOS", true }, { "MOVABLE", false },
		{ "CMA", false }, { "NAME", true }, { "WHOSE", true }, {}
	};
	struct table *t = view_table(view, cols, "NAME");
	struct group *groups;
	char label[PATH_MAX + 64], name[PATH_MAX + 64];
	size_t i, nr;

	view_groups(view, snap, &groups, &nr);
	for (i = 0; i < nr; i++) {
		sums(t, snap, &groups[i].sum);
		view_change_cell(view, t, view_change(view, &groups[i]));
		text_clean(group_label(&groups[i], label, sizeof(label)), name, sizeof(name));
		table_cell(t, "%s", name);
		table_cell(t, "%s", groups[i].owners);
	}
	sums(t, snap, &snap->total);
	view_change_cell(view, t, view_total_change(view, snap));
	table_cell(t, "total");
	table_cell(t, "%s", "");
	table_print(t, out, terminal_width(out));
	groups_free(groups, nr);
}

static void vma_lines(struct table *t, const struct snapshot *snap, const struct snap_proc *p)
{
	char name[256];
	size_t i;

	for (i = 0; i < p->nr_vmas; i++) {
		const struct snap_vma *v = &p->vmas[i];

		table_cell(t, "%llx-%llx", (unsigned long long)v->start,
			   (unsigned long long)v->end);
		table_cell(t, "%s", v->perms);
		sums(t, snap, &v->sum);
		table_cell(t, "%s", text_clean(v->name, name, sizeof(name)));
	}
}

static void vmas_of(const struct snapshot *snap, const struct scan_view *view, FILE *out)
{
	static const struct table_col cols[] = {
		{ "ADDRESS", true }, { "PERM", true }, { "PINS", false }, { "PINNED", false },
		{ "FOLIOS", true }, { "MOVABLE", false }, { "CMA", false }, { "WHAT", true }, {}
	};
	struct table *t = table_new(cols);
	size_t i;

	for (i = 0; i < snap->nr_procs; i++)
		if (filter_wants(&view->filter, &snap->procs[i]))
			vma_lines(t, snap, &snap->procs[i]);
	if (!table_rows(t)) {
		table_free(t);
		return;
	}
	fputc('\n', out);
	table_print(t, out, terminal_width(out));
}

void scan_text(const struct snapshot *snap, const struct scan_view *view, FILE *out)
{
	if (view->by == BY_PROCESS)
		processes(snap, view, out);
	else
		others(snap, view, out);
	if (view->filter.nr_pids && view->by == BY_PROCESS)
		vmas_of(snap, view, out);
	fputc('\n', out);
	scan_below(snap, view, out);
}
