// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "memlock.h"
#include "scan_view.h"
#include "table.h"
#include "text.h"
#include "vec.h"

static uint64_t headroom(const struct memlock_line *l, uint64_t used)
{
	uint64_t limit = l->declared.memlock_soft;

	if (limit == (uint64_t)RLIM_INFINITY || l->has_cap)
		return RLIM_INFINITY;
	if (used == PROCINFO_UNKNOWN)
		used = 0;
	return used < limit ? limit - used : 0;
}

/* Where the process stands, be it as one that shares the memory of an older one. */
static const struct snap_proc *pinned_by(const struct snapshot *snap, pid_t pid)
{
	size_t i, k;

	for (i = 0; i < snap->nr_procs; i++) {
		const struct snap_proc *p = &snap->procs[i];

		if (p->pid == pid)
			return p;
		for (k = 0; k < p->nr_sharers; k++)
			if (p->sharers[k].pid == pid)
				return p;
	}
	return NULL;
}

static int most_pinned(const void *a, const void *b)
{
	const struct memlock_line *x = a, *y = b;

	if (x->pinned.bytes != y->pinned.bytes)
		return x->pinned.bytes > y->pinned.bytes ? -1 : 1;
	return x->declared.tgid < y->declared.tgid ? -1 : x->declared.tgid > y->declared.tgid;
}

static bool declares(const struct procinfo *info)
{
	return (info->vm_pin && info->vm_pin != PROCINFO_UNKNOWN) ||
	       (info->vm_lck && info->vm_lck != PROCINFO_UNKNOWN);
}

static bool wanted(const struct filter *f, const struct procinfo *info)
{
	return filter_wants_pid(f, info->tgid) && filter_wants_comm(f, info->comm) &&
	       (!f->by_user || info->euid == f->uid);
}

/* What the process, and not one that had its PID, had pinned in the scan before. */
static uint64_t pinned_before(const struct snapshot *snap, const struct snapshot *last, pid_t pid)
{
	const struct snap_proc *p = last ? pinned_by(last, pid) : NULL;

	return p && snapshot__is_alive(snap, p->pid, p->start_ns) ? p->sum.bytes : 0;
}

int memlock_collect(const struct snapshot *snap, const struct scan_view *view,
		    struct memlock_line **lines, size_t *nr)
{
	const struct filter *filter = &view->filter;
	size_t i, nr_pids, cap = 0;
	pid_t *pids;
	int err = procinfo_pids(&pids, &nr_pids);

	*lines = NULL;
	*nr = 0;
	if (err)
		return err;
	for (i = 0; i < nr_pids; i++) {
		struct memlock_line l = {};
		const struct snap_proc *p;

		if (!filter_wants_pid(filter, pids[i]) || procinfo_read(pids[i], &l.declared) ||
		    !wanted(filter, &l.declared))
			continue;
		p = pinned_by(snap, l.declared.tgid);
		if (p)
			l.pinned = p->sum;
		if (view->last)
			l.change = (int64_t)(l.pinned.bytes -
					     pinned_before(snap, view->last, l.declared.tgid));
		if (!p && !l.change && !filter->nr_pids && !declares(&l.declared))
			continue;
		l.has_cap = l.declared.cap_ipc_lock;
		l.pin_headroom = headroom(&l, l.declared.vm_pin);
		l.lck_headroom = headroom(&l, l.declared.vm_lck);
		*vec_push(*lines, *nr, cap) = l;
	}
	free(pids);
	if (*nr)
		qsort(*lines, *nr, sizeof(**lines), most_pinned);
	return 0;
}

static void cell(struct table *t, uint64_t bytes)
{
	char buf[16];

	if (bytes == (uint64_t)RLIM_INFINITY || bytes == PROCINFO_UNKNOWN)
		table_cell(t, "-");
	else
		table_cell(t, "%s", text_size(bytes, buf, sizeof(buf)));
}

