// SPDX-License-Identifier: GPL-2.0
/* The JSON of pinscan; docs/schema/pinscan.schema.json describes it. */
#include <string.h>
#include <sys/resource.h>

#include "scan_view.h"
#include "text.h"
#include "vec.h"

static void set_u64(json_t *o, const char *name, uint64_t v)
{
	json_object_set_new(o, name, json_integer((json_int_t)v));
}

/* null for what is not known, and for a limit that does not exist. */
static void set_or_null(json_t *o, const char *name, uint64_t v)
{
	if (v == SNAP_UNKNOWN || v == (uint64_t)RLIM_INFINITY)
		json_object_set_new(o, name, json_null());
	else
		set_u64(o, name, v);
}

/* Names are the kernel's bytes: what is no UTF-8 becomes '?'. */
static void set_text(json_t *o, const char *name, const char *text)
{
	size_t size = text ? strlen(text) + 1 : 0;
	char *clean = text ? xcalloc(size, 1) : NULL;

	json_object_set_new(o, name, text ? json_string(text_clean(text, clean, size)) :
					    json_null());
	free(clean);
}

void set_inode_json(json_t *o, bool known, uint32_t dev, uint64_t ino)
{
	char text[24];

	snprintf(text, sizeof(text), "%u:%u", dev >> 20, dev & 0xfffff);
	set_text(o, "dev", known ? text : NULL);
	json_object_set_new(o, "inode", known ? json_integer((json_int_t)ino) : json_null());
}

json_t *pin_sum_json(const struct snapshot *snap, const struct pin_sum *sum)
{
	json_t *o = json_object(), *sizes = json_array(), *kinds = json_object(), *size;
	int i;

	set_u64(o, "pins", sum->pins);
	set_u64(o, "pinned_bytes", sum->bytes);
	set_u64(o, "folios", sum->folios);
	set_u64(o, "movable_bytes", sum->movable_bytes);
	set_u64(o, "cma_bytes", sum->cma_bytes);
	for (i = 0; i < SNAP_ORDERS; i++) {
		if (!sum->by_order[i])
			continue;
		size = json_object();
		set_u64(size, "folio_bytes", (uint64_t)snap->page_size << i);
		set_u64(size, "folios", sum->by_order[i]);
		json_array_append_new(sizes, size);
	}
	json_object_set_new(o, "folio_sizes", sizes);
	for (i = 0; i < PIN_KINDS; i++)
		if (sum->by_kind[i])
			set_u64(kinds, pin_kind_name(i), sum->by_kind[i]);
	json_object_set_new(o, "kind_bytes", kinds);
	return o;
}

static json_t *vma_json(const struct snapshot *snap, const struct snap_vma *v)
{
	json_t *o = pin_sum_json(snap, &v->sum);
	char hex[24];

	snprintf(hex, sizeof(hex), "0x%llx", (unsigned long long)v->start);
	set_text(o, "start", hex);
	snprintf(hex, sizeof(hex), "0x%llx", (unsigned long long)v->end);
	set_text(o, "end", hex);
	set_text(o, "perms", v->perms);
	set_text(o, "name", v->name);
	return o;
}

