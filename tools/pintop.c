// SPDX-License-Identifier: GPL-2.0
/* pintop: who pins memory, live. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "health.h"
#include "source.h"
#include "stop.h"
#include "text.h"
#include "tui_batch.h"
#include "tui_features.h"
#include "tui_live.h"
#include "tui_screen.h"
#include "tui_source.h"
#include "tui_table.h"
#include "tui_wait.h"
#include "vec.h"

#define MAX_THREADS 64

enum {
	KEY_VIEW = 256,
	KEY_MAX_AGE,
	KEY_BTF,
	KEY_SOURCE,
	KEY_LEDGER_MEMORY,
	KEY_FEATURES,
};

static const struct cli_opt opts[] = {
	{ 0, NULL, NULL, "What to show" },
	FILTER_OPTS("only these processes"),
	FILTER_DRIVER_OPT,
	{ 's', "sort", "COLUMN", "sort by COLUMN; \"-s help\" lists the columns" },
	{ KEY_VIEW, "view", "VIEW", "process (default), driver, site, cgroup, file or node" },
	{ 0, NULL, NULL, "Output for files and programs" },
	{ 'b', "batch", NULL, "plain text, one table per refresh; at the end what\n"
			      "pintop itself cost, on standard error" },
	{ 'j', "json", NULL, "a JSON object per refresh, one a line" },
	{ 'n', "iterations", "N", "end after N refreshes" },
	{ 0, NULL, NULL, "How to look" },
	{ 'd', "delay", "SECONDS", "from one refresh to the next, 0.1 to 3600 (default 1)" },
	{ KEY_SOURCE, "source", "SOURCE", "events: each pin and unpin call as it happens; scan:\n"
					  "what struct page says, again and again; auto (default):\n"
					  "events where the kernel allows it, else scan" },
	{ KEY_MAX_AGE, "max-age", "SECONDS",
	  "scan again after this time although no counter of\n"
	  "the kernel has moved (default 10; 0: always)" },
	{ KEY_LEDGER_MEMORY, "ledger-memory", "SIZE",
	  "with events: memory in the kernel for what is pinned\n"
	  "and by whom (default 144M, less on small machines)" },
	{ 't', "threads", "N", "scan with N threads (default 1, at most 64)" },
	{ KEY_BTF, "btf", "FILE", "take the kernel's types from FILE instead of\n"
				  "/sys/kernel/btf/vmlinux" },
	{ 'C', "no-color", NULL, "no colours; also with NO_COLOR set in the environment" },
	{ 0, NULL, NULL, "Other" },
	{ KEY_FEATURES, "features", NULL, "print how each pin function of this kernel is seen, exit" },
	CLI_COMMON,
	CLI_END
};

static const struct cli cli = {
	.name = "pintop",
	.synopsis = "[OPTION]...",
	.brief = "Show live who pins memory (FOLL_PIN) and how much of it cannot move for that.",
	.opts = opts,
	.footer = "Press h in pintop for its keys.\n"
		  "Needs CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN (page frame numbers), CAP_SYS_PTRACE (other\n"
		  "users' processes) and CAP_DAC_READ_SEARCH (their open files, names of cgroups):\n"
		  "root. Exit status: 0 done, 1 usage or environment, 2 the kernel refused the BPF\n"
		  "programs, 4 data was lost (-b, -j).\n",
};

static struct {
	struct model model;
	const char *sort;	/* NULL: the view's usual order */
	bool batch, json, no_color, features;
	struct source_choice source;
	double delay;
	uint64_t refreshes;	/* 0: no end */
	bool lost;		/* not all could be shown */
} conf = {
	.delay = 1,
	.source = { .opts = { .max_age = 10, .snapshot = { .holders = true, .recheck = true } } },
};

/* --- options ---------------------------------------------------------------------------------- */

static void parse_view(const char *arg)
{
	int view = view_parse(arg);

	if (view < 0)
		die(EXIT_USAGE, "VIEW must be process, driver, site, cgroup, file or node, "
		    "not '%s'", arg);
	conf.model.view = (enum view)view;
}

static void parse_threads(const char *arg)
{
	uint64_t threads;

	if (parse_u64(arg, 1, MAX_THREADS, &threads))
		die(EXIT_USAGE, "the number of threads must be from 1 to %d, not '%s'", MAX_THREADS,
		    arg);
	conf.source.opts.scan.threads = (unsigned int)threads;
}

static void parse_option(int key, const char *arg)
{
	if (filter_option(&conf.model.filter, key, arg))
		return;
	switch (key) {
	case 's':
		conf.sort = arg;
		break;
	case KEY_VIEW:
		parse_view(arg);
		break;
	case 'b':
		conf.batch = true;
		break;
	case 'j':
		conf.json = true;
		break;
	case 'n':
		if (parse_u64(arg, 1, UINT64_MAX, &conf.refreshes))
			die(EXIT_USAGE, "the number of refreshes must be from 1, not '%s'", arg);
		break;
	case 'd':
		if (parse_seconds(arg, DELAY_MIN, DELAY_MAX, &conf.delay))
			die(EXIT_USAGE, "the delay must be seconds from %g to %g, not '%s'",
			    DELAY_MIN, DELAY_MAX, arg);
		break;
	case KEY_MAX_AGE:
		if (parse_seconds(arg, 0, 1e6, &conf.source.opts.max_age))
			die(EXIT_USAGE, "--max-age must be seconds from 0 to 1000000, not '%s'",
			    arg);
		break;
	case 't':
		parse_threads(arg);
		break;
	case KEY_SOURCE:
		source_choice_parse(&conf.source, arg);
		break;
	case KEY_LEDGER_MEMORY:
		source_opts_memory(&conf.source.opts, arg);
		break;
	case KEY_FEATURES:
		conf.features = true;
		break;
	case KEY_BTF:
		conf.source.opts.scan.btf = arg;
		break;
	case 'C':
		conf.no_color = true;
		break;
	}
}

