// SPDX-License-Identifier: GPL-2.0
/* pinscan: what is pinned right now, whose it is, and what it declares. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "memlock.h"
#include "pfnspec.h"
#include "scan_view.h"
#include "stop.h"
#include "svgmap.h"
#include "tasks.h"
#include "vec.h"
#include "zones.h"

enum {
	OPT_BY = 256, OPT_PFN, OPT_BLOCK, OPT_SORT, OPT_TOP, OPT_MAP, OPT_MEMLOCK, OPT_BTF,
	OPT_READ,
};

static const struct cli_opt options[] = {
	{ 0, NULL, NULL, "What to show:" },
	{ OPT_BY, "by", "WHAT", "group by process (default), vma, file, zone, node,\n"
				"size, cgroup or block" },
	{ OPT_PFN, "pfn", "RANGE", "each pinned run of page frames in RANGE and whose it is;\n"
				   "hex: A-B, A+N, '[A, B)' or the kernel's whole line\n"
				   "'alloc_contig_range: [A, B) PFNs busy'" },
	{ OPT_BLOCK, "memory-block", "[=N]", "memory blocks that cannot go offline because of\n"
					     "pins; with N, that block and its pinned runs" },
	{ OPT_MEMLOCK, "memlock", NULL, "VmPin, VmLck, RLIMIT_MEMLOCK and headroom of each\n"
					"process, beside what is pinned" },
	{ OPT_MAP, "map", "FILE.svg", "draw physical memory, coloured by share pinned and owner" },
	{ 0, NULL, NULL, "Of what:" },
	FILTER_OPTS("only these processes, with their VMAs"),
	{ 0, NULL, NULL, "How to show it:" },
	{ 'j', "json", NULL, "one JSON object; with -w, one a line" },
	{ OPT_SORT, "sort", "KEY", "bytes (default), pins, name, pid or change" },
	{ OPT_TOP, "top", "N", "only the first N lines" },
	{ 'w', "watch", "SECONDS", "repeat, and show the change" },
	{ 'n', "count", "N", "with -w: stop after N times" },
	{ 0, NULL, NULL, "How to look:" },
	{ 't', "threads", "N", "scan with N threads (default 1, at most 64)" },
	{ OPT_BTF, "btf", "FILE", "take the kernel's types from FILE instead of\n"
				  "/sys/kernel/btf/vmlinux" },
	{ OPT_READ, "read", "HOW", "how to read struct page: cast (default where the kernel\n"
				   "has it), bulk or page; the same result, for tests" },
	CLI_COMMON,
	CLI_END
};

static const struct cli cli = {
	.name = "pinscan",
	.synopsis = "[OPTION]...",
	.brief = "Show what memory is pinned (FOLL_PIN) right now, and whose it is.",
	.opts = options,
	.footer = "Needs CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN (page frame numbers), CAP_SYS_PTRACE (other\n"
		  "users' processes) and CAP_DAC_READ_SEARCH (their open files, names of cgroups):\n"
		  "root. Exit status: 0 done, 1 usage or environment, 2 the kernel refused the BPF\n"
		  "programs, 4 data was lost (a note says which).\n",
};

enum mode { MODE_TABLE, MODE_PFN, MODE_BLOCK, MODE_MEMLOCK, MODE_MAP };

struct request {
	enum mode mode;
	struct scan_view view;
	struct scan_opts scan;
	struct pfn_range range;
	uint64_t block;
	const char *map;
	double watch;
	uint64_t count;
	const char *table_only;	/* an option that only the tables by --by know */
	bool json;
	bool lost;		/* out: not all could be shown */
};

static uint64_t number(const char *what, const char *text, uint64_t min, uint64_t max)
{
	uint64_t v;

	if (parse_u64(text, min, max, &v))
		die(EXIT_USAGE, "%s '%s' is no number from %llu to %llu", what, text,
		    (unsigned long long)min, (unsigned long long)max);
	return v;
}

static void set_mode(struct request *r, enum mode mode)
{
	if (r->mode != MODE_TABLE && r->mode != mode)
		die(EXIT_USAGE, "--pfn, --memory-block, --memlock and --map exclude each other");
	r->mode = mode;
}

