// SPDX-License-Identifier: GPL-2.0
/* The life that pinning scenarios share: take, say so, hold, give back, say so. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sim.h"

/* After the pins are taken: taking them may have moved pages out of movable memory. */
static void record(struct sim *s)
{
	struct outcome *out = s->out;
	struct layout l;

	layout_read(&l, s->mem.addr, s->mem.len);
	mem_check(s, &l);
	out->pid = syscall(SYS_gettid);
	out->tgid = getpid();
	out->address = (uintptr_t)s->mem.addr;
	out->length = s->mem.len;
	out->known = l.known;
	out->folios = l.folios;
	out->bytes = l.bytes;
	out->folio_bytes = l.folio_bytes;
	out->nr_models = l.known ? s->sc->pinner->models(&l, out->models) : 0;
	layout_free(&l);
}

static void let_go_of_memory(struct sim *s)
{
	if (s->o.unmap)
		mem_unmap(s);
	if (s->o.close_memfd)
		mem_close(s);
}

void hold_take(struct sim *s)
{
	s->sc->pinner->take(s);
	record(s);
	let_go_of_memory(s);
}

/*
 * One more that maps and pins the same memory. Forked before: it shares the file, not the pins. It pins
 * after the first one: two at once spoil each other's migration out of ZONE_MOVABLE (ENOMEM).
 */
static void sharer(struct sim *s, struct batch *b)
{
	while (!s->out->taken)
		usleep(1000);
	s->sc->pinner->take(s);
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

static long long nearest(const struct outcome *out, int times, long long observed)
{
	long long best = UNKNOWN;
	int i;

	for (i = 0; i < out->nr_models; i++) {
		long long n = out->models[i] * times;

		if (best == UNKNOWN || llabs(n - observed) < llabs(best - observed))
			best = n;
	}
	return best;
}

/* With no counters to ask, the models must agree. */
static long long agreed(const struct outcome *out, int times)
{
	int i;

	for (i = 1; i < out->nr_models; i++)
		if (out->models[i] != out->models[0])
			return UNKNOWN;
	return out->nr_models ? out->models[0] * times : UNKNOWN;
}

/*
 * Which way of counting this kernel has. The models lie far apart, so that others at work on the
 * machine do not make the choice wrong; short pins of theirs are over at one of the looks.
 */
static void judge(struct sim *s)
{
	struct outcome *out = s->out;
	int i;

	out->observed = UNKNOWN;
	out->expected = agreed(out, s->o.share);
	for (i = 0; s->before.ok && i < 20; i++) {
		if (i)
			usleep(2000);
		out->observed = pins_since(&s->before);
		if (out->nr_models)
			out->expected = nearest(out, s->o.share, out->observed);
		if (out->observed == out->expected)
			break;
	}
	if (out->observed != out->expected)
		note(s, "the kernel counts %lld more pins, %lld were to be expected", out->observed,
		     out->expected);
}

static void take_all(struct sim *s)
{
	mem_get(s);
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
	s->sc->pinner->drop(s);
	mem_unmap(s);
	mem_close(s);
}

int hold_run(struct sim *s)
{
	bool pass = s->o.pass_ring;

	mem_reserve(s);
	s->before = pins_settled();
	(pass ? pass_take : take_all)(s);
	judge(s);
	report_pinned(s, NULL);
	wait_end(s, NULL, 0);
	(pass ? pass_drop : drop_all)(s);
	report_released(s, NULL);
	mem_put_back_hugepages();
	return 0;
}
