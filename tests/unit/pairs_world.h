/* SPDX-License-Identifier: GPL-2.0 */
/* Made-up processes, pin calls and releases, and what to expect of them. */
#ifndef PINSCOPE_TEST_PAIRS_WORLD_H
#define PINSCOPE_TEST_PAIRS_WORLD_H

#include "../../bpf/ledger.h"
#include "pairs.h"
#include "vec.h"

struct process {
	uint32_t tgid;
	uint64_t start_ns;
};

static const struct process alice = { 4001, 17 }, bob = { 4003, 19 }, nobody = { 4007, 23 };

#define RUNS(...) ((uint64_t[]){ __VA_ARGS__ }), \
	sizeof((uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t)

/* As from a ring buffer: there is no room behind what the record says that it has. */
#define RECORD_SIZE offsetof(struct trace_event, runs)

static inline struct trace_event *event(uint32_t type, const struct process *who, uint64_t time_ns)
{
	struct trace_event *ev = xcalloc(1, RECORD_SIZE);

	ev->type = type;
	ev->tgid = who->tgid;
	ev->start_ns = who->start_ns;
	ev->time_ns = time_ns;
	return ev;
}

static inline struct paired_pin *pin(struct pairs *p, const struct process *who,
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
static inline const struct paired_part *unpin(struct pairs *p, const struct process *who,
					      uint16_t context, const uint64_t *runs, size_t nr,
					      uint64_t time_ns, size_t want)
{
	struct trace_event *ev = event(TRACE_UNPIN, who, time_ns);
	struct trace_call call = { .ev = ev, .runs = runs, .nr_runs = nr };
	const struct paired_part *parts;

	ev->context = context;
	assert_int_equal(pairs__released(p, &call, &parts), want);
	free(ev);
	return parts;
}

static inline void ends(struct pairs *p, const struct process *who, uint64_t time_ns)
{
	struct trace_event *ev = event(TRACE_EXIT, who, time_ns);

	pairs__exited(p, ev);
	free(ev);
}

static inline uint64_t page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

static inline struct paired_pin *pinned(struct pairs *p, const struct process *who,
					const uint64_t *runs, size_t nr)
{
	return pin(p, who, who, runs, nr, 100);
}

/* In an interrupt: by nobody in particular. */
static inline const struct paired_part *released(struct pairs *p, const uint64_t *runs,
						 size_t nr, size_t want)
{
	return unpin(p, &nobody, IN_SOFTIRQ, runs, nr, 200, want);
}

static inline void assert_part(const struct paired_part *part, const struct paired_pin *pin,
			       uint64_t pins, bool guessed)
{
	assert_ptr_equal(part->pin, pin);
	assert_int_equal(part->pins, pins);
	assert_int_equal(part->guessed, guessed);
}

static inline void assert_sum(const struct pairs *p, uint64_t calls, uint64_t pins, uint64_t pages)
{
	struct pairs_sum sum = pairs__sum(p);

	assert_int_equal(sum.calls, calls);
	assert_int_equal(sum.pins, pins);
	assert_int_equal(sum.bytes, pages * page_size());
	assert_true(sum.memory > 0);
}

static inline void assert_pin(const struct paired_pin *pin, uint64_t pins, uint64_t left,
			      uint64_t pages)
{
	assert_int_equal(pin->pins, pins);
	assert_int_equal(pin->left, left);
	assert_int_equal(pin->bytes, pages * page_size());
}

#endif
