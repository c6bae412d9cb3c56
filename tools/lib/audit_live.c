// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "audit_live.h"
#include "pagemap.h"
#include "procinfo.h"
#include "vec.h"

#define KPF_RESERVED 32		/* include/linux/kernel-page-flags.h */

struct charged {
	pid_t pid;
	uint64_t bytes;
};

struct audit_live {
	struct scanner *scanner;
	struct tracer *tracer;
	trace_call_fn each;
	void *arg;
	struct charged *at_start;	/* of all processes there were, ascending */
	size_t nr;
	uint64_t page_size;
	int kpageflags;
};

static struct audit_live *live_of(void *arg)
{
	return ((struct audit_live_arg *)arg)->live;
}

/* --- pages ------------------------------------------------------------------------------------ */

static int scan_live(void *arg, const struct pfn_ranges *ranges, struct scan_result *res)
{
	struct audit_live *l = live_of(arg);
	struct pfn_ranges memory = {};
	enum memory_source source;
	struct fail fail = {};
	int err;

	if (!ranges && pfn_ranges_memory(&memory, &source))
		return -1;
	err = scanner__run(l->scanner, ranges ? ranges : &memory, true, res, &fail);
	pfn_ranges_free(&memory);
	return err;
}

/*
 * move_pages(2) of a page to where it is: do_pages_move() of mm/migrate.c begins with
 * lru_cache_disable(), which drains the batches of all CPUs.
 */
static void drain_live(void *arg)
{
	void *page = live_of(arg);
	int node, status;

	if (!syscall(SYS_move_pages, 0, 1UL, &page, NULL, &node, 0) && node >= 0)
		syscall(SYS_move_pages, 0, 1UL, &page, &node, &status, 0);
}

static const char *movable_live(void *arg, const struct pin_run *run)
{
	const struct scanner *s = live_of(arg)->scanner;

	return scanner__is_movable_zone(s, run) ? "ZONE_MOVABLE" :
	       scanner__is_cma(s, run) ? "CMA" : NULL;
}

/* The kernel's own memory that is mapped to a process (PG_reserved): it is never freed. */
static bool reserved_live(void *arg, uint64_t pfn)
{
	uint64_t flags = 0;
	int fd = live_of(arg)->kpageflags;

	return pread(fd, &flags, sizeof(flags), (off_t)(pfn * sizeof(flags))) == sizeof(flags) &&
	       flags >> KPF_RESERVED & 1;
}

struct wanted_frames {
	uint64_t start, end;
	uint64_t page_size;
	struct pfn_ranges *ranges;
};

static void add_entries(void *arg, uint64_t addr, const uint64_t *entries, size_t nr)
{
	struct wanted_frames *w = arg;
	size_t i;

	for (i = 0; i < nr; i++, addr += w->page_size)
		if (addr >= w->start && addr < w->end && pagemap_present(entries[i]))
			pfn_ranges_add(w->ranges, pagemap_pfn(entries[i]),
				       pagemap_pfn(entries[i]) + 1);
}

static void frames_live(void *arg, const struct trace_event *pin, struct pfn_ranges *ranges)
{
	uint64_t page = live_of(arg)->page_size;
	struct wanted_frames w = {
		.start = pin->start & -page, .page_size = page, .ranges = ranges,
	};
	struct proc_mem pm;
	size_t i;

	w.end = w.start + pin->wanted * page;
	if (!procinfo_lives(pin->owner, pin->owner_start_ns) || proc_mem_open(&pm, pin->owner))
		return;
	for (i = 0; i < pm.nr; i++) {
		struct vma vma = pm.vmas[i];

		if (vma.start >= w.end || vma.end <= w.start)
			continue;
		vma.start = vma.start < w.start ? w.start : vma.start;
		vma.end = vma.end > w.end ? w.end : vma.end;
		proc_mem_walk(&pm, &vma, add_entries, &w);
	}
	proc_mem_close(&pm);
}

/* --- processes -------------------------------------------------------------------------------- */

static bool open_live(void *arg, const struct trace_event *pin)
{
	struct trace_look look = { .file = pin->file, .file_data = pin->file_data };

	/* When it cannot be told it may be. */
	return pin->file && (tracer__look(live_of(arg)->tracer, &look) || look.open);
}

/*
 * "Used by 0" of lsmod(8). A module that is gone has left /sys/module; a kernel
 * that cannot remove any does not count their users.
 */