static json_t *process_json(const struct snapshot *snap, const struct scan_view *view,
			    bool with_vmas, const struct group *g)
{
	const struct snap_proc *p = &snap->procs[g->proc];
	json_t *o = pin_sum_json(snap, &p->sum), *vmas, *sharers = json_array();
	size_t i;

	set_u64(o, "pid", p->pid);
	set_u64(o, "start_ns", p->start_ns);
	if (p->uid == (uid_t)-1)
		json_object_set_new(o, "uid", json_null());
	else
		set_u64(o, "uid", p->uid);
	set_text(o, "user", p->uid == (uid_t)-1 ? NULL : text_user(p->uid));
	set_text(o, "comm", p->comm);
	for (i = 0; i < p->nr_sharers; i++)
		json_array_append_new(sharers, json_integer(p->sharers[i].pid));
	json_object_set_new(o, "same_memory_pids", sharers);
	set_u64(o, "pins_shared", p->shared.pins);
	set_u64(o, "pinned_bytes_shared", p->shared.bytes);
	set_or_null(o, "vm_pin_bytes", p->vm_pin);
	set_or_null(o, "vm_lck_bytes", p->vm_lck);
	set_or_null(o, "memlock_soft_bytes", p->memlock_soft);
	set_or_null(o, "memlock_hard_bytes", p->memlock_hard);
	json_object_set_new(o, "cap_ipc_lock", json_boolean(p->has_cap_ipc_lock));
	json_object_set_new(o, "exited", json_boolean(p->gone));
	set_text(o, "what", p->vmas[p->top_vma].name);
	if (view->before)
		view_change_json(view, o, view_change(view, g));
	if (with_vmas) {
		vmas = json_array();
		for (i = 0; i < p->nr_vmas; i++)
			json_array_append_new(vmas, vma_json(snap, &p->vmas[i]));
		json_object_set_new(o, "vmas", vmas);
	}
	return o;
}

static json_t *processes_json(const struct snapshot *snap, const struct scan_view *view)
{
	bool with_vmas = view->filter.nr_pids || view->by == BY_VMA;
	struct scan_view by_process = *view;
	json_t *list = json_array();
	struct group *groups;
	size_t i, nr;

	/* What came before is known by the groups that were asked for. */
	if (view->by != BY_PROCESS) {
		by_process.by = BY_PROCESS;
		by_process.before = NULL;
		by_process.nr_before = 0;
	}
	view_groups(&by_process, snap, &groups, &nr);
	for (i = 0; i < nr; i++)
		if (groups[i].proc != SIZE_MAX)
			json_array_append_new(list, process_json(snap, &by_process, with_vmas,
								       &groups[i]));
	groups_free(groups, nr);
	return list;
}

static json_t *groups_json(const struct snapshot *snap, const struct scan_view *view)
{
	json_t *list = json_array(), *o;
	struct group *groups;
	size_t i, nr;

	view_groups(view, snap, &groups, &nr);
	for (i = 0; i < nr; i++) {
		o = pin_sum_json(snap, &groups[i].sum);
		set_text(o, "name", groups[i].name);
		set_text(o, "whose", groups[i].owners);
		if (view->by == BY_FILE)
			set_inode_json(o, groups[i].ino, groups[i].dev, groups[i].ino);
		view_change_json(view, o, view_change(view, &groups[i]));
		json_array_append_new(list, o);
	}
	groups_free(groups, nr);
	return list;
}

static json_t *unmapped_json(const struct snapshot *snap)
{
	json_t *all = pin_sum_json(snap, &snap->unmapped), *by = json_array(),
	       *holders = json_array(), *o;
	size_t i;

	for (i = 0; i < snap->nr_unmapped_by; i++) {
		const struct snap_unmapped *u = &snap->unmapped_by[i];
		char dev[24];

		o = pin_sum_json(snap, &u->sum);
		set_text(o, "kind", pin_kind_name(u->kind));
		set_text(o, "cgroup", u->cgroup ? snapshot__cgroup_path(snap, u->cgroup) : NULL);
		set_text(o, "file", u->file);
		snprintf(dev, sizeof(dev), "%u:%u", u->dev >> 20, u->dev & 0xfffff);
		set_text(o, "dev", u->file ? dev : NULL);
		set_u64(o, "inode", u->ino);
		json_array_append_new(by, o);
	}
	for (i = 0; i < snap->nr_holders; i++) {
		const struct snap_holder *h = &snap->holders[i];

		o = json_object();
		set_u64(o, "pid", h->pid);
		set_text(o, "comm", h->comm);
		set_text(o, "what", h->what);
		set_u64(o, "fds", h->fds);
		set_u64(o, "registered_buffers", h->buffers);
		set_u64(o, "registered_bytes", h->buffer_bytes);
		json_array_append_new(holders, o);
	}
	json_object_set_new(all, "by", by);
	json_object_set_new(all, "candidates", holders);
	return all;
}

