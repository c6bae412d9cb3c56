// SPDX-License-Identifier: GPL-2.0
/*
 * The source with live events: the ledger says who holds what at this moment;
 * a scan adds what only struct page and page tables tell (zones, files, VMAs),
 * as often as that is cheap. Each time the ledger is held against the kernel's
 * own counters, and against memory where something may have been missed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cgroup_task.h"
#include "cli.h"
#include "compare.h"
#include "live_build.h"
#include "live_ustacks.h"
#include "reconcile.h"
#include "source_ops.h"
#include "tasks.h"
#include "vec.h"

/* Details are taken anew at most so often, and for so small a share of the time. */
#define DETAILS_LEAST_NS 2000000000ULL
#define DETAILS_SHARE 50
/* The same for bringing the ledger in line with memory. */
#define REPAIR_LEAST_NS 5000000000ULL

struct events_source {
	struct source source;
	struct scanner *scanner;
	struct tasks *tasks;
	struct ledger *ledger;
	struct live_ustacks *ustacks;	/* NULL: not asked for */
	struct live_builder *builder;
	struct snapshot_opts opts;
	double max_age;
	struct snapshot *snap;		/* its procs and live are the ledger's */
	uint64_t details_ns;		/* when it was scanned */
	uint64_t polled_ns;
	uint64_t events;		/* calls seen when it was scanned */

