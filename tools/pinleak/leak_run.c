// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "cli.h"
#include "command.h"
#include "health.h"
#include "leak_audit.h"
#include "leak_run.h"
#include "leak_view.h"
#include "stop.h"
#include "text.h"
#include "trace_audit.h"

#define DEFAULT_INTERVAL 5.0
/* How often a command's end is looked for, and whether its pins have gone. */
#define STEP 0.1
/* Kernel threads give back what a command has pinned a little after its end: wait so long. */
#define SETTLE 2.0
/* The ledger is brought in line with memory every few seconds at most: wait so long for that. */
#define REPAIR 12.0

struct run {
	const struct leak_conf *conf;
	struct leak_model *model;
	struct source *src;
	struct leak_audit *audit;	/* NULL: none */
	struct command command;
	struct fail *fail;
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* When nobody reads what is printed, is there an end to come that something hangs on? */
static bool goes_on_unread(const struct leak_conf *conf)
{
	return conf->command ||
	       (conf->looks && (conf->exit_code || conf->html || conf->audit.rules));
}

/* Does a signal say to end, or is there nobody and nothing left to go on for? */
static bool is_over(const struct run *r)
{
	return stop__asked() || (stop__reader_gone() && !goes_on_unread(r->conf));
}

/* False: it is over. What has to be looked at in time is, meanwhile. */
static bool sleep_until(const struct run *r, double until)
{
	struct pollfd pfd = { .fd = source__fd(r->src), .events = POLLIN };
	double left;

	while (!is_over(r) && (left = until - now()) > 0) {
		if (stop__poll(&pfd, r->audit && left > STEP ? STEP : left) > 0)
			source__look(r->src);
		if (r->audit) {
			leak_audit__step(r->audit);
			stop__flush();
		}
	}
	return !is_over(r);
}

/* --- looks ------------------------------------------------------------------------------------ */

static bool is_out_of_line(const struct snap_live *live)
{
	return live->difference_known ? live->difference : live->suspect;
}

bool leak_is_unsure(const struct snap_live *live)
{
	return live->lost_ever || live->follow_lost || is_out_of_line(live);
}

static void print_look(const struct run *r)
{
	switch (r->conf->output) {
	case OUTPUT_TEXT:
		if (r->model->looks > 1 && !r->conf->command)
			putchar('\n');
		leak_view_text(r->model, r->conf->frames, stdout);
		break;
	case OUTPUT_JSON:
		leak_view_json(r->model, r->conf->command,
			       r->audit ? leak_audit__json(r->audit) : NULL, stdout);
		break;
	case OUTPUT_FOLDED:
		break;
	}
}

/* Seen anew in any case: what has no mapping any more only a scan tells. */
static int look(const struct run *r, bool print)
{
	const struct snapshot *snap = source__poll(r->src, true, r->fail);

	if (!snap)
		return -1;
	leak_model__look(r->model, snap);
	if (print)
		print_look(r);
	return 0;
}

/*
 * Has what a look at memory can settle been settled? A look that comes at a
 * moment when something may be missing says too little for a verdict. Where
 * pins had no room, their release may have been taken for that of others:
 * these would stand as a leak that memory does not have.
 */
static int settle_ledger(const struct run *r)
{
	double end = now() + REPAIR;
	const struct snapshot *snap;

	for (;;) {
		snap = source__poll(r->src, false, r->fail);
		if (!snap)
			return -1;
		if (!is_out_of_line(snap->live) && !(snap->live->lost_ever && snap->live->suspect))
			return 0;
		if (now() > end || !sleep_until(r, now() + 5 * STEP))
			return 0;
	}
}

/* When it ends before its time. What an audit has found since the look before is to be told, too. */
static int last_look(const struct run *r)
{
	if (r->audit)
		leak_audit__stop(r->audit);
	else if (r->model->looks)
		return 0;
	return look(r, true);
}

/* --- without a command ------------------------------------------------------------------------ */

static int watch(const struct run *r)
{
	double interval = r->conf->interval > 0 ? r->conf->interval : DEFAULT_INTERVAL;
	double next = now();
	uint64_t i;

	for (i = 1; !r->conf->looks || i <= r->conf->looks; i++) {
		next += interval;
		if (next < now())
			next = now();
		if (!sleep_until(r, next))
			return last_look(r);
		if (i == r->conf->looks && settle_ledger(r))
			return -1;
		if (i == r->conf->looks && r->audit)
			leak_audit__stop(r->audit);
		if (look(r, true))
			return -1;
		stop__flush();
		if (is_over(r) && i != r->conf->looks)
			return last_look(r);
	}
	return 0;
}

/* --- with one --------------------------------------------------------------------------------- */

static int start(struct run *r)
{
	if (command__start(&r->command, r->conf->command, r->fail) ||
	    source__follow(r->src, r->command.pid, r->fail) ||
	    (r->audit && leak_audit__follow(r->audit, r->command.pid, r->fail)))
		return -1;
	return command__go(&r->command, r->fail);
}

/* Until the command has ended; looks are printed when an interval was asked for. */
static int watch_command(struct run *r)
{
	bool print = r->conf->interval > 0;
	double interval = print ? r->conf->interval : 1, next = now() + interval;

	while (!command__ended(&r->command) && !stop__asked()) {
		sleep_until(r, now() + STEP);
		if (now() < next)
			continue;
		next = now() + interval;
		if (look(r, print))
			return -1;
		if (print)
			stop__flush();
	}
	return 0;
}

/* Does a process of the command hold pins, that has exited? */
static bool holds_after_exit(const struct snapshot *snap)
{
	size_t i;

	for (i = 0; i < snap->live->nr_holds; i++)
		if (snap->live->holds[i].followed && snap->procs[snap->live->holds[i].proc].exited)
			return true;
	return false;
}

static int settle_command(const struct run *r)
{
	const struct snapshot *snap;
	double end = now() + SETTLE;

	do {
		snap = source__poll(r->src, false, r->fail);
		if (!snap)
			return -1;
	} while (holds_after_exit(snap) && now() < end && sleep_until(r, now() + STEP));
	return 0;
}

static void settle_audit(const struct run *r)
{
	double end = now() + AUDIT_SETTLE_NS / 1e9;

	while (leak_audit__waits(r->audit) && now() < end && sleep_until(r, now() + STEP))
		;
	leak_audit__stop(r->audit);
}

static int run_command(struct run *r)
{
	if (start(r) || watch_command(r))
		return -1;
	if (r->audit)
		settle_audit(r);
	if (settle_command(r) || settle_ledger(r))
		return -1;
	return look(r, true);
}

/* --- the end ---------------------------------------------------------------------------------- */

static void tell_unused(const struct suppressions *s)
{
	char name[128];
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (!s->list[i].used)
			warn("%s:%u: suppression %s was not used", s->list[i].file, s->list[i].line,
			     text_clean(s->list[i].name, name, sizeof(name)));
}

static void tell_unknown(const struct leak_model *m)
{
	if (m->unknown)
		warn("lost: whose %" PRIu64 " pins are; their call was missed, and no process maps "
		     "them: %s may have left them", m->unknown,
		     m->opts.followed ? "the command" : "what was asked for");
}

static void tell_lost(const struct snap_live *live)
{
	char text[256];

	if (live->lost_ever)
		warn("lost: %s", health_lost(live, text, sizeof(text)));
	else if (live->follow_lost)
		warn("lost: %" PRIu64 " processes of the command could not be followed",
		     live->follow_lost);
	else if (live->difference_known && live->difference)
		warn("the kernel counts %+" PRId64 " pins more than were seen", live->difference);
	else if (leak_is_unsure(live))
		warn("calls may have been missed, and could not be looked for in memory so far");
}

static void tell_leaks(const struct leak_model *m)
{
	char size[16];
	int i;

	for (i = 0; i < LEAK_HELD; i++)
		if (m->classes[i].rows)
			warn("%s: %" PRIu64 " pins, %s, from %" PRIu64 " place%s",
			     leak_class_name((enum leak_class)i), m->classes[i].pins,
			     text_size(m->classes[i].bytes, size, sizeof(size)), m->classes[i].rows,
			     m->classes[i].rows == 1 ? "" : "s");
}

/* Those of the command's processes that run on are no leak: it says so. */
static void tell_running(const struct leak_model *m)
{
	if (m->classes[LEAK_HELD].rows)
		warn("processes that the command left running hold %" PRIu64 " pins",
		     m->classes[LEAK_HELD].pins);
}

int leak_verdict(const struct leak_conf *conf, const struct leak_model *m, int status)
{
	if (conf->exit_code && leak_model__leaks(m))
		return EXIT_FOUND;
	if (status)
		return status;
	return leak_is_unsure(m->snap->live) || m->unknown ? EXIT_LOST : EXIT_DONE;
}

static int end(struct run *r)
{
	const struct leak_conf *conf = r->conf;
	int code;

	if (conf->output == OUTPUT_FOLDED)
		leak_view_folded(r->model, stdout);
	if (conf->generate)
		leak_view_suppressions(r->model, stdout);
	stop__flush();
	if (conf->html && leak_view_html(r->model, conf->command, conf->html, r->fail))
		return -1;
	tell_unused(&r->model->suppressions);
	tell_lost(r->model->snap->live);
	tell_unknown(r->model);
	if (conf->exit_code)
		tell_leaks(r->model);
	if (r->command.ended)
		tell_running(r->model);
	code = leak_verdict(conf, r->model, command__verdict(&r->command));
	return r->audit ? leak_audit__end(r->audit, code) : code;
}

int leak_run(const struct leak_conf *conf, struct leak_model *m, struct fail *fail)
{
	struct run r = { .conf = conf, .model = m, .fail = fail };
	const struct snapshot *snap = NULL;
	int code = -1;

	r.src = source_open_events(&conf->source, fail);
	if (r.src && conf->audit.rules) {
		r.audit = leak_audit__new(&conf->audit, fail);
		if (!r.audit)
			goto out;
	}
	if (r.src)
		snap = source__poll(r.src, false, fail);
	if (snap) {
		leak_model__begin(m, snap);
		if (!(conf->command ? run_command(&r) : watch(&r)))
			code = end(&r);
	}
out:
	command__drop(&r.command);
	leak_audit__free(r.audit);
	source__free(r.src);
	return code;
}
