// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "cgroups.h"
#include "files.h"
#include "holders.h"
#include "holders_rank.h"
#include "live_build.h"
#include "narrow.h"
#include "notes.h"
#include "owners.h"
#include "places.h"
#include "procinfo.h"
#include "recheck.h"
#include "vec.h"

void pin_sum_add(struct pin_sum *sum, const struct snapshot *snap, const struct pin_run *run,
		 uint64_t folios)
{
	uint64_t bytes = (folios << run->order) * snap->page_size;

	sum->pins += folios * run->pins;
	sum->bytes += bytes;
	sum->folios += folios;
	sum->by_order[run->order < SNAP_ORDERS ? run->order : SNAP_ORDERS - 1] += folios;
	sum->by_kind[run->kind < PIN_KINDS ? run->kind : PIN_DRIVER] += bytes;
	if (snap->scanner && scanner__in_movable_block(snap->scanner, run))
		sum->movable_bytes += bytes;
	if (snap->scanner && scanner__is_cma(snap->scanner, run))
		sum->cma_bytes += bytes;
}

static double realtime(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static uint64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Lays out the per-folio arrays behind the runs. */
static void index_folios(struct snapshot *snap)
{
	size_t i;

	snap->first = xcalloc(snap->nr_runs, sizeof(*snap->first));
	for (i = 0; i < snap->nr_runs; i++) {
		snap->first[i] = snap->nr_folios;
		snap->nr_folios += snap->runs[i].folios;
	}
	snap->owner = xcalloc(snap->nr_folios, sizeof(*snap->owner));
	snap->is_shared = xcalloc(snap->nr_folios, sizeof(*snap->is_shared));
	memset(snap->owner, 0xff, snap->nr_folios * sizeof(*snap->owner));
}

static int by_pid(const void *a, const void *b)
{
	const struct snap_alive *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->start_ns < y->start_ns ? -1 : x->start_ns > y->start_ns;
}

static int list_alive(struct snapshot *snap, struct tasks *tasks, struct task_list *list,
		      struct fail *fail)
{
	size_t i, n = 0;

	snap->alive_ns = monotonic_ns();
	if (tasks__list(tasks, list, fail))
		return -1;
	snap->alive = xcalloc(list->nr_tasks, sizeof(*snap->alive));
	for (i = 0; i < list->nr_tasks; i++) {
		const struct mm_task *t = &list->tasks[i];

		/* The threads of one process mostly stand together. */
		if (t->pid > 0 && (!n || snap->alive[n - 1].pid != t->pid))
			snap->alive[n++] = (struct snap_alive){ t->pid, t->start_ns };
	}
	snap->nr_alive = n;
	if (n)
		qsort(snap->alive, n, sizeof(*snap->alive), by_pid);
	return 0;
}

bool snapshot__is_alive(const struct snapshot *snap, pid_t pid, uint64_t start_ns)
{
	struct snap_alive key = { pid, start_ns };

	return snap->nr_alive &&
	       bsearch(&key, snap->alive, snap->nr_alive, sizeof(key), by_pid);
}

static void declare(struct snapshot *snap)
{
	struct procinfo info;
	size_t i;

	for (i = 0; i < snap->nr_procs; i++) {
		struct snap_proc *p = &snap->procs[i];

		if (procinfo_read(p->tid, &info)) {
			p->gone = true;
			p->uid = (uid_t)-1;
			p->vm_pin = p->vm_lck = SNAP_UNKNOWN;
			p->memlock_soft = p->memlock_hard = SNAP_UNKNOWN;
			continue;
		}
		p->uid = info.euid;
		p->memlock_soft = info.memlock_soft;
		p->memlock_hard = info.memlock_hard;
		p->has_cap_ipc_lock = info.cap_ipc_lock;
		p->vm_pin = info.vm_pin;
		p->vm_lck = info.vm_lck;
	}
}

static struct snap_unmapped *unmapped_line(struct snapshot *snap, const struct pin_run *run,
					   size_t *cap)
{
	const struct pin_file *known = snapshot__file(snap, run->mapping);
	struct pin_file file = known ? *known : (struct pin_file){};
	struct snap_unmapped *u;
	size_t i;

	for (i = 0; i < snap->nr_unmapped_by; i++) {
		u = &snap->unmapped_by[i];
		if (u->kind == run->kind && u->cgroup == run->cgroup && u->dev == file.dev &&
		    u->ino == file.ino)
			return u;
	}
	u = vec_push(snap->unmapped_by, snap->nr_unmapped_by, *cap);
	*u = (struct snap_unmapped){ .kind = run->kind, .cgroup = run->cgroup, .dev = file.dev,
				     .ino = file.ino,
				     .file = run->mapping ? xstrdup(file.name) : NULL };
	return u;
}

static int most_bytes(const void *a, const void *b)
{
	const struct snap_unmapped *x = a, *y = b;

	return x->sum.bytes > y->sum.bytes ? -1 : x->sum.bytes < y->sum.bytes;
}

static void split_unmapped(struct snapshot *snap)
{
	size_t i, k, cap = 0;

	for (i = 0; i < snap->nr_runs; i++) {
		const struct pin_run *run = &snap->runs[i];
		uint64_t folios = 0;

		if (run->kind == PIN_BIAS || run->mappings)
			continue;
		for (k = 0; k < run->folios; k++)
			folios += snap->owner[snap->first[i] + k] == OWNER_UNMAPPED;
		if (folios)
			pin_sum_add(&unmapped_line(snap, run, &cap)->sum, snap, run, folios);
	}
	if (snap->nr_unmapped_by)
		qsort(snap->unmapped_by, snap->nr_unmapped_by, sizeof(*snap->unmapped_by),
		      most_bytes);
}

static void name_cgroups(struct snapshot *snap)
{
	uint64_t last = 0;
	size_t i, k, cap = 0;

	for (i = 0; i < snap->nr_runs; i++) {
		uint64_t id = snap->runs[i].cgroup;

		if (!id || id == last)
			continue;
		last = id;
		for (k = 0; k < snap->nr_cgroups; k++)
			if (snap->cgroups[k].id == id)
				break;
		if (k == snap->nr_cgroups)
			*vec_push(snap->cgroups, snap->nr_cgroups, cap) =
				(struct snap_cgroup){ id, cgroup_path(id) };
	}
}

const char *snapshot__cgroup_path(const struct snapshot *snap, uint64_t id)
{
	size_t i;

	for (i = 0; i < snap->nr_cgroups; i++)
		if (snap->cgroups[i].id == id)
			return snap->cgroups[i].path;
	return "(none)";
}

static void read_kernel(struct snapshot *snap, struct vmstat_pins *pins)
{
	snap->refreshed = !vmstat_refresh();
	snap->kernel_known = !vmstat_read(pins);
}

static int scan_memory(struct snapshot *snap, const struct snapshot_opts *opts, struct fail *fail)
{
	struct scan_result res;

	if (scanner__run(snap->scanner, &snap->ranges, opts->whole_folios, &res, fail))
		return -1;
	snap->runs = res.runs;
	snap->nr_runs = res.nr;
	snap->scan = res.counts;
	return 0;
}

static int find_ranges(struct snapshot *snap, const struct snapshot_opts *opts, struct fail *fail)
{
	struct pfn_ranges all;
	int err = pfn_ranges_memory(&all, &snap->memory);

	if (err)
		return fail_set(fail, 1, "cannot find this machine's memory in /proc/iomem or "
					 "/proc/zoneinfo: %s", strerror(-err));
	if (!opts->only) {
		snap->ranges = all;
		return 0;
	}
	pfn_ranges_intersect(&all, opts->only, &snap->ranges);
	pfn_ranges_free(&all);
	return 0;
}

struct snapshot *snapshot__take(struct scanner *scanner, struct tasks *tasks,
				const struct snapshot_opts *opts, struct fail *fail)
{
	struct snapshot *snap = xcalloc(1, sizeof(*snap));
	struct owners_report report;
	struct task_list list = {};

	snap->scanner = scanner;
	snap->cgroup = opts->cgroup;
	snap->part = opts->only;
	snap->page_size = sysconf(_SC_PAGESIZE);
	snap->taken_ns = monotonic_ns();
	snap->taken_at = realtime();
	scanner__forget_files(scanner);

	read_kernel(snap, &snap->before);
	if (find_ranges(snap, opts, fail) || scan_memory(snap, opts, fail) ||
	    list_alive(snap, tasks, &list, fail)) {
		snapshot__free(snap);
		return NULL;
	}
	name_cgroups(snap);
	notes_left_out(snap, narrow_to_cgroup(snap, opts->cgroup), opts->cgroup);
	files_find(snap);
	places_nodes(snap);
	if (opts->blocks)
		places_blocks(snap);
	index_folios(snap);
	owners_find(snap, &list, opts->all_owners, &report);
	snap->processes_seen = list.nr;
	snap->processes_looked_at = report.looked_at;
	files_find_paths(snap);
	declare(snap);
	split_unmapped(snap);
	if (opts->holders && snap->unmapped.pins) {
		snap->holders_denied = holders_find(&list, &snap->holders, &snap->nr_holders);
		holders_rank(snap);
	}
	read_kernel(snap, &snap->after);
	if (opts->recheck)
		recheck(snap);
	notes_limits(snap, &report, list.has_pinned_known);
	task_list_free(&list);
	snap->took_ns = monotonic_ns() - snap->taken_ns;
	return snap;
}

void snapshot__free(struct snapshot *snap)
{
	size_t i, k;

	if (!snap)
		return;
	for (i = 0; i < snap->nr_procs; i++) {
		for (k = 0; k < snap->procs[i].nr_vmas; k++)
			free(snap->procs[i].vmas[k].name);
		free(snap->procs[i].vmas);
		free(snap->procs[i].sharers);
		free(snap->procs[i].drivers);
	}
	for (i = 0; i < snap->nr_unmapped_by; i++)
		free(snap->unmapped_by[i].file);
	for (i = 0; i < snap->nr_holders; i++)
		free(snap->holders[i].what);
	for (i = 0; i < snap->nr_cgroups; i++)
		free(snap->cgroups[i].path);
	for (i = 0; i < snap->nr_notes; i++)
		free(snap->notes[i]);
	free(snap->procs);
	free(snap->unmapped_by);
	free(snap->holders);
	free(snap->alive);
	free(snap->cgroups);
	free(snap->files);
	free(snap->node_bytes);
	free(snap->blocks);
	free(snap->notes);
	free(snap->runs);
	free(snap->first);
	free(snap->owner);
	free(snap->is_shared);
	free(snap->others);
	pfn_ranges_free(&snap->ranges);
	snap_live_free(snap->live);
	free(snap);
}

const char *snapshot__explain_difference(const struct snapshot *snap)
{
	static char text[320];
	int64_t seen = snap->machine.pins, low, high;

	if (snap->part)
		return NULL;
	if (!snap->kernel_known)
		return "the kernel has no nr_foll_pin counters";
	low = snap->before.in_flight < snap->after.in_flight ? snap->before.in_flight :
							       snap->after.in_flight;
	high = snap->before.in_flight > snap->after.in_flight ? snap->before.in_flight :
								snap->after.in_flight;
	if (seen == low && seen == high)
		return NULL;
	if (!snap->refreshed)
		return "the kernel's counters lag by up to a second and 125 pins a CPU and node "
		       "where they cannot be refreshed";
	if (seen >= low && seen <= high)
		snprintf(text, sizeof(text),
			 "pins came and went during the scan: in flight was %lld before and %lld after",
			 (long long)snap->before.in_flight, (long long)snap->after.in_flight);
	else if (snap->before.acquired != snap->after.acquired ||
		 snap->before.released != snap->after.released)
		snprintf(text, sizeof(text),
			 "the machine is busy: %llu pin%s taken and %llu released during the scan",
			 (unsigned long long)(snap->after.acquired - snap->before.acquired),
			 snap->after.acquired - snap->before.acquired == 1 ? " was" : "s were",
			 (unsigned long long)(snap->after.released - snap->before.released));
	else if (seen > high)
		snprintf(text, sizeof(text),
			 "the kernel counts %lld fewer: perhaps legacy direct I/O (fs/direct-io.c, since "
			 "v6.5), which adds 2 releases too many per page, or pages with 1024 other "
			 "references, which look pinned", (long long)(seen - high));
	else
		snprintf(text, sizeof(text),
			 "the kernel counts %lld more: perhaps pins given back with put_page(), of memory "
			 "that is not scanned (device memory, offline blocks)%s",
			 (long long)(low - seen),
			 snap->bias.pins ? ", or of what counts as refcount bias here" : "");
	return text;
}
