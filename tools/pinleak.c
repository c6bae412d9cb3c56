// SPDX-License-Identifier: GPL-2.0
/* pinleak: what stays pinned, by whom, from where; and an exit code for it. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "leak_run.h"
#include "leak_span.h"
#include "stop.h"
#include "text.h"
#include "vec.h"

#define INTERVAL_LEAST 0.1
#define INTERVAL_MOST 86400.0
/* Of a stack, the functions that tell most. */
#define TOP_FRAMES 6

enum {
	KEY_FOLDED = 256,
	KEY_HTML,
	KEY_EXIT_CODE,
	KEY_SUPPRESSIONS,
	KEY_GENERATE,
	KEY_BASELINE,
	KEY_LEDGER_MEMORY,
	KEY_BTF,
	KEY_USER_STACK,
	KEY_CGROUP,
};

static const struct cli_opt opts[] = {
	{ 0, NULL, NULL, "What to show" },
	FILTER_PROCESS_OPTS("only these processes"),
	{ KEY_CGROUP, "cgroup", "PATH", "only what tasks of this cgroup (version 2) or one below it\n"
					"pin" },
	{ 'd', "driver", "NAME", "only what this driver pins; * ? [] as in the shell;\n"
				 "may be given more than once" },
	{ 'z', "min-size", "SIZE", "only rows that hold at least so much memory" },
	{ 'Z', "max-size", "SIZE", "only rows that hold at most so much" },
	{ 'T', "top", "N", "only the first N rows" },
	{ 'o', "older", "AGE", "rows with a pin older than AGE (30s, 5m, 2h, 7d) are leaks\n"
			       "as well, of class old" },
	{ KEY_BASELINE, "baseline", "FILE", "only of what more is held than in FILE, which\n"
					    "pinleak -j has written" },
	{ KEY_SUPPRESSIONS, "suppressions", "FILE", "what is expected to be held; see\n"
						    "pinleak.supp(5); may be given more than once" },
	{ 0, NULL, NULL, "When to look" },
	{ 'i', "interval", "SECONDS", "from one look to the next, 0.1 to 86400 (default 5; with\n"
				      "a COMMAND only one, when it has ended)" },
	{ 'n', "looks", "N", "end after N looks" },
	{ 0, NULL, NULL, "Output" },
	{ 'k', "stack", "N", "N functions of each stack, or all, or 0 (default 6)" },
	{ KEY_USER_STACK, "user-stack", NULL, "where in the program as well: user stacks" },
	{ 'j', "json", NULL, "a JSON object per look, one a line" },
	{ KEY_FOLDED, "folded", NULL, "at the end folded stacks for flame graphs, by pages" },
	{ KEY_HTML, "html", "FILE", "at the end write a page with all of it to FILE" },
	{ KEY_GENERATE, "gen-suppressions", NULL, "at the end print a suppression for each leak" },
	{ KEY_EXIT_CODE, "exit-code", NULL, "exit with 3 when the last look shows a leak" },
	{ 0, NULL, NULL, "Other" },
	{ KEY_LEDGER_MEMORY, "ledger-memory", "SIZE",
	  "memory in the kernel for what is pinned and by whom\n"
	  "(default 144M, less on small machines)" },
	{ KEY_BTF, "btf", "FILE", "take the kernel's types from FILE instead of\n"
				  "/sys/kernel/btf/vmlinux" },
	CLI_COMMON,
	CLI_END
};

static const struct cli cli = {
	.name = "pinleak",
	.synopsis = "[OPTION]... [-- COMMAND [ARG]...]",
	.brief = "Show what stays pinned (FOLL_PIN), by which process and from where in the kernel.\n"
		 "With a COMMAND, run it and show what it and all that it starts leave pinned.",
	.opts = opts,
	.footer = "Example: pinleak --exit-code -- ./mytest\n"
		  "Needs CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN (page frame numbers) and\n"
		  "CAP_SYS_PTRACE (other users' processes): root. Exit status: 0 done, 1 usage or\n"
		  "environment, 2 the kernel refused the BPF programs, 3 a leak (--exit-code),\n"
		  "4 data was lost; with a COMMAND and no leak its status, if that is not 0.\n",
};

static struct leak_model model;
static struct leak_conf conf = {
	.source = { .max_age = 10, .holds = true, .source_lines = true },
	.frames = TOP_FRAMES,
};
static bool output_chosen;

static void choose_output(enum leak_output output)
{
	if (output_chosen && conf.output != output)
		die(EXIT_USAGE, "--json and --folded exclude each other");
	conf.output = output;
	output_chosen = true;
}

