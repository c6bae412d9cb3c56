// SPDX-License-Identifier: GPL-2.0
/*
 * The source that needs no hook: a scan, repeated when something can have
 * changed. Pins come and go through the kernel's counters, so as long as
 * those stand still no scan is needed; max_age catches what they do not show
 * (a pinned page that is mapped elsewhere, an owner that exits).
 */
#include <string.h>
#include <time.h>

#include "source_ops.h"
#include "tasks.h"
#include "vec.h"

struct scan_source {
	struct source source;
	struct scanner *scanner;
	struct tasks *tasks;
	struct snapshot_opts opts;
	double max_age;
	struct snapshot *snap;
};

static double age_of(const struct snapshot *snap)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9 - snap->taken_ns / 1e9;
}

/* Have the kernel's counters stood still since before the last scan began? */
static bool unmoved(const struct snapshot *snap)
{
	struct vmstat_pins now;

	if (!snap->kernel_known || !snap->refreshed || vmstat_refresh() || vmstat_read(&now))
		return false;
	return now.acquired == snap->before.acquired && now.released == snap->before.released;
}

static const struct snapshot *scan_poll(struct source *source, bool force, struct fail *fail)
{
	struct scan_source *src = (struct scan_source *)source;
	struct snapshot *snap;

	if (src->snap && !force && age_of(src->snap) < src->max_age && unmoved(src->snap)) {
		source->cost.skipped++;
		return src->snap;
	}
	snap = snapshot__take(src->scanner, src->tasks, &src->opts, fail);
	if (!snap)
		return NULL;
	snapshot__free(src->snap);
	src->snap = snap;
	source->cost.scans++;
	source->cost.last_ns = snap->took_ns;
	return snap;
}

static void scan_free(struct source *source)
{
	struct scan_source *src = (struct scan_source *)source;

	snapshot__free(src->snap);
	tasks__free(src->tasks);
	scanner__free(src->scanner);
	free(src);
}

static const struct source_ops ops = { .name = "scan", .poll = scan_poll, .free = scan_free };

struct source *source_open_scan(const struct source_opts *opts, struct fail *fail)
{
	struct scan_source *src = xcalloc(1, sizeof(*src));

	src->source.ops = &ops;
	src->opts = opts->snapshot;
	src->max_age = opts->max_age;
	src->scanner = scanner__open(&opts->scan, fail);
	if (src->scanner)
		src->tasks = tasks__open(src->scanner, fail);
	if (!src->tasks) {
		scan_free(&src->source);
		return NULL;
	}
	return &src->source;
}