static json_t *kernel_json(const struct snapshot *snap)
{
	json_t *o = json_object();

	if (!snap->kernel_known) {
		json_decref(o);
		return json_null();
	}
	set_u64(o, "acquired", snap->after.acquired);
	set_u64(o, "released", snap->after.released);
	json_object_set_new(o, "in_flight", json_integer(snap->after.in_flight));
	json_object_set_new(o, "in_flight_before", json_integer(snap->before.in_flight));
	set_u64(o, "acquired_during_scan", snap->after.acquired - snap->before.acquired);
	set_u64(o, "released_during_scan", snap->after.released - snap->before.released);
	json_object_set_new(o, "refreshed", json_boolean(snap->refreshed));
	set_text(o, "difference", snapshot__explain_difference(snap));
	return o;
}

static json_t *scan_counts_json(const struct snapshot *snap)
{
	const struct scan_counts *c = &snap->scan;
	json_t *o = json_object();

	set_text(o, "read", scan_read_name(c->read));
	set_u64(o, "range_bytes", c->pages_in_range * snap->page_size);
	set_u64(o, "struct_pages_read", c->pages);
	set_u64(o, "folios_visited", c->folios);
	set_u64(o, "free_pages_stepped_over", c->free_pages);
	set_u64(o, "unreadable_pages", c->unreadable);
	set_u64(o, "raced_folios", c->raced);
	set_u64(o, "files_lost", snap->files_lost);
	set_u64(o, "program_runs", c->program_runs);
	set_u64(o, "longest_run_ns", c->longest_run_ns);
	set_u64(o, "scan_ns", c->ns);
	set_u64(o, "total_ns", snap->took_ns);
	set_u64(o, "address_spaces", snap->processes_seen);
	set_u64(o, "address_spaces_looked_at", snap->processes_looked_at);
	return o;
}

json_t *scan_json(const struct snapshot *snap, const struct scan_view *view)
{
	json_t *o = json_object(), *notes = json_array(), *changed = json_object();
	size_t i;

	set_u64(o, "schema", PINSCAN_SCHEMA);
	set_text(o, "tool", "pinscan");
	json_object_set_new(o, "time", json_real(snap->taken_at));
	set_u64(o, "page_bytes", snap->page_size);
	json_object_set_new(o, "kernel", kernel_json(snap));
	json_object_set_new(o, "filters", filter_json(&view->filter));
	json_object_set_new(o, "machine", pin_sum_json(snap, &snap->machine));
	json_object_set_new(o, "total", pin_sum_json(snap, &snap->total));
	view_change_json(view, o, view_total_change(view, snap));
	json_object_set_new(o, "mapped", pin_sum_json(snap, &snap->mapped));
	json_object_set_new(o, "shared", pin_sum_json(snap, &snap->shared));
	json_object_set_new(o, "unmapped", unmapped_json(snap));
	json_object_set_new(o, "unseen", pin_sum_json(snap, &snap->unseen));
	json_object_set_new(o, "refcount_bias", pin_sum_json(snap, &snap->bias));
	json_object_set_new(o, "processes", processes_json(snap, view));
	if (view->by != BY_PROCESS) {
		set_text(o, "grouped_by", group_by_name(view->by));
		json_object_set_new(o, "groups", groups_json(snap, view));
	}
	if (snap->rechecked) {
		set_u64(changed, "folios", snap->changed_folios);
		set_u64(changed, "pins", snap->changed_pins);
		json_object_set_new(o, "changed_since", changed);
	} else {
		json_decref(changed);
		json_object_set_new(o, "changed_since", json_null());
	}
	json_object_set_new(o, "scan", scan_counts_json(snap));
	for (i = 0; i < snap->nr_notes; i++)
		json_array_append_new(notes, json_string(snap->notes[i]));
	json_object_set_new(o, "notes", notes);
	return o;
}
