// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "cli.h"
#include "follflags.h"
#include "leak_audit.h"
#include "trace_audit.h"
#include "trace_members.h"
#include "trace_names.h"
#include "vec.h"

struct leak_audit {
	struct leak_audit_opts opts;
	struct scanner *scanner;
	struct tracer *tracer;
	struct trace_names *names;
	struct call_filter calls;	/* its patterns are the filter's */
	struct foll_names flags;
	struct trace_info info;
	struct audit_live *machine;
	struct trace_run run;
};

json_t *leak_audit__json(struct leak_audit *a)
{
	return json_pack("{s:o, s:o}", "violations", leak_audit_violations(a->run.view),
			 "rules", value_violations(a->run.audit, a->run.rules));
}

/* --- what is asked for ------------------------------------------------------------------------ */

static bool is_suppressed(const struct leak_audit *a, const struct shown_violation *s)
{
	const struct named_site *site = s->v->pin ? s->site : s->release_site;
	const struct trace_event *ev = s->v->pin ? s->v->pin : s->v->release;
	struct live_site stack = {
		.driver = (char *)site->name.driver, .frames = site->frames,
		.nr_frames = site->nr_frames,
	};
	char comm[sizeof(ev->comm) + 1] = "";

	memcpy(comm, ev->owner ? ev->owner_comm : ev->comm, sizeof(ev->comm));
	return suppressions_match(a->opts.suppressions, comm, &stack);
}

static bool is_asked_for(const struct leak_audit *a, const struct trace_event *ev)
{
	return filter_wants_pid(a->opts.filter, ev->tgid) ||
	       (ev->owner && filter_wants_pid(a->opts.filter, ev->owner));
}

static bool is_expected(void *arg, const struct shown_violation *s)
{
	const struct leak_audit *a = arg;

	return !is_asked_for(a, s->v->pin ? s->v->pin : s->v->release) || is_suppressed(a, s);
}

static void fill_filter(struct leak_audit *a)
{
	const struct filter *f = a->opts.filter;

	a->calls = (struct call_filter){
		.comms = f->comms, .nr_comms = f->nr_comms, .drivers = f->drivers,
		.nr_drivers = f->nr_drivers, .by_user = f->by_user, .uid = f->uid, .held = -1,
		.cgroup = (char *)a->opts.cgroup,
	};
	a->run.filter = &a->calls;
	call_filter_kernel(&a->calls, &a->flags, &a->run.kernel);
	a->run.kernel.followed = a->opts.followed;
}

/* --- setting up ------------------------------------------------------------------------------- */

static int open_tracer(struct leak_audit *a, struct fail *fail)
{
	struct scan_opts scan = { .btf = a->opts.btf };
	struct tracer_opts opts = {
		.audit = true, .release_stacks = true, .user_stacks = true, .btf = a->opts.btf,
	};

	if (trace_info__read(&a->info, &a->flags, a->opts.btf, fail))
		return -1;
	fill_filter(a);
	opts.filter = a->run.kernel;
	a->scanner = scanner__open(&scan, fail);
	if (a->scanner)
		a->tracer = tracer__open(&opts, scanner__page_array(a->scanner), fail);
	return a->tracer ? 0 : -1;
}

static const struct named_site *site_by_id(void *arg, uint64_t id)
{
	return trace_names__site(arg, id);
}

static const struct named_ustack *ustack_by_id(void *arg, uint64_t id)
{
	return trace_names__ustack(arg, id);
}

static void take(const struct trace_call *call, void *arg)
{
	struct leak_audit *a = arg;

	trace_names__met(a->names, call->ev);
	trace_run__call(call, &a->run);
}

static void begin(struct leak_audit *a)
{
	const struct trace_view_opts opts = { .kernel_stacks = true, .user_stacks = true };

	a->names = trace_names__new(a->tracer, true);
	if (trace_names__trouble(a->names))
		warn("kernel functions and drivers have no names: %s",
		     trace_names__trouble(a->names));
	a->run.source = (struct trace_source){
		.site = site_by_id, .ustack = ustack_by_id, .arg = a->names,
	};
	a->run.expected = is_expected;
	a->run.expected_arg = a;
	a->run.view = a->opts.out ? view_violations(a->opts.out, &opts) :
				    leak_audit_view(&opts);
	a->run.view->ops->begin(a->run.view, &a->info);
	a->machine = audit_live__new(a->scanner, a->tracer, take, a);
	trace_audit_begin(&a->run, a->opts.rules, a->opts.hold, &a->info, a->machine);
}

struct leak_audit *leak_audit__new(const struct leak_audit_opts *opts, struct fail *fail)
{
	struct leak_audit *a = xcalloc(1, sizeof(*a));

	a->opts = *opts;
	trace_run__init(&a->run);
	if (open_tracer(a, fail)) {
		leak_audit__free(a);
		return NULL;
	}
	begin(a);
	return a;
}

void leak_audit__free(struct leak_audit *a)
{
	if (!a)
		return;
	if (a->run.view)
		a->run.view->ops->free(a->run.view);
	trace_audit_end(&a->run);
	audit_live__free(a->machine);
	trace_run__free(&a->run);
	trace_names__free(a->names);
	tracer__free(a->tracer);
	scanner__free(a->scanner);
	free(a);
}

int leak_audit__follow(struct leak_audit *a, pid_t pid, struct fail *fail)
{
	int err = tracer__follow(a->tracer, pid);

	if (err)
		return fail_set(fail, EXIT_USAGE, "cannot follow process %d: %s", pid,
				strerror(-err));
	trace_names__see(a->names, pid);
	return 0;
}

/* --- what is found ---------------------------------------------------------------------------- */

void leak_audit__step(struct leak_audit *a)
{
	tracer__read(a->tracer, take, a);
	trace_audit_look(&a->run);
}

bool leak_audit__waits(const struct leak_audit *a)
{
	return a->run.held || audit__waits(a->run.audit);
}

void leak_audit__stop(struct leak_audit *a)
{
	tracer__read(a->tracer, take, a);
	trace_audit_last(&a->run, a->tracer, take, a);
	tracer__stop(a->tracer);
	tracer__read(a->tracer, take, a);
}

int leak_audit__end(struct leak_audit *a, int code)
{
	struct trace_end end = { .audit = a->run.audit, .rules = a->run.rules };
	struct trace_health health;

	tracer__health(a->tracer, &health);
	a->run.view->ops->end(a->run.view, &end);
	if (trace_tell_lost(&health, "") && code == EXIT_DONE)
		code = EXIT_LOST;
	return trace_audit_code(&a->run, code);
}
