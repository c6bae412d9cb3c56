// SPDX-License-Identifier: GPL-2.0
/* A recorded trace: from the file to the view. */
#include "cli.h"
#include "replay.h"
#include "trace_conf.h"

static const struct named_site none = {
	.name = { .driver = "unknown", .frame = -1 },
};

static const struct named_site *site_by_id(void *arg, uint64_t id)
{
	const struct named_site *site = id ? replay__site(arg, id) : NULL;

	return site ? site : &none;
}

static const struct named_ustack *ustack_by_id(void *arg, uint64_t id)
{
	return replay__ustack(arg, id);
}

static int end(struct trace_run *run, const struct trace_conf *conf, struct replay *r)
{
	bool lost;

	trace_run__end(run, replay__health(r), trace_run__ended_ns(run, replay__ended_ns(r)));
	trace_flush(conf);
	lost = trace_tell_lost(replay__health(r));
	if (replay__truncated(r)) {
		warn("%s has no end: what came last, and what was lost, is not known", conf->replay);
		lost = true;
	}
	return lost ? EXIT_LOST : EXIT_DONE;
}

int trace_replay(struct trace_conf *conf, struct fail *fail)
{
	struct replay *r = replay__open(conf->replay, fail);
	struct trace_run run = { .filter = &conf->filter, .replayed = true, .most = conf->most };
	int code = -1;

	if (!r)
		return -1;
	call_filter_kernel(&conf->filter, replay__info(r)->flags, &run.kernel);
	trace_run__init(&run);
	run.source = (struct trace_source){
		.site = site_by_id, .ustack = ustack_by_id, .arg = r,
	};
	run.view = conf->view(conf->out, &conf->view_opts);
	run.view->ops->begin(run.view, replay__info(r));
	if (!replay__run(r, trace_run__call, &run, fail))
		code = end(&run, conf, r);
	run.view->ops->free(run.view);
	trace_run__free(&run);
	replay__close(r);
	return code;
}
