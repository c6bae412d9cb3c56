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
/*
 * The same for bringing the ledger in line with memory; sooner where the last
 * time was not the end of it, later each time that there was nothing to do.
 */
#define REPAIR_LEAST_NS 5000000000ULL
#define REPAIR_AGAIN_NS 1000000000ULL
#define REPAIR_MOST_SHIFT 6

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
	uint64_t polled_events;		/* and when it was last polled */

	struct comparer comparer;
	bool unsettled;			/* the ledger could not be brought in line with memory */
	uint64_t made_good[LOST_CAUSES];	/* so much of what was lost */
	uint64_t missed;		/* runs, when the ledger was last in line with memory */
	uint64_t repaired_ns;
	uint64_t repairs, repaired_pins;
	bool differed;			/* the last comparison found a difference */
	bool changed;			/* something had to be changed to bring it in line */
	unsigned int in_vain;		/* times since anything had to be */
	bool unproven;			/* a kernel's error was believed while pins came and went */
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* --- what may have been missed ---------------------------------------------------------------- */

/*
 * What a look at memory gives back, some once there is room for it. Nothing, if not said here: a
 * ledger that was too small is said to the end, and who had no record or no stack gets none later.
 */
static const enum { NOTHING, BY_A_LOOK, WITH_ROOM } gives_back[LOST_CAUSES] = {
	[LOST_UNREADABLE] = BY_A_LOOK, [LOST_UNMATCHED] = BY_A_LOOK,
	[LOST_NO_TASK] = BY_A_LOOK, [LOST_EXIT] = BY_A_LOOK,
	[LOST_TOO_MANY] = WITH_ROOM, [LOST_BEYOND] = WITH_ROOM,
};

static uint64_t missed_runs(const struct events_source *src)
{
	return attachment__missed_runs(ledger__attachment(src->ledger), ledger__totals(src->ledger));
}

/* As it was before memory was looked at: what is missed meanwhile may not have been seen there. */
struct before {
	uint64_t lost[LOST_CAUSES];
	uint64_t missed, events;
};

static struct before before_now(const struct events_source *src)
{
	const struct ledger_totals *t = ledger__totals(src->ledger);
	struct before before = { .missed = missed_runs(src), .events = t->events };

	memcpy(before.lost, t->lost, sizeof(before.lost));
	return before;
}

static void in_line(struct events_source *src, const struct before *before,
		    const struct reconciled *res, bool lost)
{
	bool changed = res->added || res->removed, complete = res->settled && !res->no_room;
	int i;

	src->unsettled = !res->settled;
	src->changed = changed;
	src->in_vain = changed || lost || !src->comparer.has_base ? 0 : src->in_vain + 1;
	if (res->settled)
		comparer__in_line(&src->comparer, !changed);
	for (i = 0; i < LOST_CAUSES; i++)
		if (gives_back[i] == BY_A_LOOK || (complete && gives_back[i] == WITH_ROOM))
			src->made_good[i] = before->lost[i];
	src->missed = before->missed;
	src->repaired_ns = now_ns();
	src->differed = false;
}

static uint64_t lost_now(const struct events_source *src, int cause)
{
	return ledger__totals(src->ledger)->lost[cause] - src->made_good[cause];
}

/* Has anything been lost that a look at memory can give back? */
static bool lost_something(const struct events_source *src)
{
	int i;

	for (i = 0; i < LOST_CAUSES; i++)
		if (gives_back[i] == BY_A_LOOK && lost_now(src, i))
			return true;
	return src->unsettled || missed_runs(src) > src->missed;
}

static uint64_t lost_for_good(const struct events_source *src)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < LOST_CAUSES; i++)
		sum += gives_back[i] == BY_A_LOOK ? 0 : lost_now(src, i);
	return sum;
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

static struct compared compare(struct events_source *src, struct vmstat_pins *kernel)
{
	const struct ledger_totals *t = ledger__totals(src->ledger);
	bool missed = missed_runs(src) || t->lost[LOST_EXIT] ||
		      attachment__summary(ledger__attachment(src->ledger)).kprobe;

	return comparer__run(&src->comparer, src->ledger, !lost_something(src), missed, kernel);
}

/* Until ledger and kernel have agreed once, what memory shows was there before the start. */
static bool is_seeding(const struct events_source *src)
{
	return !src->comparer.has_base && !missed_runs(src);
}

static int bring_in_line(struct events_source *src, struct fail *fail)
{
	enum owner_flags why = is_seeding(src) ? OWNER_BEFORE : OWNER_REPAIRED;
	struct before before = before_now(src);
	bool lost = lost_something(src);
	struct vmstat_pins kernel;
	struct reconciled res;

	if (take_details(src, fail))
		return -1;
	compare(src, &kernel);
	if (reconcile(src->ledger, src->scanner, &src->snap->ranges, src->snap, why, &res, fail))
		return -1;
	in_line(src, &before, &res, lost);
	if (why == OWNER_REPAIRED && src->changed) {
		src->repairs++;
		src->repaired_pins += res.added + res.removed;
	}
	src->unproven = before.events != ledger__totals(src->ledger)->events;
	return 0;
}

/*
 * Where the kernel's error was learnt while pins came and went, once more when
 * they do not: of pages that are always being pinned a wrong one can hide.
 */
static bool wants_proof(const struct events_source *src)
{
	return src->unproven && src->comparer.base_ahead &&
	       src->polled_events == ledger__totals(src->ledger)->events;
}

static bool wants_repair(const struct events_source *src)
{
	uint64_t since = now_ns() - src->repaired_ns, least = REPAIR_LEAST_NS;
	bool lost = lost_something(src);

	if (!lost && !src->differed && !wants_proof(src))
		return false;
	if (!lost)
		least = src->changed || !src->in_vain ? REPAIR_AGAIN_NS :
			REPAIR_LEAST_NS << (src->in_vain < REPAIR_MOST_SHIFT ?
					    src->in_vain - 1 : REPAIR_MOST_SHIFT - 1);
	return since > pause_ns(src, least);
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
	compared = compare(src, &src->snap->after);
	src->differed = compared.differs;
	live->difference_known = compared.known;
	live->difference = compared.difference;
	live->kernel_drift = compared.drift;
	live->extra = compared.extra;
	live->retried = compared.retried;
	live->in_flight = ledger__in_flight(src->ledger);
	for (i = 0; i < LOST_CAUSES; i++)
		live->lost[i] = lost_now(src, i);
	live->lost_ever = lost_for_good(src);
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

	events_look(source);
	if (wants_repair(src)) {
		if (bring_in_line(src, fail))
			return NULL;
	} else if (wants_details(src, force)) {
		if (take_details(src, fail))
			return NULL;
	} else {
		source->cost.skipped++;
	}
	src->polled_events = ledger__totals(src->ledger)->events;
	/* What it cannot give out again is lost as a full ledger's pins are: counted, and said. */
	ledger__recycle(src->ledger);
	fill(src);
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

/* The second time shows whether a difference that is there then is the kernel's error. */
static int seed(struct events_source *src, struct fail *fail)
{
	struct vmstat_pins kernel;

	if (bring_in_line(src, fail))
		return -1;
	return compare(src, &kernel).differs && bring_in_line(src, fail) ? -1 : 0;
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
	if (!src->ledger || seed(src, fail))
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
