// SPDX-License-Identifier: GPL-2.0
/* The life that pinning scenarios share: take, say so, hold, give back, say so. */
#include <stdlib.h>
#include <unistd.h>

#include "sim.h"

static void let_go_of_memory(struct sim *s)
{
	if (s->o.unmap)
		mem_unmap(s);
	if (s->o.close_memfd)
		mem_close(s);
}

void hold_take(struct sim *s)
{
	s->out->began_ns = now_ns();
	s->sc.pinner->take(s);
	s->out->taken_ns = now_ns();
	outcome_record(s);
	let_go_of_memory(s);
}

/*
 * One more that maps and pins the same memory. Forked before: it shares the file, not the pins. It
 * pins after the first one: two at once spoil each other's migration out of ZONE_MOVABLE (ENOMEM).
 */
static void sharer(struct sim *s, struct batch *b)
{
	while (!s->out->taken)
		usleep(1000);
	s->sc.pinner->take(s);
	let_go_of_memory(s);
	batch_ready(b);
	sleep_for_ever();
}

/* Forked while nobody has pinned anything. */
static void mapper(struct sim *s, struct batch *b)
{
	mem_touch(s);
	batch_ready(b);
	sleep_for_ever();
}

/* Forked after pinning: has copies of the private pages, and shall not hold pins by the ring. */
static void forked(struct sim *s, struct batch *b)
{
	close(s->pin_fd);
	batch_ready(b);
	sleep_for_ever();
}

static void judge(struct sim *s)
{
	struct outcome *out = s->out;

	outcome_judge(s, s->o.share);
	out->expected = out->call.acquired == UNKNOWN ?
			UNKNOWN : (out->call.acquired - out->call.released) * out->calls;
	if (!out->expected)
		out->bytes = 0;
	if (out->observed != UNKNOWN && out->observed != out->expected)
		note(s, "the kernel counts %lld more pins, %lld were to be expected", out->observed,
		     out->expected);
	outcome_total(s);
}

/* Again and again, before the one that is held. */
static void repeat(struct sim *s)
{
	struct pincount c;
	long long left;

	if (s->o.times <= 1)
		return;
	for (s->repeated.calls = 0; s->repeated.calls < s->o.times - 1; s->repeated.calls++) {
		s->sc.pinner->take(s);
		s->sc.pinner->drop(s);
	}
	left = pins_wait(&s->before, 0, 5000);
	if (left != UNKNOWN && left)
		note(s, "%lld pins are left after %lld times", left, s->repeated.calls);
	c = pins_read();
	s->repeated.seen.acquired = c.acquired - s->before.acquired;
	s->repeated.seen.released = c.released - s->before.released;
	s->before = c;
}

static void take_all(struct sim *s)
{
	mem_get(s);
	if (s->o.start_at_eof) {
		report_ready(s);
		wait_until_eof();
	}
	repeat(s);
	batch_start(s, &s->mappers, s->o.map_only, mapper);
	batch_wait(&s->mappers);
	batch_start(s, &s->sharers, s->o.share - 1, sharer);
	hold_take(s);
	s->out->taken = true;
	batch_wait(&s->sharers);
	batch_start(s, &s->forked, s->o.forks, forked);
	batch_wait(&s->forked);
}

static void drop_all(struct sim *s)
{
	batch_kill(&s->forked);
	batch_kill(&s->sharers);
	batch_kill(&s->mappers);
	s->out->dropping_ns = now_ns();
	s->sc.pinner->drop(s);
	mem_unmap(s);
	mem_close(s);
}

int hold_run(struct sim *s)
{
	bool pass = s->o.pass_ring;

	mem_reserve(s);
	if (s->sc.pinner->setup)
		s->sc.pinner->setup(s);
	s->before = pins_settled();
	(pass ? pass_take : take_all)(s);
	judge(s);
	report_pinned(s, NULL);
	wait_end(s, NULL, 0);
	if (s->o.release == RELEASE_EXIT) {
		hugepages_put_back();
		exit(0);
	}
	(pass ? pass_drop : drop_all)(s);
	if (s->sc.pinner->cleanup)
		s->sc.pinner->cleanup(s);
	report_released(s, NULL);
	hugepages_put_back();
	return 0;
}
