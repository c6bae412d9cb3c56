// SPDX-License-Identifier: GPL-2.0
/* pintrace: each pin call and each release, as it happens. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "stop.h"
#include "text.h"
#include "trace_audit.h"
#include "trace_conf.h"
#include "vec.h"

#define BUFFER_LEAST (64U << 10)
#define BUFFER_MOST (1U << 30)

enum {
	KEY_FOR = 256,
	KEY_USER_STACK,
	KEY_RELEASE_STACK,
	KEY_CHROME,
	KEY_FOLDED,
	KEY_RECORD,
	KEY_REPLAY,
	KEY_BUFFER,
	KEY_BTF,
	KEY_FEATURES,
	KEY_AUDIT,
	KEY_AUDIT_HOLD,
	KEY_EXPLAIN,
};

static const struct cli_opt opts[] = {
	{ 0, NULL, NULL, "Which calls" },
	CALL_FILTER_OPTS,
	{ 0, NULL, NULL, "What to print of each" },
	{ 'r', "relative", NULL, "time since the line before" },
	{ 't', "time", NULL, "time of day; -tt with microseconds; -ttt as seconds since\n"
			     "the epoch" },
	{ 'a', "all", NULL, "each release by itself; else those of one pin call that follow\n"
			    "each other are one line" },
	{ 'k', "stack", NULL, "kernel stacks of pin calls" },
	{ KEY_RELEASE_STACK, "release-stack", NULL, "kernel stacks of releases as well" },
	{ KEY_USER_STACK, "user-stack", NULL, "user stacks of pin calls" },
	{ 0, NULL, NULL, "Other output" },
	{ 'c', "summary", NULL, "no lines: at the end calls, latencies, lifetimes and what is\n"
				"still held, per driver and call" },
	{ 'j', "json", NULL, "one JSON object a line" },
	{ KEY_CHROME, "chrome", NULL, "JSON for Perfetto and chrome://tracing" },
	{ KEY_FOLDED, "folded", "[WEIGHT]", "stacks for flame graphs, by pages (default) or\n"
					    "page-seconds" },
	{ 'o', "output", "FILE", "write to FILE instead of standard output" },
	{ KEY_RECORD, "record", "FILE", "keep the trace in FILE for later views" },
	{ KEY_REPLAY, "replay", "FILE", "show a recorded trace instead of this machine's calls" },
	{ 0, NULL, NULL, "Audit" },
	{ KEY_AUDIT, "audit", "[RULE,...]", "only what breaks the rules of pinning, with its stacks;\n"
					    "by default all rules; with -j, all calls as well" },
	{ KEY_AUDIT_HOLD, "audit-hold", "SECONDS", "how long pins without FOLL_LONGTERM may be held\n"
						   "(default 5)" },
	{ KEY_EXPLAIN, "explain", "RULE", "print what a rule says and how it is checked, exit; list\n"
					  "names them all" },
	{ 0, NULL, NULL, "How long, and how" },
	{ 'n', "calls", "N", "end after N pin calls" },
	{ KEY_FOR, "for", "SECONDS", "end after this time" },
	{ KEY_BUFFER, "buffer", "SIZE", "memory for calls on their way (default 16M)" },
	{ KEY_BTF, "btf", "FILE", "take the kernel's types from FILE instead of\n"
				  "/sys/kernel/btf/vmlinux" },
	{ 0, NULL, NULL, "Other" },
	{ KEY_FEATURES, "features", NULL, "print how each pin function of this kernel is seen, exit" },
	CLI_COMMON,
	CLI_END
};

static const struct cli cli = {
	.name = "pintrace",
	.synopsis = "[OPTION]... [-- COMMAND [ARG]...]",
	.brief = "Show each call that pins memory (FOLL_PIN), and each release of such memory.\n"
		 "With a COMMAND, run it and show its calls and those of all that it starts.",
	.opts = opts,
	.footer = "Needs CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN: root; --replay needs nothing.\n"
		  "Exit status: 0 done, 1 usage or environment, 2 the kernel refused the BPF\n"
		  "programs, 3 a rule was broken, 4 data was lost; with a COMMAND its status,\n"
		  "if that is not 0 and no rule was broken.\n",
};

static struct trace_conf conf = {
	.filter = { .held = -1 },
	.hold = AUDIT_HOLD_NS / 1e9,
	.view = view_text,
};
static const char *out_path;
static const char *explain;
static bool view_chosen, features;

static void choose_view(view_fn view, const char *option)
{
	if (view_chosen && conf.view != view)
		die(EXIT_USAGE, "%s and another kind of output exclude each other; --record keeps "
		    "the trace for several", option);
	conf.view = view;
	view_chosen = true;
}

static void choose_folded(const char *weight)
{
	choose_view(view_folded, "--folded");
	if (!weight || !strcmp(weight, "pages"))
		conf.view_opts.weight = WEIGHT_PAGES;
	else if (!strcmp(weight, "page-seconds"))
		conf.view_opts.weight = WEIGHT_PAGE_SECONDS;
	else
		die(EXIT_USAGE, "WEIGHT must be pages or page-seconds, not '%s'", weight);
}

static void set_time(enum trace_time time)
{
	enum trace_time *set = &conf.view_opts.time;

	if (time == TIME_RELATIVE ? *set > TIME_RELATIVE : *set == TIME_RELATIVE)
		die(EXIT_USAGE, "-r and -t exclude each other");
	if (time == TIME_CLOCK && *set >= TIME_CLOCK)
		time = *set < TIME_EPOCH_US ? *set + 1 : TIME_EPOCH_US;
	*set = time;
}

static void parse_buffer(const char *arg)
{
	uint64_t bytes;

	if (text_parse_size(arg, &bytes) || bytes < BUFFER_LEAST || bytes > BUFFER_MOST)
		die(EXIT_USAGE, "--buffer must be from 64K to 1G, not '%s'", arg);
	conf.tracer.buffer = (uint32_t)bytes;
}

static void parse_rules(const char *arg)
{
	conf.rules |= trace_audit_rules(arg);
	conf.tracer.audit = conf.tracer.release_stacks = true;
	conf.view_opts.user_stacks = conf.tracer.user_stacks = true;
}

static void parse_option(int key, const char *arg)
{
	if (call_filter_option(&conf.filter, key, arg))
		return;
	switch (key) {
	case 'r':
		set_time(TIME_RELATIVE);
		break;
	case 't':
		set_time(TIME_CLOCK);
		break;
	case 'a':
		conf.view_opts.each_release = true;
		break;
	case 'k':
		conf.view_opts.kernel_stacks = true;
		break;
	case KEY_RELEASE_STACK:
		conf.view_opts.kernel_stacks = conf.tracer.release_stacks = true;
		break;
	case KEY_USER_STACK:
		conf.view_opts.user_stacks = conf.tracer.user_stacks = true;
		break;
	case 'c':
		choose_view(view_summary, "-c");
		break;
	case 'j':
		choose_view(view_json, "-j");
		break;
	case KEY_CHROME:
		choose_view(view_chrome, "--chrome");
		break;
	case KEY_FOLDED:
		choose_folded(arg);
		break;
	case 'o':
		out_path = arg;
		break;
	case KEY_RECORD:
		conf.record = arg;
		break;
	case KEY_REPLAY:
		conf.replay = arg;
		break;
	case 'n':
		if (parse_u64(arg, 1, UINT64_MAX, &conf.most))
			die(EXIT_USAGE, "the number of calls must be from 1, not '%s'", arg);
		break;
	case KEY_FOR:
		if (parse_seconds(arg, 0.001, 1e9, &conf.seconds))
			die(EXIT_USAGE, "--for must be seconds from 0.001 to 1000000000, not '%s'",
			    arg);
		break;
	case KEY_BUFFER:
		parse_buffer(arg);
		break;
	case KEY_BTF:
		conf.tracer.btf = arg;
		break;
	case KEY_FEATURES:
		features = true;
		break;
	case KEY_AUDIT:
		parse_rules(arg);
		break;
	case KEY_AUDIT_HOLD:
		trace_audit_hold(arg, &conf.hold);
		break;
	case KEY_EXPLAIN:
		explain = arg;
		break;
	}
}

static void check_replay(void)
{
	if (!conf.replay)
		return;
	if (conf.record || conf.command)
		die(EXIT_USAGE, "--replay excludes --record and a command");
	if (conf.seconds > 0)
		die(EXIT_USAGE, "--replay excludes --for");
	call_filter_check_replay(&conf.filter);
}

static void check_audit(void)
{
	if (!conf.rules)
		return;
	if (view_chosen && conf.view != view_json)
		die(EXIT_USAGE, "--audit goes with no other output than -j; --record keeps the trace "
		    "for more");
	if (!view_chosen)
		conf.view = view_violations;
	view_chosen = true;
}

static void open_output(void)
{
	conf.out = stdout;
	if (!out_path)
		return;
	conf.out = fopen(out_path, "we");
	if (!conf.out)
		die(EXIT_USAGE, "cannot write to %s: %s", out_path, strerror(errno));
}

static void parse_args(int argc, char **argv)
{
	const char *arg;
	int key;

	while ((key = cli_next(&cli, argc, argv, &arg)) != -1)
		parse_option(key, arg);
	if (optind < argc)
		conf.command = argv + optind;
	if (conf.command && conf.filter.nr_pids)
		die(EXIT_USAGE, "-p and a command exclude each other");
	check_replay();
	check_audit();
	/* A recording is looked at later; at once only when that was asked for. */
	if (conf.record && !view_chosen && !out_path)
		conf.view = NULL;
}

void trace_flush(const struct trace_conf *c)
{
	if (c->out == stdout)
		stop__flush();
	else if (fflush(c->out) || ferror(c->out))
		die(EXIT_USAGE, "cannot write to %s: %s", out_path, strerror(errno));
}

int main(int argc, char **argv)
{
	struct fail fail = { 0 };
	int code;

	alloc_keep_freed();
	cli_fill_std_fds();
	parse_args(argc, argv);
	if (explain)
		finish(trace_explain(explain));
	stop__hold(true);
	if (features) {
		code = trace_features(&conf, &fail);
	} else {
		open_output();
		code = conf.replay ? trace_replay(&conf, &fail) : trace_live(&conf, &fail);
		if (conf.out != stdout && fclose(conf.out))
			die(EXIT_USAGE, "cannot write to %s: %s", out_path, strerror(errno));
	}
	call_filter_free(&conf.filter);
	if (code < 0) {
		fflush(stdout);
		die(fail.code, "%s", fail.msg);
	}
	finish(code);
}