	struct comparer comparer;
	bool unsettled;			/* the ledger could not be brought in line with memory */
	uint64_t lost[LOST_CAUSES];	/* when the ledger was last in line with memory */
	uint64_t missed;		/* runs, then */
	uint64_t repaired_ns;
	uint64_t repairs, repaired_pins;
	bool differed;			/* the last comparison found a difference */
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* --- what may have been missed ---------------------------------------------------------------- */

/* Program runs dropped, less those of copies that had nothing to do there. */
static uint64_t missed_runs(const struct events_source *src)
{
	const struct ledger_totals *t = ledger__totals(src->ledger);
	uint64_t misses[LEDGER_CONTEXTS], sum = 0;
	int i;

	attachment__misses(ledger__attachment(src->ledger), misses);
	for (i = 0; i < LEDGER_CONTEXTS; i++)
		/* Of one taken back before it was given there are 2^64 - 1, for a moment. */
		if ((int64_t)(misses[i] - t->excused[i]) > 0)
			sum += misses[i] - t->excused[i];
	return sum;
}

static void in_line(struct events_source *src, bool settled)
{
	const struct ledger_totals *t = ledger__totals(src->ledger);
	int i;

	src->unsettled = !settled;
	if (settled)
		comparer__in_line(&src->comparer);

	for (i = 0; i < LOST_CAUSES; i++)
		src->lost[i] = t->lost[i];
	src->missed = missed_runs(src);
	src->repaired_ns = now_ns();
	src->differed = false;
}

/* Has anything been lost that a look at memory can give back? */
static bool lost_something(const struct events_source *src)
{
	static const enum ledger_loss repairable[] = {
		LOST_UNREADABLE, LOST_UNMATCHED, LOST_NO_TASK, LOST_EXIT,
	};
	const struct ledger_totals *t = ledger__totals(src->ledger);
	size_t i;

	for (i = 0; i < sizeof(repairable) / sizeof(repairable[0]); i++)
		if (t->lost[repairable[i]] != src->lost[repairable[i]])
			return true;
	return src->unsettled || missed_runs(src) > src->missed;
}

/* --- snapshots -------------------------------------------------------------------------------- */

static int take_details(struct events_source *src, struct fail *fail)
{
	struct snapshot *snap = snapshot__take(src->scanner, src->tasks, &src->opts, fail);

	if (!snap)
		return -1;
	snapshot__free(src->snap);
	src->snap = snap;
	src->details_ns = snap->taken_ns;
	src->events = ledger__totals(src->ledger)->events;
	src->source.cost.scans++;
	return 0;
}

/* After a scan that took so long, not another one for so long. */
static uint64_t pause_ns(const struct events_source *src, uint64_t least)
{
	uint64_t share = src->snap->took_ns * DETAILS_SHARE;

	return share > least ? share : least;
}

static bool wants_details(const struct events_source *src, bool force)
{
	uint64_t age = now_ns() - src->details_ns;

	if (force || age > src->max_age * 1e9)
		return true;
	return src->events != ledger__totals(src->ledger)->events &&
	       age > pause_ns(src, DETAILS_LEAST_NS);
}

static int bring_in_line(struct events_source *src, enum owner_flags why, struct fail *fail)
{
	struct reconciled res;

	if (take_details(src, fail) ||
	    reconcile(src->ledger, src->scanner, &src->snap->ranges, src->snap, why, &res, fail))
		return -1;
	if (why == OWNER_REPAIRED) {
		src->repairs++;
		src->repaired_pins += res.added + res.removed;
	}
	in_line(src, res.settled);
	return 0;
}

static uint64_t lost_for_good(const struct ledger_totals *t)
{
	return t->lost[LOST_NO_ENTRY] + t->lost[LOST_TOO_MANY] + t->lost[LOST_BEYOND] +
	       t->lost[LOST_NO_OWNER] + t->lost[LOST_NO_SITE];
}

static void fill_health(struct events_source *src)
{
	const struct ledger_totals *t = ledger__totals(src->ledger);
	struct snap_live *live = src->snap->live;
	struct compared compared;
	int i;

	live->probes = attachment__states(ledger__attachment(src->ledger), &live->nr_probes);
	live->attached = attachment__summary(ledger__attachment(src->ledger));
	live->sees_contexts = t->sees_contexts;
	compared = comparer__run(&src->comparer, src->ledger, !lost_something(src),
				 missed_runs(src) || t->lost[LOST_EXIT], &src->snap->after);
	live->difference_known = compared.known;
	live->difference = compared.difference;
	live->kernel_drift = compared.drift;
	live->extra = compared.extra;
	live->in_flight = ledger__in_flight(src->ledger);
	for (i = 0; i < LOST_CAUSES; i++)
		live->lost[i] = t->lost[i] - src->lost[i];
	live->lost_ever = lost_for_good(t);
	live->missed_runs = missed_runs(src);
	live->suspect = lost_something(src);
	live->follow_lost = ledger__follow_lost(src->ledger);
	live->repairs = src->repairs;
	live->repaired_pins = src->repaired_pins;
	live->events = t->events;
	live->nested = t->nested;
	live->entries = ledger__entries_used(src->ledger) - 1;
	live->entries_size = ledger__entries_size(src->ledger) - 1;
	live->owners = ledger__owners_used(src->ledger) - 2;
	live->owners_size = ledger__owners_size(src->ledger) - 2;
	live->details_ns = src->details_ns;
}

static void fill(struct events_source *src)
{
	uint64_t now = now_ns();
	struct snapshot *snap = src->snap;

	live_builder__fill(src->builder, snap,
			   src->polled_ns ? (now - src->polled_ns) / 1e9 : 0);
	src->polled_ns = now;
	fill_health(src);
	snap->total.pins = snap->machine.pins = snap->live->in_flight > 0 ? snap->live->in_flight : 0;
	snap->taken_ns = now;
	snap->took_ns = now_ns() - now;
	src->source.cost.last_ns = snap->took_ns;
}

static int events_fd(const struct source *source)
{
	const struct events_source *src = (const struct events_source *)source;

	return src->ustacks ? live_ustacks__fd(src->ustacks) : -1;
}

static void events_look(struct source *source)
{
	struct events_source *src = (struct events_source *)source;

	if (src->ustacks)
		live_ustacks__look(src->ustacks);
}

static const struct snapshot *events_poll(struct source *source, bool force, struct fail *fail)
{
	struct events_source *src = (struct events_source *)source;
	uint64_t since_repair = now_ns() - src->repaired_ns;
	bool suspicious = lost_something(src) || src->differed;

	events_look(source);
	if (suspicious && since_repair > pause_ns(src, REPAIR_LEAST_NS)) {
		if (bring_in_line(src, OWNER_REPAIRED, fail))
			return NULL;
	} else if (wants_details(src, force)) {
		if (take_details(src, fail))
			return NULL;
	} else {
		source->cost.skipped++;
	}
	/* What it cannot give out again is lost as a full ledger's pins are: counted, and said. */
	ledger__recycle(src->ledger);
	fill(src);
	src->differed = src->snap->live->difference_known && src->snap->live->difference;
	return src->snap;
}

static void events_free(struct source *source)
{
	struct events_source *src = (struct events_source *)source;

	snapshot__free(src->snap);
	live_builder__free(src->builder);
	live_ustacks__free(src->ustacks);
	ledger__free(src->ledger);
	tasks__free(src->tasks);
	scanner__free(src->scanner);
	free(src);
}

static int events_follow(struct source *source, pid_t pid, struct fail *fail)
{
	struct events_source *src = (struct events_source *)source;
	int err = ledger__follow(src->ledger, pid);

	if (err)
		return fail_set(fail, EXIT_USAGE, "cannot follow process %d: %s", pid,
				strerror(-err));
	if (src->ustacks)
		live_ustacks__see(src->ustacks, pid);
	return 0;
}

static const struct source_ops ops = {
	.name = "events", .poll = events_poll, .follow = events_follow, .fd = events_fd,
	.look = events_look, .free = events_free,
};

/* Memory ends here; what the directory does not reach is counted as lost. */
static uint64_t end_of_memory(void)
{
	struct pfn_ranges ranges;
	enum memory_source from;
	uint64_t end = 0;

	if (!pfn_ranges_memory(&ranges, &from) && ranges.nr)
		end = ranges.r[ranges.nr - 1].end;
	pfn_ranges_free(&ranges);
	return end;
}

static int find_cgroup(const struct source_opts *opts, struct ledger_opts *ledger,
		       struct fail *fail)
{
	int err;