static void parse_sort(struct request *r, const char *key)
{
	static const char *const keys[] = { "bytes", "pins", "name", "pid", "change" };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (!strcmp(keys[i], key)) {
			r->view.sort = i;
			return;
		}
	}
	die(EXIT_USAGE, "cannot sort by '%s': bytes, pins, name, pid or change", key);
}

static void parse_option(struct request *r, int key, const char *arg)
{
	const char *why = "";
	int by;

	if (filter_option(&r->view.filter, key, arg))
		return;
	switch (key) {
	case OPT_BY:
		by = group_by_parse(arg);
		if (by < 0)
			die(EXIT_USAGE, "cannot group by '%s': process, vma, file, zone, node, size, "
					"cgroup or block", arg);
		r->view.by = by;
		r->table_only = "--by";
		break;
	case OPT_PFN:
		set_mode(r, MODE_PFN);
		if (pfnspec_parse(arg, &r->range, &why))
			die(EXIT_USAGE, "bad page frame range '%s': %s", arg, why);
		break;
	case OPT_BLOCK:
		set_mode(r, MODE_BLOCK);
		r->block = arg ? number("memory block", arg, 0, UINT64_MAX >> 1) : UINT64_MAX;
		break;
	case OPT_MEMLOCK:
		set_mode(r, MODE_MEMLOCK);
		break;
	case OPT_MAP:
		set_mode(r, MODE_MAP);
		r->map = arg;
		break;
	case 'j':
		r->json = true;
		break;
	case OPT_SORT:
		parse_sort(r, arg);
		r->table_only = "--sort";
		break;
	case OPT_TOP:
		r->table_only = "--top";
		r->view.top = number("number of lines", arg, 1, 1000000);
		break;
	case 'w':
		if (parse_seconds(arg, 0.1, 86400, &r->watch))
			die(EXIT_USAGE, "interval '%s' is no number of seconds from 0.1 to 86400", arg);
		break;
	case 'n':
		r->count = number("count", arg, 1, UINT64_MAX >> 1);
		break;
	case 't':
		r->scan.threads = number("number of threads", arg, 1, 64);
		break;
	case OPT_BTF:
		r->scan.btf = arg;
		break;
	case OPT_READ:
		if (scan_read_parse(arg) < 0)
			die(EXIT_USAGE, "cannot read by '%s': cast, bulk or page", arg);
		r->scan.read = scan_read_parse(arg);
		break;
	}
}

static void parse(struct request *r, int argc, char **argv)
{
	const char *arg;
	int key;

	while ((key = cli_next(&cli, argc, argv, &arg)) != -1)
		parse_option(r, key, arg);
	/* "--memory-block 12" with a blank, too, as people will type it. */
	if (r->mode == MODE_BLOCK && r->block == UINT64_MAX && optind == argc - 1)
		r->block = number("memory block", argv[optind++], 0, UINT64_MAX >> 1);
	if (optind < argc)
		die(EXIT_USAGE, "unexpected argument '%s'; see pinscan --help", argv[optind]);
	if (r->mode != MODE_TABLE && r->table_only)
		die(EXIT_USAGE, "%s goes with none of --pfn, --memory-block, --memlock, --map",
		    r->table_only);
	if (filter_has_processes(&r->view.filter) &&
	    ((r->mode != MODE_TABLE && r->mode != MODE_MEMLOCK) || r->view.by > BY_VMA))
		die(EXIT_USAGE, "--pid, --comm and --user go only with --by process, --by vma and "
				"--memlock");
	if (r->view.filter.cgroup && (r->mode == MODE_MEMLOCK || r->mode == MODE_MAP))
		die(EXIT_USAGE, "--cgroup goes with neither --memlock nor --map");
	if (r->mode == MODE_MAP && r->json)
		die(EXIT_USAGE, "--map writes SVG: it does not go with --json");
	if (r->count && !r->watch)
		die(EXIT_USAGE, "--count goes with --watch");
}

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

static int show_text(const struct request *r, const struct snapshot *snap, struct fail *fail)
{
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
	parse(&r, argc, argv);
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
