// SPDX-License-Identifier: GPL-2.0
/* What calls did: where the memory is, what that makes of the pins, and what the kernel counted. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sim.h"

/* After the pins are taken: taking them may have moved pages out of movable memory. */
void outcome_record(struct sim *s)
{
	struct outcome *out = s->out;
	struct layout l;

	layout_read(&l, s->mem.addr, s->mem.len);
	mem_check(s, &l);
	out->pid = syscall(SYS_gettid);
	out->tgid = out->owner = getpid();
	out->address = (uintptr_t)s->mem.addr;
	out->length = s->mem.len;
	out->known = l.known;
	out->folios = l.folios;
	out->bytes = l.bytes;
	out->folio_bytes = l.folio_bytes;
	out->nr_models = l.known ? s->sc.pinner->models(s, &l, out->models) : 0;
	layout_free(&l);
}

static bool same(const struct model *a, const struct model *b)
{
	return a->acquired == b->acquired && a->released == b->released;
}

static long long held(const struct model *m)
{
	return m->acquired - m->released;
}

/* With no counters to ask, the models must agree. */
static void agreed(struct outcome *out)
{
	int i;

	out->call = (struct model){ UNKNOWN, UNKNOWN };
	for (i = 1; i < out->nr_models; i++)
		if (!same(&out->models[i], &out->models[0]))
			return;
	if (out->nr_models)
		out->call = out->models[0];
}

static long long distance(const struct model *m, long long calls, const struct model *seen)
{
	return llabs(held(m) * calls - held(seen)) * 1000 +
	       llabs(m->acquired * calls - seen->acquired);
}

static void nearest(struct outcome *out)
{
	int i;

	out->call = out->models[0];
	for (i = 1; i < out->nr_models; i++)
		if (distance(&out->models[i], out->calls, &out->seen) <
		    distance(&out->call, out->calls, &out->seen))
			out->call = out->models[i];
}

static void look(struct sim *s)
{
	struct pincount c = pins_read();

	s->out->seen.acquired = c.acquired - s->before.acquired;
	s->out->seen.released = c.released - s->before.released;
	s->out->observed = held(&s->out->seen);
}

/* A call that tried again, or moved pages, counts as much more on both sides: no difference. */
static bool fits(const struct outcome *out)
{
	return held(&out->seen) == held(&out->call) * out->calls;
}

/*
 * Which way of counting this kernel has, where that is not known. The models lie far apart, so
 * that others at work on the machine do not make the choice wrong; short pins of theirs, and
 * releases that are still on their way, are over at one of the looks.
 */
void outcome_judge(struct sim *s, long long calls)
{
	struct outcome *out = s->out;
	int i;

	out->calls = calls;
	out->observed = UNKNOWN;
	out->seen = (struct model){ UNKNOWN, UNKNOWN };
	agreed(out);
	for (i = 0; s->before.ok && i < 50; i++) {
		if (i)
			usleep(2000);
		look(s);
		if (out->nr_models)
			nearest(out);
		if (out->nr_models && fits(out))
			break;
	}
}

/* With one that was held and given back before each of the repeated ones. */
void outcome_total(struct sim *s)
{
	struct outcome *out = s->out;
	long long again = s->repeated.calls;

	out->calls += again;
	out->total = out->call;
	if (out->call.acquired != UNKNOWN) {
		out->total.acquired = out->call.acquired * out->calls;
		out->total.released = out->call.released * out->calls + held(&out->call) * again;
	}
	if (s->before.ok) {
		out->seen.acquired += s->repeated.seen.acquired;
		out->seen.released += s->repeated.seen.released;
	}
}

static int model(struct model *models, long long acquired, long long released)
{
	models[0] = (struct model){ acquired, released };
	return 1;
}

/* Held: one pin per page, whatever the size of the folios. */
int model_per_page(const struct sim *s, const struct layout *l, struct model *models)
{
	return model(models, l->pages, 0);
}

/* Fast: pinned and unpinned page by page within the call. */
int model_passing(const struct sim *s, const struct layout *l, struct model *models)
{
	return model(models, l->pages, l->pages);
}

/*
 * What goes through iov_iter takes pins since kernels 6.3 to 6.5 brought iov_iter_extract_pages(),
 * and plain references before.
 */
int model_passing_extracted(const struct sim *s, const struct layout *l, struct model *models)
{
	long long n = kernel_has("iov_iter_extract_pages") ? l->pages : 0;

	return model(models, n, n);
}

int model_held_extracted(const struct sim *s, const struct layout *l, struct model *models)
{
	return model(models, kernel_has("iov_iter_extract_pages") ? l->pages : 0, 0);
}
