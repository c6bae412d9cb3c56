// SPDX-License-Identifier: GPL-2.0
/* A live trace: from the kernel to the view and the recording. */
#include <string.h>
#include <time.h>

#include "attach_print.h"
#include "cli.h"
#include "command.h"
#include "record.h"
#include "scan.h"
#include "stop.h"
#include "trace_audit.h"
#include "trace_conf.h"
#include "trace_names.h"

/* The tracer's buffer is looked at so often even when little is in it. */
#define READ_EVERY 0.1
/* What a command pinned is given back by kernel threads shortly after it has ended: wait so long. */
#define SETTLE_NS 1000000000ULL

struct live {
	struct trace_conf *conf;
	struct scanner *scanner;
	struct tracer *tracer;
	struct trace_names *names;
	struct trace_run run;
	struct trace_info info;
	struct foll_names flags;
	struct record *record;
	struct command command;
	uint64_t command_ended_ns;
	struct audit_live *machine;	/* NULL: no audit */
	bool broken;			/* the recording could not be written */
	struct fail *fail;
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* --- setting up ------------------------------------------------------------------------------- */

static int open_tracer(struct live *l)
{
	struct scan_opts scan = { .btf = l->conf->tracer.btf };

	if (trace_info__read(&l->info, &l->flags, l->conf->tracer.btf, l->fail))
		return -1;
	call_filter_kernel(&l->conf->filter, &l->flags, &l->run.kernel);
	l->run.kernel.followed |= l->conf->command != NULL;
	l->conf->tracer.filter = l->run.kernel;
	l->scanner = scanner__open(&scan, l->fail);
	if (l->scanner)
		l->tracer = tracer__open(&l->conf->tracer, scanner__page_array(l->scanner), l->fail);
	return l->tracer ? 0 : -1;
}

static int follow(struct live *l, pid_t pid)
{
	int err = tracer__follow(l->tracer, pid);

	return err ? fail_set(l->fail, EXIT_USAGE, "cannot follow process %d: %s", pid,
			      strerror(-err)) : 0;
}

static void take(const struct trace_call *call, void *arg);

static void begin_audit(struct live *l)
{
	if (!l->conf->rules)
		return;
	l->machine = audit_live__new(l->scanner, l->tracer, take, l);
	trace_audit_begin(&l->run, l->conf->rules, l->conf->hold, &l->info, l->machine);
}

static int start_command(struct live *l)
{
	const struct call_filter *filter = &l->conf->filter;
	size_t i;

	for (i = 0; i < filter->nr_pids; i++)
		if (follow(l, filter->pids[i]))
			return -1;
	if (!l->conf->command)
		return 0;
	if (command__start(&l->command, l->conf->command, l->fail) ||
	    follow(l, l->command.pid))
		return -1;
	if (command__go(&l->command, l->fail))
		return -1;
	trace_names__see(l->names, l->command.pid);
	return 0;
}

static const struct named_site *site_by_id(void *arg, uint64_t id)
{
	return trace_names__site(arg, id);
}

static const struct named_ustack *ustack_by_id(void *arg, uint64_t id)
{
	return trace_names__ustack(arg, id);
}

static int set_up(struct live *l)
{
	struct trace_conf *conf = l->conf;

	if (open_tracer(l))
		return -1;
	l->info.began_ns = clock_ns(CLOCK_MONOTONIC);
	l->names = trace_names__new(l->tracer, conf->tracer.user_stacks);
	l->run.source = (struct trace_source){
		.site = site_by_id, .ustack = ustack_by_id, .arg = l->names,
	};
	if (conf->record) {
		l->record = record__open(conf->record, &l->info, l->fail);
		if (!l->record)
			return -1;
	}
	if (conf->view) {
		l->run.view = conf->view(conf->out, &conf->view_opts);
		l->run.view->ops->begin(l->run.view, &l->info);
	}
	if (trace_names__trouble(l->names))
		warn("kernel functions and drivers have no names: %s",
		     trace_names__trouble(l->names));
	begin_audit(l);
	return start_command(l);
}

static void tear_down(struct live *l)
{
	command__drop(&l->command);
	if (l->run.view)
		l->run.view->ops->free(l->run.view);
	trace_audit_end(&l->run);
	audit_live__free(l->machine);
	trace_run__free(&l->run);
	trace_names__free(l->names);
	tracer__free(l->tracer);
	scanner__free(l->scanner);
}

/* --- the trace -------------------------------------------------------------------------------- */

static void take(const struct trace_call *call, void *arg)
{
	struct live *l = arg;
	const struct trace_event *ev = call->ev;

	trace_names__met(l->names, ev);
	if (l->record && ev->type != TRACE_FAILED && !l->broken && !trace_run__is_enough(&l->run) &&
	    record__call(l->record, call, ev->site ? trace_names__site(l->names, ev->site) : NULL,
			 ev->ustack ? trace_names__ustack(l->names, ev->ustack) : NULL, l->fail))
		l->broken = true;
	trace_run__call(call, &l->run);
}

/* Has the command ended, and has what it pinned been given back, or does it stay? */
static bool command_is_over(struct live *l)
{
	if (!l->conf->command || !command__ended(&l->command))
		return false;
	if (!l->command_ended_ns)
		l->command_ended_ns = clock_ns(CLOCK_MONOTONIC);
	if (!l->run.held && !(l->run.audit && audit__waits(l->run.audit)))
		return true;
	return clock_ns(CLOCK_MONOTONIC) - l->command_ended_ns >
	       (l->machine ? AUDIT_SETTLE_NS : SETTLE_NS);
}

/* When nobody reads what is printed, is there an end to come that something hangs on? */
static bool goes_on_unread(const struct trace_conf *conf)
{
	return conf->command || ((conf->rules || conf->record) && (conf->most || conf->seconds > 0));
}

static bool is_over(struct live *l)
{
	uint64_t took = clock_ns(CLOCK_MONOTONIC) - l->info.began_ns;

	return stop__asked() || (stop__reader_gone() && !goes_on_unread(l->conf)) || l->broken ||
	       trace_run__is_enough(&l->run) ||
	       (l->conf->seconds > 0 && took / 1e9 > l->conf->seconds) || command_is_over(l);
}

static void trace(struct live *l)
{
	struct pollfd pfd = { .events = POLLIN };

	pfd.fd = tracer__fd(l->tracer);
	while (!is_over(l)) {
		stop__poll(&pfd, READ_EVERY);
		tracer__read(l->tracer, take, l);
		trace_audit_look(&l->run);
		if (l->run.view && l->run.view->ops->idle)
			l->run.view->ops->idle(l->run.view, clock_ns(CLOCK_MONOTONIC));
		trace_flush(l->conf);
	}
	trace_audit_last(&l->run, l->tracer, take, l);
	tracer__stop(l->tracer);
	tracer__read(l->tracer, take, l);
}

static int end(struct live *l)
{
	uint64_t ended_ns = trace_run__ended_ns(&l->run, clock_ns(CLOCK_MONOTONIC));
	struct trace_health health;
	int lost, code;

	tracer__health(l->tracer, &health);
	trace_run__end(&l->run, &health, ended_ns);
	trace_flush(l->conf);
	if (l->record && (l->broken | record__end(l->record, ended_ns, &health,
						  l->broken ? &(struct fail){ 0 } : l->fail)))
		return -1;
	lost = trace_tell_lost(&health, BUFFER_HINT) ? EXIT_LOST : EXIT_DONE;
	code = command__verdict(&l->command);
	return trace_audit_code(&l->run, code ? code : lost);
}

int trace_live(struct trace_conf *conf, struct fail *fail)
{
	struct live l = { .conf = conf, .fail = fail };
	int code = -1;

	trace_run__init(&l.run);
	l.run.filter = &conf->filter;
	l.run.most = conf->most;
	if (!set_up(&l)) {
		trace(&l);
		code = end(&l);
	}
	tear_down(&l);
	return code;
}

int trace_features(const struct trace_conf *conf, struct fail *fail)
{
	struct scan_opts scan = { .btf = conf->tracer.btf };
	struct scanner *scanner = scanner__open(&scan, fail);
	const struct attach_state *states;
	struct tracer *t = NULL;
	size_t nr;

	if (scanner)
		t = tracer__open(&conf->tracer, scanner__page_array(scanner), fail);
	if (t) {
		states = attachment__states(tracer__attachment(t), &nr);
		attach_print(states, nr);
	} else {
		attach_print_untried(conf->tracer.btf);
	}
	tracer__free(t);
	scanner__free(scanner);
	return t ? EXIT_DONE : -1;
}
