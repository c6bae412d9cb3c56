// SPDX-License-Identifier: GPL-2.0
/* What stands below the table: what is in no line of it, and what the kernel counts. */
#include "scan_view.h"
#include "text.h"

#define LIST_MOST 20	/* lines of one list */

static bool has_line(const struct snapshot *snap, pid_t pid)
{
	size_t i, k;

	for (i = 0; i < snap->nr_procs; i++) {
		if (snap->procs[i].pid == pid)
			return true;
		for (k = 0; k < snap->procs[i].nr_sharers; k++)
			if (snap->procs[i].sharers[k].pid == pid)
				return true;
	}
	return false;
}

/* Those asked for by number that have no line are not passed over in silence. */
static void without_pins(const struct snapshot *snap, const struct filter *f, FILE *out)
{
	size_t i, k;

	for (i = 0; i < f->nr_pids; i++) {
		if (has_line(snap, f->pids[i]))
			continue;
		for (k = 0; k < snap->nr_alive && snap->alive[k].pid != f->pids[i]; k++)
			;
		fprintf(out, "%d %s\n", f->pids[i],
			k < snap->nr_alive ? "maps nothing that is pinned" :
			"has no memory of its own: a kernel thread, or it has exited");
	}
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

		fprintf(out, "unmapped: %llu pin%s, %s of %s", (unsigned long long)u->sum.pins,
			text_s(u->sum.pins), text_size(u->sum.bytes, size, sizeof(size)), pin_kind_name(u->kind));
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
		fprintf(out, "unmapped: %llu pin%s, %s, of which no page table says whose it is\n",
			(unsigned long long)snap->unmapped.pins, text_s(snap->unmapped.pins),
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
		fprintf(out, "shown: %zu of %zu process%s (%s); the total is that of the %s\n",
			nr_wanted(snap, f), snap->nr_procs, snap->nr_procs == 1 ? "" : "es", filter_text(f, text, sizeof(text)),
			f->cgroup ? "cgroup" : "machine");
	if (f->cgroup)
		fprintf(out, "only memory charged to cgroup %s and below, as the total: %llu of "
			     "the machine's %llu pin%s\n", text_clean(f->cgroup, text, sizeof(text)),
			(unsigned long long)snap->total.pins,
			(unsigned long long)snap->machine.pins, text_s(snap->machine.pins));
}

static void kernel_line(const struct snapshot *snap, FILE *out)
{
	const char *why = snapshot__explain_difference(snap);
	uint64_t taken = snap->after.acquired - snap->before.acquired,
		 released = snap->after.released - snap->before.released;

	if (snap->kernel_known)
		fprintf(out, "kernel in flight: %lld pin%s; found by scan: %llu",
			(long long)snap->after.in_flight, text_s((uint64_t)snap->after.in_flight),
			(unsigned long long)snap->machine.pins);
	else
		fprintf(out, "found by scan: %llu pin%s", (unsigned long long)snap->machine.pins,
			text_s(snap->machine.pins));
	if (why)
		fprintf(out, " (%s)", why);
	else if (snap->kernel_known && (taken || released))
		fprintf(out, "; %llu pin%s taken and %llu released during the scan",
			(unsigned long long)taken, taken == 1 ? " was" : "s were", (unsigned long long)released);
	if (snap->rechecked && snap->changed_folios)
		fprintf(out, "; %llu folio%s with %llu pin%s changed since",
			(unsigned long long)snap->changed_folios, text_s(snap->changed_folios),
			(unsigned long long)snap->changed_pins, text_s(snap->changed_pins));
	fputc('\n', out);
}

void scan_below(const struct snapshot *snap, const struct scan_view *view, FILE *out)
{
	without_pins(snap, &view->filter, out);
	sharers(snap, view, out);
	filtered(snap, view, out);
	unmapped(snap, &view->filter, out);
	kernel_line(snap, out);
}
