// SPDX-License-Identifier: GPL-2.0
/* pinscan: what is pinned right now, whose it is, and what it declares. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "memlock.h"
#include "request.h"
#include "scan_view.h"
#include "stop.h"
#include "svgmap.h"
#include "tasks.h"
#include "vec.h"
#include "zones.h"

/* A series is JSON lines, for readers that take one object at a time. */
static void print_json(json_t *o, bool series)
{
	json_dumpf(o, stdout, (series ? JSON_COMPACT : JSON_INDENT(2)) | JSON_REAL_PRECISION(15));
	putchar('\n');
	json_decref(o);
}

static int show_memlock(const struct request *r, const struct snapshot *snap, json_t **json,
			struct fail *fail)
{
	struct memlock_line *lines;
	size_t nr;
	int err = memlock_collect(snap, &r->view, &lines, &nr);

	if (err)
		return fail_set(fail, EXIT_USAGE, "cannot read /proc: %s", strerror(-err));
	if (json)
		*json = memlock_json(snap, &r->view, lines, nr);
	else
		memlock_text(&r->view, lines, nr, stdout);
	free(lines);
	return 0;
}

static int show_map(const struct request *r, const struct snapshot *snap, struct fail *fail)
{
	struct zone_span *zones;
	size_t nr;
	int err;

	if (zone_spans_read(&zones, &nr))
		nr = 0;
	err = svgmap_write(r->map, snap, zones, nr, fail);
	free(zones);
	return err;
}

/* Of a series, which a log may hold for long: when each part of it was true. */
static void say_when(const struct snapshot *snap)
{
	time_t t = (time_t)snap->taken_at;
	char text[32];
	struct tm tm;

	if (localtime_r(&t, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm))
		puts(text);
}

static int show_text(const struct request *r, const struct snapshot *snap, struct fail *fail)
{
	if (r->watch && r->mode != MODE_MAP)
		say_when(snap);
	switch (r->mode) {
	case MODE_PFN:
		range_text(snap, &r->view, &r->range, stdout);
		return 0;
	case MODE_BLOCK:
		return blocks_text(snap, &r->view, r->block, stdout, fail);
	case MODE_MEMLOCK:
		return show_memlock(r, snap, NULL, fail);
	case MODE_MAP:
		return show_map(r, snap, fail);
	case MODE_TABLE:
		scan_text(snap, &r->view, stdout);
		return 0;
	}
	return 0;
}

static int show_json(const struct request *r, const struct snapshot *snap, struct fail *fail)
{
	json_t *o = scan_json(snap, &r->view), *part = NULL;
	int err = 0;

	if (r->mode == MODE_PFN)
		part = range_json(snap, &r->view, &r->range);
	else if (r->mode == MODE_BLOCK)
		err = blocks_json(snap, &r->view, r->block, &part, fail);
	else if (r->mode == MODE_MEMLOCK)
		err = show_memlock(r, snap, &part, fail);
	if (err) {
		json_decref(o);
		return err;
	}
	if (r->mode == MODE_PFN)
		json_object_set_new(o, "range", range_asked_json(snap, &r->range));
	if (part)
		json_object_set_new(o, r->mode == MODE_PFN ? "runs" :
				       r->mode == MODE_BLOCK ? "memory_blocks" : "memlock", part);
	print_json(o, r->watch);
	return 0;
}

/* The notes of a repeated scan are said once, until they change. */
static void say_notes(const struct snapshot *snap, char **said)
{
	char *all = xstrdup(""), *more;
	size_t i;

	for (i = 0; i < snap->nr_notes; i++) {
		more = xasprintf("%s%s\n", all, snap->notes[i]);
		free(all);
		all = more;
	}
	if (!*said || strcmp(*said, all))
		for (i = 0; i < snap->nr_notes; i++)
			warn("note: %s", snap->notes[i]);
	free(*said);
	*said = all;
}

static void forget(struct scan_view *view)
{
	groups_free((struct group *)view->before, view->nr_before);
	snapshot__free((struct snapshot *)view->last);
}

/* What the next scan is compared with. Takes over @snap. */
static void remember(struct scan_view *view, const struct snapshot *snap)
{
	struct group *now;
	size_t nr;

	forget(view);
	snapshot__group(snap, view->by, &now, &nr);
	/* An empty list still means that there was something to compare with. */
	view->before = now ? now : xcalloc(1, sizeof(*now));
	view->nr_before = nr;
	view->last = snap;
}

static double monotonic(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Times that a long scan has missed are not made up for. False when a signal says to end. */
static bool wait_next(double *next, double seconds)
{
	struct pollfd none = { .fd = -1 };
	double left;

	*next += seconds;
	while ((left = *next - monotonic()) > 0 && !stop__asked())
		stop__poll(&none, left);
	if (left < 0)
		*next -= left;
	return !stop__asked();
}

static int run(struct request *r, struct scanner *scanner, struct tasks *tasks, struct fail *fail)
{
	struct snapshot_opts opts = { .recheck = true, .holders = true,
				      .cgroup = r->view.filter.cgroup };
	struct pfn_ranges only = {};
	struct snapshot *snap;
	double next = monotonic();
	char *said = NULL;
	uint64_t times = 0;
	bool more;
	int err = 0;

	opts.all_owners = r->mode == MODE_PFN || r->mode == MODE_BLOCK || r->view.by > BY_VMA;
	opts.blocks = r->mode == MODE_BLOCK || r->view.by == BY_BLOCK;
	if (r->mode == MODE_PFN) {
		pfn_ranges_add(&only, r->range.start, r->range.end);
		opts.only = &only;
		opts.whole_folios = true;
	}
	for (;;) {
		snap = snapshot__take(scanner, tasks, &opts, fail);
		if (!snap) {
			err = -1;
			break;
		}
		err = r->json ? show_json(r, snap, fail) : show_text(r, snap, fail);
		more = !err && r->watch && stop__flush();
		if (!err)
			say_notes(snap, &said);
		r->lost |= snap->files_lost;
		if (r->watch)
			remember(&r->view, snap);
		else
			snapshot__free(snap);
		if (!more || ++times == r->count || !wait_next(&next, r->watch))
			break;
		if (!r->json)
			putchar('\n');
	}
	forget(&r->view);
	pfn_ranges_free(&only);
	free(said);
	return err;
}

int main(int argc, char **argv)
{
	struct request r = { .block = UINT64_MAX };
	struct scanner *scanner;
	struct tasks *tasks = NULL;
	struct fail fail = {};
	int err = -1;

	alloc_keep_freed();
	cli_fill_std_fds();
	request_parse(&r, argc, argv);
	signal(SIGPIPE, SIG_IGN);
	/* Once, a signal may end it at any time, but for a file that would be left behind. */
	if (r.watch || (r.map && strcmp(r.map, "-")))
		stop__hold(r.watch);

	scanner = scanner__open(&r.scan, &fail);
	if (scanner)
		tasks = tasks__open(scanner, &fail);
	if (tasks)
		err = run(&r, scanner, tasks, &fail);
	tasks__free(tasks);
	scanner__free(scanner);
	filter_free(&r.view.filter);
	if (err)
		die(fail.code, "%s", fail.msg);
	finish(r.lost ? EXIT_LOST : EXIT_DONE);
}
