// SPDX-License-Identifier: GPL-2.0
#include <limits.h>
#include <string.h>
#include <sys/resource.h>

#include "scan_view.h"
#include "table.h"
#include "text.h"

#define LIST_MOST 20	/* lines in a list below the table */

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

static void vmas_of(const struct snapshot *snap, const struct scan_view *view, FILE *out)
{
	static const struct table_col cols[] = {
		{ "ADDRESS", true }, { "PERM", true }, { "PINS", false }, { "PINNED", false },
		{ "FOLIOS", true }, { "MOVABLE", false }, { "CMA", false }, { "WHAT", true }, {}
	};
	struct table *t = table_new(cols);
	char name[256];
	size_t i, k;

	for (i = 0; i < snap->nr_procs; i++) {
		const struct snap_proc *p = &snap->procs[i];

		for (k = 0; filter_wants(&view->filter, p) && k < p->nr_vmas; k++) {
			const struct snap_vma *v = &p->vmas[k];

			table_cell(t, "%llx-%llx", (unsigned long long)v->start,
				   (unsigned long long)v->end);
			table_cell(t, "%s", v->perms);
			sums(t, snap, &v->sum);
			table_cell(t, "%s", text_clean(v->name, name, sizeof(name)));
		}
	}
	fputc('\n', out);
	table_print(t, out, terminal_width(out));
}

/* Of what could be thousands of lines, the largest are shown. */
static void and_more(size_t nr, const char *what, FILE *out)
{
	if (nr > LIST_MOST)
		fprintf(out, "and %zu more %s; --json has all of them\n", nr - LIST_MOST, what);
}

static void unmapped_parts(const struct snapshot *snap, FILE *out)
{
	char size[16], name[256];
	size_t i;

	for (i = 0; i < snap->nr_unmapped_by && i < LIST_MOST; i++) {
		const struct snap_unmapped *u = &snap->unmapped_by[i];

		fprintf(out, "unmapped: %llu pins, %s of %s", (unsigned long long)u->sum.pins,
			text_size(u->sum.bytes, size, sizeof(size)), pin_kind_name(u->kind));
		if (u->file)
			fprintf(out, " %s (dev %u:%u inode %llu)",
				text_clean(u->file, name, sizeof(name)), u->dev >> 20,
				u->dev & 0xfffff, (unsigned long long)u->ino);
		fprintf(out, ", charged to cgroup %s\n",
			text_clean(snapshot__cgroup_path(snap, u->cgroup), name, sizeof(name)));
	}
	and_more(snap->nr_unmapped_by, "files or kinds of memory", out);
}

static void holder_line(const struct snap_holder *h, FILE *out)
{
	char size[16], name[64], user[64], what[256];

	fprintf(out, "could be held by: %d %s %s, %u %s", h->pid,
		text_clean(text_user(h->uid), user, sizeof(user)),
		text_clean(h->comm, name, sizeof(name)), h->fds,
		text_clean(h->what, what, sizeof(what)));
	if (h->buffers)
		fprintf(out, " with %llu registered buffer%s of %s%s",
			(unsigned long long)h->buffers, h->buffers == 1 ? "" : "s",
			text_size(h->buffer_bytes, size, sizeof(size)),
			h->buffers == 1 ? "" : " together");
	fputc('\n', out);
}

/* Those that could hold what nobody maps, of the processes asked for. */
static void holders(const struct snapshot *snap, const struct filter *filter, FILE *out)
{
	size_t i, n = 0;

	for (i = 0; i < snap->nr_holders; i++)
		if (filter_wants_holder(filter, &snap->holders[i]) && n++ < LIST_MOST)
			holder_line(&snap->holders[i], out);
	and_more(n, "that could hold it", out);
	if (!n && filter_has_processes(filter))
		fputs("none of the processes asked for is seen to have a file open that could "
		      "hold it\n", out);
}

/*
 * What nobody maps is of no process that one could ask for: then it has one
 * line, but those asked for that could hold it are named as ever.
 */
static void unmapped(const struct snapshot *snap, const struct filter *filter, FILE *out)
{
	char size[16];

	if (!snap->unmapped.folios)
		return;
	if (filter_has_processes(filter))
		fprintf(out, "unmapped: %llu pins, %s, of which no page table says whose they are\n",
			(unsigned long long)snap->unmapped.pins,
			text_size(snap->unmapped.bytes, size, sizeof(size)));
	else
		unmapped_parts(snap, out);
	holders(snap, filter, out);
}

/* Who stands under another PID: by name if asked for, else how many there are. */
static void sharers(const struct snapshot *snap, const struct scan_view *view, FILE *out)
{
	char name[64];
	size_t i, k;

	if (view->by > BY_VMA)
		return;
	for (i = 0; i < snap->nr_procs; i++) {
		const struct snap_proc *p = &snap->procs[i];

		if (p->nr_sharers && filter_wants(&view->filter, p))
			fprintf(out, "%zu more process%s the memory of %d (CLONE_VM), where %s "
				     "pins stand\n", p->nr_sharers,
				p->nr_sharers == 1 ? " shares" : "es share", p->pid,
				p->nr_sharers == 1 ? "its" : "their");
		for (k = 0; k < p->nr_sharers; k++)
			if (filter_names_sharer(&view->filter, p, &p->sharers[k]))
				fprintf(out, "one of them is %d %s\n", p->sharers[k].pid,
					text_clean(p->sharers[k].comm, name, sizeof(name)));
	}
}

static size_t nr_wanted(const struct snapshot *snap, const struct filter *filter)
{
	size_t i, n = 0;

	for (i = 0; i < snap->nr_procs; i++)
		n += filter_wants(filter, &snap->procs[i]);
	return n;
}

/* What the lines and the total are, where something is left out. */
static void filtered(const struct snapshot *snap, const struct scan_view *view, FILE *out)
{
	const struct filter *f = &view->filter;
	char text[512];

	if (filter_has_processes(f))
		fprintf(out, "shown are %zu of %zu processes (%s); the total is that of the %s\n",
			nr_wanted(snap, f), snap->nr_procs, filter_text(f, text, sizeof(text)),
			f->cgroup ? "cgroup" : "machine");
	if (f->cgroup)
		fprintf(out, "only memory charged to cgroup %s and below, as the total: %llu of "
			     "the machine's %llu pins\n", text_clean(f->cgroup, text, sizeof(text)),
			(unsigned long long)snap->total.pins,
			(unsigned long long)snap->machine.pins);
}

static void kernel_line(const struct snapshot *snap, FILE *out)
{
	const char *why = snapshot__explain_difference(snap);
	uint64_t taken = snap->after.acquired - snap->before.acquired,
		 released = snap->after.released - snap->before.released;

	if (snap->kernel_known)
		fprintf(out, "kernel in flight: %lld pins; found by scan: %llu",
			(long long)snap->after.in_flight, (unsigned long long)snap->machine.pins);
	else
		fprintf(out, "found by scan: %llu pins", (unsigned long long)snap->machine.pins);
	if (why)
		fprintf(out, " (%s)", why);
	else if (snap->kernel_known && (taken || released))
		fprintf(out, "; %llu pins were taken and %llu released during the scan",
			(unsigned long long)taken, (unsigned long long)released);
	if (snap->rechecked && snap->changed_folios)
		fprintf(out, "; %llu folios with %llu pins have changed since",
			(unsigned long long)snap->changed_folios,
			(unsigned long long)snap->changed_pins);
	fputc('\n', out);
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
	sharers(snap, view, out);
	filtered(snap, view, out);
	unmapped(snap, &view->filter, out);
	kernel_line(snap, out);
}
