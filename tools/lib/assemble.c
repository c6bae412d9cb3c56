// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "assemble.h"
#include "vec.h"

/* Runs of a call whose last record is still to come. */
struct part {
	uint64_t seq;
	uint64_t *runs;
	size_t nr, cap;
};

/*
 * Records of one call follow each other but for what other CPUs put between
 * them, so few are open at a time. One that stays open had its last record
 * dropped, which the kernel's side has counted: the oldest makes room.
 */
#define MAX_OPEN 1024

struct assembler {
	struct part open[MAX_OPEN];	/* the oldest first */
	size_t nr;
	struct part whole;		/* of the call that came in one record */
	uint64_t lost_pins, lost_unpins;
};

struct assembler *assembler__new(void)
{
	return xcalloc(1, sizeof(struct assembler));
}

void assembler__free(struct assembler *a)
{
	size_t i;

	if (!a)
		return;
	for (i = 0; i < a->nr; i++)
		free(a->open[i].runs);
	free(a->whole.runs);
	free(a);
}

static struct part *find(struct assembler *a, uint64_t seq)
{
	size_t i;

	for (i = a->nr; i-- > 0;)
		if (a->open[i].seq == seq)
			return &a->open[i];
	return NULL;
}

static void drop(struct assembler *a, struct part *part)
{
	size_t at = part - a->open;

	free(part->runs);
	memmove(part, part + 1, (a->nr - at - 1) * sizeof(*part));
	a->nr--;
}

static struct part *open_part(struct assembler *a, uint64_t seq)
{
	struct part *part;

	if (a->nr == MAX_OPEN)
		drop(a, a->open);
	part = &a->open[a->nr++];
	memset(part, 0, sizeof(*part));
	part->seq = seq;
	return part;
}

static void add(struct part *part, const struct trace_event *ev)
{
	uint32_t i;

	for (i = 0; i < ev->nr_runs; i++)
		*vec_push(part->runs, part->nr, part->cap) = ev->runs[i];
}

static void give(struct assembler *a, const struct trace_event *ev, const uint64_t *runs, size_t nr,
		 trace_call_fn each, void *arg)
{
	struct trace_call call = { .ev = ev, .runs = runs, .nr_runs = nr };
	uint64_t pins = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		pins += RUN_COUNT(runs[i]);
	if (ev->pins > pins)
		call.lost = ev->pins - pins;
	*(ev->type == TRACE_UNPIN ? &a->lost_unpins : &a->lost_pins) += call.lost;
	each(&call, arg);
}

void assembler__take(struct assembler *a, const void *record, size_t size, trace_call_fn each,
		     void *arg)
{
	const struct trace_event *ev = record;
	struct part *part;

	if (size < offsetof(struct trace_event, runs) ||
	    size < offsetof(struct trace_event, runs) + ev->nr_runs * sizeof(ev->runs[0]))
		return;
	part = find(a, ev->seq);
	if (ev->type == TRACE_RUNS_ONLY) {
		add(part ? part : open_part(a, ev->seq), ev);
	} else if (part) {
		add(part, ev);
		give(a, ev, part->runs, part->nr, each, arg);
		drop(a, part);
	} else {
		a->whole.nr = 0;
		add(&a->whole, ev);
		give(a, ev, a->whole.runs, a->whole.nr, each, arg);
	}
}

uint64_t assembler__lost_pins(const struct assembler *a)
{
	return a->lost_pins;
}

uint64_t assembler__lost_unpins(const struct assembler *a)
{
	return a->lost_unpins;
}