static void set_sort(void)
{
	const struct column *col;

	if (!conf.sort)
		return;
	if (!strcmp(conf.sort, "help")) {
		table_print_columns();
		finish(EXIT_DONE);
	}
	col = table_find(conf.model.view, conf.sort);
	if (!col)
		die(EXIT_USAGE, "the view by %s has no column '%s' to sort by; \"-s help\" lists "
		    "them", view_name(conf.model.view), conf.sort);
	conf.model.views[conf.model.view].sort = col;
}

static void check_views(void)
{
	enum view view = conf.model.view;

	if (view != VIEW_PROCESS && filter_has_processes(&conf.model.filter))
		die(EXIT_USAGE, "--pid, --comm and --user are for the view by process, not by %s",
		    view_name(view));
	if (!view_has_flows(view) && conf.model.filter.nr_drivers)
		die(EXIT_USAGE, "--driver is for the views by process, driver and site, not by %s",
		    view_name(view));
}

static void parse_args(int argc, char **argv)
{
	const char *arg, *no_color = getenv("NO_COLOR");
	int key;

	while ((key = cli_next(&cli, argc, argv, &arg)) != -1)
		parse_option(key, arg);
	if (optind < argc)
		die(EXIT_USAGE, "unexpected argument '%s'; see pintop --help", argv[optind]);
	set_sort();
	check_views();
	conf.source.opts.snapshot.cgroup = conf.model.filter.cgroup;
	conf.no_color |= no_color && *no_color;
}

/* --- batch ------------------------------------------------------------------------------------ */

/* 0, or -1 with @fail filled. */
static int batch_refresh(struct source *src, struct fail *fail)
{
	const struct snapshot *snap = source__poll(src, false, fail);

	if (!snap)
		return -1;
	conf.lost |= snap->files_lost;
	model__refresh(&conf.model, snap);
	if (!conf.json)
		batch_text(&conf.model, source__name(src));
	else if (batch_json(&conf.model, source__name(src)))
		return fail_set(fail, EXIT_USAGE, "out of memory");
	return 0;
}

static int batch_run(struct source *src, struct fail *fail)
{
	uint64_t i, scans = 0;

	for (i = 0; !conf.refreshes || i < conf.refreshes; i++) {
		struct source_cost cost = source__cost(src);
		double pause = live_pause(conf.delay, cost.scans > scans ? cost.last_ns : 0);

		if (i && wait__for(-1, pause) == WAIT_STOPPED)
			break;
		scans = cost.scans;
		if (i && !conf.json)
			putchar('\n');
		if (batch_refresh(src, fail))
			return -1;
		if (!stop__flush())
			break;
	}
	return 0;
}

/* True, and says why, when live events have not seen all, as far as is known at the end. */
static bool lost_events(void)
{
	const struct snap_live *live = conf.model.snap ? conf.model.snap->live : NULL;
	char text[256];

	if (!live || !health_is_bad(live))
		return false;
	fflush(stdout);
	if (live->lost_ever)
		warn("lost: %s", health_lost(live, text, sizeof(text)));
	else
		warn("the kernel counts %+" PRId64 " pins more than were seen", live->difference);
	return true;
}

static void print_cost(const struct source *src, double started)
{
	struct source_cost cost = source__cost(src);
	double seconds = wait__now() - started, cpu = wait__cpu();

	fflush(stdout);
	fprintf(stderr, "pintop: cost: %.3f s of CPU time in %.1f s (%.2f %% of a core), "
		"%llu scan%s, %llu skipped\n", cpu, seconds,
		seconds > 0 ? 100 * cpu / seconds : 0.0, (unsigned long long)cost.scans,
		text_s(cost.scans), (unsigned long long)cost.skipped);
}

/* --- main ------------------------------------------------------------------------------------- */

static void __attribute__((noreturn)) show_features(void)
{
	struct fail fail = { 0 };
	int err = features_print(&conf.source.opts, &fail);

	if (!err)
		finish(EXIT_DONE);
	fflush(stdout);
	die(fail.code, "%s", fail.msg);
}

int main(int argc, char **argv)
{
	double started = wait__now();
	struct fail fail = { 0 };
	struct source *src = NULL;
	int err;

	alloc_keep_freed();
	cli_fill_std_fds();
	tui_text_init();
	model__init(&conf.model);
	parse_args(argc, argv);
	wait__init();
	if (conf.features)
		show_features();
	if (conf.batch || conf.json || !screen__check(&fail))
		src = source_choice_open(&conf.source, &conf.model, conf.batch || conf.json,
					 &fail);
	if (!src)
		die(fail.code, "%s", fail.msg);
	if (conf.batch || conf.json)
		err = batch_run(src, &fail);
	else
		err = live_run(&conf.model, src, conf.delay, conf.refreshes, !conf.no_color, &fail);
	if ((conf.batch || conf.json) && !err)
		conf.lost |= lost_events();
	if (conf.batch && !err)
		print_cost(src, started);
	model__free(&conf.model);
	source__free(src);
	if (err)
		die(fail.code, "%s", fail.msg);
	finish(conf.lost ? EXIT_LOST : EXIT_DONE);
}
