// SPDX-License-Identifier: GPL-2.0
/* The options of pinscan, and what goes with what. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "pfnspec.h"
#include "request.h"

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

/* Of two that could not both be shown, none is dropped in silence. */
static void once(struct request *r, int key, const char *name)
{
	uint32_t bit = 1U << (key - OPT_BY);

	if (r->given & bit)
		die(EXIT_USAGE, "%s was given twice; it shows one thing at a time", name);
	r->given |= bit;
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
		once(r, key, "--by");
		by = group_by_parse(arg);
		if (by < 0)
			die(EXIT_USAGE, "cannot group by '%s': process, vma, file, zone, node, size, "
					"cgroup or block", arg);
		r->view.by = by;
		r->table_only = "--by";
		break;
	case OPT_PFN:
		once(r, key, "--pfn");
		set_mode(r, MODE_PFN);
		if (pfnspec_parse(arg, &r->range, &why))
			die(EXIT_USAGE, "bad page frame range '%s': %s", arg, why);
		break;
	case OPT_BLOCK:
		once(r, key, "--memory-block");
		set_mode(r, MODE_BLOCK);
		r->block = arg ? number("memory block", arg, 0, UINT64_MAX >> 1) : UINT64_MAX;
		break;
	case OPT_MEMLOCK:
		set_mode(r, MODE_MEMLOCK);
		break;
	case OPT_MAP:
		once(r, key, "--map");
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

void request_parse(struct request *r, int argc, char **argv)
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