/* The most telling sentence on one line. */
static const char *verdict(const struct memlock_line *l)
{
	uint64_t pin = l->declared.vm_pin == PROCINFO_UNKNOWN ? 0 : l->declared.vm_pin;
	uint64_t lck = l->declared.vm_lck == PROCINFO_UNKNOWN ? 0 : l->declared.vm_lck;

	if (!l->pinned.bytes)
		return pin ? "declares more than it maps: unmapped since, or perf's ring" :
		       lck ? "locked (mlock), not pinned" : "maps nothing that is pinned";
	if (!pin && !lck)
		return "pinned, but declared nowhere here";
	if (pin + lck < l->pinned.bytes)
		return "declares less than is pinned";
	if (pin > l->pinned.bytes && lck <= l->pinned.bytes)
		return "VmPin counts more than distinct memory: the same pages more than once";
	return "";
}

void memlock_text(const struct scan_view *view, const struct memlock_line *lines, size_t nr,
		  FILE *out)
{
	static const struct table_col cols[] = {
		{ "PID", false }, { "USER", true }, { "COMM", true }, { "PINS", false },
		{ "PINNED", false }, { "VMPIN", false }, { "VMLCK", false }, { "LIMIT", false },
		{ "HARD", false }, { "PIN-LEFT", false }, { "LCK-LEFT", false },
		{ "IPC_LOCK", true }, { "VERDICT", true }, {}
	};
	struct table *t = view_table(view, cols, "VMPIN");
	char name[64];
	size_t i;

	for (i = 0; i < nr; i++) {
		const struct memlock_line *l = &lines[i];

		table_cell(t, "%d", l->declared.tgid);
		table_cell(t, "%s", text_clean(text_user(l->declared.euid), name, sizeof(name)));
		table_cell(t, "%s", text_clean(l->declared.comm, name, sizeof(name)));
		table_cell(t, "%llu", (unsigned long long)l->pinned.pins);
		cell(t, l->pinned.bytes);
		view_change_cell(view, t, l->change);
		cell(t, l->declared.vm_pin);
		cell(t, l->declared.vm_lck);
		cell(t, l->declared.memlock_soft);
		cell(t, l->declared.memlock_hard);
		cell(t, l->pin_headroom);
		cell(t, l->lck_headroom);
		table_cell(t, "%s", l->has_cap ? "yes" : "no");
		table_cell(t, "%s", verdict(l));
	}
	table_print(t, out, terminal_width(out));
	fputs("\n"
	      "PINNED is what the process maps of pinned memory. VMPIN is what RDMA, vhost-vdpa,\n"
	      "VDUSE, iommufd and some io_uring buffers declare, VMLCK what VFIO and mlock\n"
	      "declare, each against LIMIT (soft RLIMIT_MEMLOCK; a dash: none, or not enforced\n"
	      "with CAP_IPC_LOCK). io_uring and AF_XDP without that capability charge the user,\n"
	      "all processes together, which no file shows.\n", out);
}

static void set(json_t *o, const char *name, uint64_t v)
{
	json_object_set_new(o, name, v == (uint64_t)RLIM_INFINITY || v == PROCINFO_UNKNOWN ?
					     json_null() : json_integer((json_int_t)v));
}

json_t *memlock_json(const struct snapshot *snap, const struct scan_view *view,
		     const struct memlock_line *lines, size_t nr)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < nr; i++) {
		const struct memlock_line *l = &lines[i];
		json_t *o = pin_sum_json(snap, &l->pinned);
		char name[64];

		view_change_json(view, o, l->change);
		set(o, "pid", l->declared.tgid);
		set(o, "uid", l->declared.euid);
		text_clean(l->declared.comm, name, sizeof(name));
		json_object_set_new(o, "comm", json_string(name));
		set(o, "vm_pin_bytes", l->declared.vm_pin);
		set(o, "vm_lck_bytes", l->declared.vm_lck);
		set(o, "memlock_soft_bytes", l->declared.memlock_soft);
		set(o, "memlock_hard_bytes", l->declared.memlock_hard);
		set(o, "vm_pin_headroom_bytes", l->pin_headroom);
		set(o, "vm_lck_headroom_bytes", l->lck_headroom);
		json_object_set_new(o, "cap_ipc_lock", json_boolean(l->has_cap));
		json_object_set_new(o, "verdict", json_string(verdict(l)));
		json_array_append_new(list, o);
	}
	return list;
}