static bool idle_live(void *arg, const char *module)
{
	char path[128];
	int users = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/module/%s/refcnt", module);
	f = fopen(path, "re");
	if (f) {
		if (fscanf(f, "%d", &users) != 1)
			users = -1;
		fclose(f);
		return !users;
	}
	snprintf(path, sizeof(path), "/sys/module/%s", module);
	return !access("/sys/module", F_OK) && access(path, F_OK) && errno == ENOENT;
}

static uint64_t bytes_of(pid_t pid, struct procinfo *info)
{
	if (procinfo_read(pid, info) || info->vm_pin == PROCINFO_UNKNOWN)
		return 0;
	return info->vm_pin + info->vm_lck;
}

static int by_pid(const void *x, const void *y)
{
	const struct charged *a = x, *b = y;

	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

static uint64_t others(struct audit_live *l, pid_t owner, pid_t caller)
{
	struct procinfo info;
	uint64_t sum = 0, bytes;
	pid_t *pids = NULL;
	size_t nr = 0, i;

	if (procinfo_pids(&pids, &nr))
		nr = 0;
	for (i = 0; i < nr; i++) {
		const struct charged key = { .pid = pids[i] };
		const struct charged *old = bsearch(&key, l->at_start, l->nr, sizeof(key), by_pid);

		if (pids[i] == owner || pids[i] == caller)
			continue;
		bytes = bytes_of(pids[i], &info);
		if (!old || bytes > old->bytes)
			sum += bytes - (old ? old->bytes : 0);
	}
	free(pids);
	return sum;
}

static int charged_live(void *arg, const struct trace_event *pin, struct audit_charge *charge)
{
	struct audit_live *l = live_of(arg);
	struct trace_look look = { .user = pin->user };
	struct procinfo info, other;

	if (!procinfo_lives(pin->owner, pin->owner_start_ns) || procinfo_read(pin->owner, &info) ||
	    info.vm_pin == PROCINFO_UNKNOWN)
		return -1;
	charge->process = info.vm_pin + info.vm_lck;
	charge->capable = info.cap_ipc_lock;
	if (pin->tgid != pin->owner)
		charge->process += bytes_of(pin->tgid, &other);
	/* The user lives as long as one of its processes does, and the owner has just been seen. */
	if (!tracer__look(l->tracer, &look))
		charge->process += look.locked * l->page_size;
	charge->others = others(l, pin->owner, pin->tgid);
	return 0;
}

/* --- the trace -------------------------------------------------------------------------------- */

static void catch_up_live(void *arg)
{
	struct audit_live *l = live_of(arg);

	tracer__read(l->tracer, l->each, l->arg);
}

static bool lost_live(void *arg)
{
	struct trace_health h;

	tracer__health(live_of(arg)->tracer, &h);
	return h.totals.dropped_calls || h.totals.dropped_pins || h.totals.dropped_releases ||
	       h.totals.dropped_unpins || h.missed_runs || h.lost[LOST_UNREADABLE] ||
	       h.lost[LOST_NO_TASK] || h.lost[LOST_EXIT];
}

static uint64_t now_live(void *arg)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

const struct audit_machine audit_live_machine = {
	.scan = scan_live, .drain = drain_live, .movable = movable_live, .is_reserved = reserved_live,
	.is_open = open_live, .is_idle = idle_live, .charged = charged_live, .frames = frames_live,
	.catch_up = catch_up_live, .lost = lost_live, .now = now_live,
};

struct audit_live *audit_live__new(struct scanner *s, struct tracer *t, trace_call_fn each,
				   void *arg)
{
	struct audit_live *l = xcalloc(1, sizeof(*l));
	struct procinfo info;
	pid_t *pids = NULL;
	size_t nr = 0, i;

	*l = (struct audit_live){
		.scanner = s, .tracer = t, .each = each, .arg = arg,
		.page_size = sysconf(_SC_PAGESIZE),
		.kpageflags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC),
	};
	if (!procinfo_pids(&pids, &nr))
		l->at_start = xcalloc(nr, sizeof(*l->at_start));
	for (i = 0; i < nr; i++)
		l->at_start[l->nr++] = (struct charged){ pids[i], bytes_of(pids[i], &info) };
	free(pids);
	return l;
}

void audit_live__free(struct audit_live *l)
{
	if (!l)
		return;
	if (l->kpageflags >= 0)
		close(l->kpageflags);
	free(l->at_start);
	free(l);
}
