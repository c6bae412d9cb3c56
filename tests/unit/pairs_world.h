/* SPDX-License-Identifier: GPL-2.0 */
/* Made-up pin calls and releases. */
#ifndef PINSCOPE_TEST_PAIRS_WORLD_H
#define PINSCOPE_TEST_PAIRS_WORLD_H

#include "../../bpf/ledger.h"
#include "pairs.h"
#include "vec.h"

struct process {
	uint32_t tgid;
	uint64_t start_ns;
};

/* As from a ring buffer: there is no room behind what the record says that it has. */
#define RECORD_SIZE offsetof(struct trace_event, runs)

static struct trace_event *event(uint32_t type, const struct process *who, uint64_t time_ns)
{
	struct trace_event *ev = xcalloc(1, RECORD_SIZE);

	ev->type = type;
	ev->tgid = who->tgid;
	ev->start_ns = who->start_ns;
	ev->time_ns = time_ns;
	return ev;
}

static struct paired_pin *pin(struct pairs *p, const struct process *who,
			      const struct process *owner, const uint64_t *runs, size_t nr,
			      uint64_t time_ns)
{
	struct trace_event *ev = event(TRACE_PIN, who, time_ns);
	struct trace_call call = { .ev = ev, .runs = runs, .nr_runs = nr };
	struct paired_pin *pin;

	ev->owner = owner->tgid;
	ev->owner_start_ns = owner->start_ns;
	strcpy(ev->owner_comm, "owner");
	pin = pairs__pinned(p, &call);
	free(ev);
	return pin;
}

/* Its @want parts. */
static const struct paired_part *unpin(struct pairs *p, const struct process *who, uint16_t context,
				       const uint64_t *runs, size_t nr, uint64_t time_ns,
				       size_t want)
{
	struct trace_event *ev = event(TRACE_UNPIN, who, time_ns);
	struct trace_call call = { .ev = ev, .runs = runs, .nr_runs = nr };
	const struct paired_part *parts;

	ev->context = context;
	assert_int_equal(pairs__released(p, &call, &parts), want);
	free(ev);
	return parts;
}

static void ends(struct pairs *p, const struct process *who, uint64_t time_ns)
{
	struct trace_event *ev = event(TRACE_EXIT, who, time_ns);

	pairs__exited(p, ev);
	free(ev);
}

#endif