static void parse_size(const char *option, const char *arg, uint64_t *bytes)
{
	if (text_parse_size(arg, bytes))
		die(EXIT_USAGE, "%s must be a size as 4096, 16K or 1.5G, not '%s'", option, arg);
}

static void parse_frames(const char *arg)
{
	uint64_t frames = SITE_FRAMES;

	if (strcmp(arg, "all") && parse_u64(arg, 0, SITE_FRAMES, &frames))
		die(EXIT_USAGE, "--stack must be all or a number from 0 to %d, not '%s'",
		    SITE_FRAMES, arg);
	conf.frames = frames;
}

static void read_suppressions(const char *file)
{
	struct fail fail = { 0 };

	if (suppressions_read(&model.suppressions, file, &fail))
		die(fail.code, "%s", fail.msg);
}

static void read_baseline(const char *file)
{
	struct fail fail = { 0 };

	if (model.baseline)
		die(EXIT_USAGE, "--baseline may be given only once");
	model.baseline = leak_baseline__read(file, &fail);
	if (!model.baseline)
		die(fail.code, "%s", fail.msg);
}

static void parse_option(int key, const char *arg)
{
	if (filter_option(&model.opts.filter, key == 'd' ? FILTER_DRIVER : key, arg))
		return;
	switch (key) {
	case 'o':
		if (leak_span_parse(arg, &model.opts.older_ns))
			die(EXIT_USAGE, "AGE must be a time as 30s, 5m, 2h or 7d, not '%s'", arg);
		break;
	case 'z':
		parse_size("--min-size", arg, &model.opts.least);
		break;
	case 'Z':
		parse_size("--max-size", arg, &model.opts.most);
		break;
	case 'T':
		if (parse_u64(arg, 1, UINT64_MAX - 1, &model.opts.top))
			die(EXIT_USAGE, "--top must be a number from 1, not '%s'", arg);
		break;
	case 'i':
		if (parse_seconds(arg, INTERVAL_LEAST, INTERVAL_MOST, &conf.interval))
			die(EXIT_USAGE, "the interval must be seconds from %g to %g, not '%s'",
			    INTERVAL_LEAST, INTERVAL_MOST, arg);
		break;
	case 'n':
		if (parse_u64(arg, 1, UINT64_MAX, &conf.looks))
			die(EXIT_USAGE, "the number of looks must be from 1, not '%s'", arg);
		break;
	case 'k':
		parse_frames(arg);
		break;
	case 'j':
		choose_output(OUTPUT_JSON);
		break;
	case KEY_FOLDED:
		choose_output(OUTPUT_FOLDED);
		break;
	case KEY_HTML:
		conf.html = arg;
		break;
	case KEY_EXIT_CODE:
		conf.exit_code = true;
		break;
	case KEY_SUPPRESSIONS:
		read_suppressions(arg);
		break;
	case KEY_GENERATE:
		conf.generate = true;
		break;
	case KEY_BASELINE:
		read_baseline(arg);
		break;
	case KEY_LEDGER_MEMORY:
		source_opts_memory(&conf.source, arg);
		break;
	case KEY_USER_STACK:
		conf.source.user_stacks = true;
		break;
	case KEY_CGROUP:
		conf.source.task_cgroup = model.opts.cgroup = arg;
		break;
	case KEY_BTF:
		conf.source.scan.btf = arg;
		break;
	}
}

static void parse_args(int argc, char **argv)
{
	const char *arg;
	int key;

	while ((key = cli_next(&cli, argc, argv, &arg)) != -1)
		parse_option(key, arg);
	if (optind < argc)
		conf.command = argv + optind;
	if (conf.command && conf.looks)
		die(EXIT_USAGE, "-n is not for a command: that is looked at until it ends");
	if (conf.generate && output_chosen)
		die(EXIT_USAGE, "--gen-suppressions goes with neither --json nor --folded");
	if (model.opts.least > model.opts.most)
		die(EXIT_USAGE, "--min-size is more than --max-size");
	conf.source.follow = model.opts.followed = conf.command != NULL;
}

int main(int argc, char **argv)
{
	struct fail fail = { 0 };
	int code;

	alloc_keep_freed();
	cli_fill_std_fds();
	leak_model__init(&model);
	parse_args(argc, argv);
	stop__hold(true);
	code = leak_run(&conf, &model, &fail);
	leak_model__free(&model);
	if (code < 0) {
		fflush(stdout);
		die(fail.code, "%s%s", fail.msg, fail.code == EXIT_ATTACH ?
		    "; pinscan shows what is pinned now" : "");
	}
	finish(code);
}
