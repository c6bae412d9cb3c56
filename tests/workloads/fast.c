// SPDX-License-Identifier: GPL-2.0
/* The life of calls that pin and unpin within: make so many, say what the kernel counted. */
#include <unistd.h>

#include "sim.h"

#define TIMES	3

static void owner_body(struct sim *s, struct batch *b)
{
	mem_get(s);
	outcome_record(s);
	batch_ready(b);
	sleep_for_ever();
}

/* The memory of another process, as a debugger's victim would have it. */
void fast_remote_memory(struct sim *s, struct batch *owner)
{
	batch_start(s, owner, 1, owner_body);
	batch_wait(owner);
	s->mem.addr = (char *)s->out->address;
	s->mem.len = s->out->length;
	s->out->pid = s->out->tgid = getpid();
}

/* True pins: none is left, whatever the counters make of it. */
static void nothing_held(struct sim *s)
{
	struct outcome *out = s->out;

	out->expected = 0;
	out->bytes = 0;
	out->drift = out->nr_models ? (out->call.acquired - out->call.released) * out->calls : 0;
	if (out->observed != UNKNOWN && out->observed != out->drift)
		note(s, "the kernel counts %lld more pins, %lld were to be expected", out->observed,
		     out->drift);
}

int fast_run(struct sim *s)
{
	const struct pinner *p = s->sc.pinner;
	struct batch owner = {};
	long i, times = s->o.times ?: TIMES;

	mem_reserve(s);
	if (p->setup)
		p->setup(s);
	if (p->remote)
		fast_remote_memory(s, &owner);
	else
		mem_get(s);
	if (p->prepare)
		p->prepare(s);
	if (s->o.start_at_eof) {
		report_ready(s);
		wait_until_eof();
	}
	s->before = pins_settled();
	for (i = 0; i < times; i++)
		p->call(s);
	if (!p->remote)
		outcome_record(s);
	outcome_judge(s, times);
	outcome_total(s);
	if (p->cleanup)
		p->cleanup(s);
	nothing_held(s);
	report_done(s);
	batch_kill(&owner);
	hugepages_put_back();
	return 0;
}