	if (!opts->task_cgroup)
		return 0;
	err = cgroup_task_find(opts->task_cgroup, &ledger->cgroup, &ledger->cgroup_level);
	if (err == -ENODEV)
		return fail_set(fail, EXIT_USAGE, "cannot look for cgroup '%s': no cgroup2 is "
				"mounted, or not its root", opts->task_cgroup);
	return err ? fail_set(fail, EXIT_USAGE, "cannot find cgroup '%s' below the mount of "
			      "cgroup2: %s", opts->task_cgroup, strerror(-err)) : 0;
}

static int start(struct events_source *src, const struct source_opts *opts, struct fail *fail)
{
	struct ledger_opts ledger = {
		.entries = opts->ledger_entries, .owners = opts->ledger_owners,
		.max_pfn = end_of_memory(), .btf = opts->scan.btf, .no_fentry = opts->no_fentry,
		.follow = opts->follow, .user_stacks = opts->user_stacks,
	};

	if (find_cgroup(opts, &ledger, fail))
		return -1;
	src->scanner = scanner__open(&opts->scan, fail);
	if (src->scanner)
		src->tasks = tasks__open(src->scanner, fail);
	if (src->tasks)
		src->ledger = ledger__open(&ledger, scanner__page_array(src->scanner), fail);
	if (!src->ledger || bring_in_line(src, OWNER_BEFORE, fail))
		return -1;
	if (opts->user_stacks) {
		src->ustacks = live_ustacks__new(src->ledger, fail);
		if (!src->ustacks)
			return -1;
	}
	src->builder = live_builder__new(src->ledger, &(struct live_wants){
		.holds = opts->holds, .lines = opts->source_lines,
		.cgroup = opts->task_cgroup, .ustacks = src->ustacks,
	});
	return 0;
}

struct source *source_open_events(const struct source_opts *opts, struct fail *fail)
{
	struct events_source *src = xcalloc(1, sizeof(*src));

	src->source.ops = &ops;
	src->opts = opts->snapshot;
	/* The ledger is brought in line with the scan at once, and knows what changes after it. */
	src->opts.recheck = false;
	src->max_age = opts->max_age;
	if (start(src, opts, fail)) {
		events_free(&src->source);
		return NULL;
	}
	return &src->source;
}
