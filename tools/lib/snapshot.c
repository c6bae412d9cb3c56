// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "caps.h"
#include "cgroups.h"
#include "holders.h"
#include "live_build.h"
#include "lost.h"
#include "narrow.h"
#include "owners.h"
#include "procinfo.h"
#include "recheck.h"
#include "vec.h"

static void __attribute__((format(printf, 2, 3))) note(struct snapshot *snap, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	snap->notes = xrealloc(snap->notes, snap->nr_notes + 1, sizeof(*snap->notes));
	snap->notes[snap->nr_notes++] = text;
}

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
	struct pin_file file = {};
	struct snap_unmapped *u;
	size_t i;

	if (run->mapping)
		scanner__file(snap->scanner, run->mapping, &file);
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

static void note_unknown_cgroups(struct snapshot *snap, uint64_t pins, const char *cgroup)
{
	if (pins)
		note(snap, "%llu pins were left out that are charged to cgroups whose path is not "
			   "to be had (removed, or missing CAP_DAC_READ_SEARCH): they could belong "
			   "to %s",
		     (unsigned long long)pins, cgroup);
}

static void note_limits(struct snapshot *snap, const struct owners_report *r, bool pinned_known)
{
	const struct scan_counts *c = &snap->scan;

	if (snap->memory != MEMORY_IOMEM)
		note(snap, "/proc/iomem %s: scanned the spans of /proc/zoneinfo, which have holes",
		     snap->memory == MEMORY_NO_IOMEM ? "does not say where memory is" :
		     caps_have(CAPS_FOR_PFNS) ? "hides addresses" :
						"hides addresses: missing CAP_SYS_ADMIN");
	if (c->unreadable)
		note(snap, "%llu page frames of the scanned range have no struct page",
		     (unsigned long long)c->unreadable);
	if (snap->files_lost)
		note(snap, "%llu files have no name here and stand together: the table holds %d",
		     (unsigned long long)snap->files_lost, SCAN_MAX_FILES);
	if (c->raced)
		note(snap, "%llu folios changed while they were read and were left out",
		     (unsigned long long)c->raced);
	if (!scanner__knows_blocks(snap->scanner))
		note(snap, "this kernel does not show mem_section (CONFIG_KALLSYMS_ALL): CMA and "
			   "movable pageblocks are not told, only ZONE_MOVABLE");
	if (!pinned_known)
		note(snap, "this kernel does not say which processes have pinned: looked at all");
	if (in_pid_namespace())
		note(snap, "inside a PID namespace: processes outside of it cannot be seen, the memory "
			   "that only they map counts as not seen");
	if (r->too_sparse)
		note(snap, "%llu mappings of more than 1 TiB were left out: this kernel cannot say where "
			   "their pages are (PAGEMAP_SCAN, Linux 6.7)",
		     (unsigned long long)r->too_sparse);
	if (r->denied)
		note(snap, "%llu processes could not be looked at (%s)%s",
		     (unsigned long long)r->denied, strerror(r->first_error),
		     caps_have(CAPS_FOR_OTHERS) ? "" : ": missing CAP_SYS_PTRACE");
	if (snap->unseen.pins)
		note(snap, "%llu pins are on memory that is mapped, but by no process seen here: one "
			   "that exited or unmapped it meanwhile, or that is hidden",
		     (unsigned long long)snap->unseen.pins);
	if (!snap->kernel_known)
		note(snap, "the kernel has no nr_foll_pin counters to compare with");
	else if (!snap->refreshed)
		note(snap, "the kernel's counters may lag: folding the per-CPU part takes root");
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
	snap->page_size = sysconf(_SC_PAGESIZE);
	snap->taken_ns = monotonic_ns();
	snap->taken_at = realtime();
	scanner__forget_files(scanner);

	read_kernel(snap, &snap->before);
	if (find_ranges(snap, opts, fail) || scan_memory(snap, opts, fail) ||
	    tasks__list(tasks, &list, fail)) {
		snapshot__free(snap);
		return NULL;
	}
	name_cgroups(snap);
	note_unknown_cgroups(snap, narrow_to_cgroup(snap, opts->cgroup), opts->cgroup);
	snap->files_lost = lost_files(snap);
	index_folios(snap);
	owners_find(snap, &list, &report);
	snap->processes_seen = list.nr;
	snap->processes_looked_at = report.looked_at;
	declare(snap);
	split_unmapped(snap);
	if (opts->holders && snap->unmapped.pins)
		holders_find(&list, &snap->holders, &snap->nr_holders);
	read_kernel(snap, &snap->after);
	if (opts->recheck)
		recheck(snap);
	note_limits(snap, &report, list.has_pinned_known);
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
	free(snap->cgroups);
	free(snap->notes);
	free(snap->runs);
	free(snap->first);
	free(snap->owner);
	free(snap->is_shared);
	pfn_ranges_free(&snap->ranges);
	snap_live_free(snap->live);
	free(snap);
}

const char *snapshot__explain_difference(const struct snapshot *snap)
{
	static char text[320];
	int64_t seen = snap->machine.pins, low, high;

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
			 "the machine is busy: %llu pins were taken and %llu released during the scan",
			 (unsigned long long)(snap->after.acquired - snap->before.acquired),
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
