// SPDX-License-Identifier: GPL-2.0
/*
 * Pins that a failed call has left: in the memory that it was about, of no
 * call that was seen, and still there some time later. One look would not do:
 * another call may have pinned there, and not have ended yet.
 */
#include <inttypes.h>
#include <string.h>

#include "audit_state.h"
#include "vec.h"

#define FAILED_MOST 16			/* calls at a time: a driver may fail in a loop */
#define FAILED_PAGES (1ULL << 20)	/* in which is looked */

static const uint64_t waits[FAILED_LOOKS] = { 0, SECOND_NS, 2 * SECOND_NS };

void note_failed(struct audit *a, const struct trace_event *ev)
{
	struct failed_call *f;

	if (a->nr_failed == FAILED_MOST || !ev->wanted || ev->wanted > FAILED_PAGES || !ev->owner ||
	    ev->function >= GUP_memfd_pin_folios)
		return;
	f = vec_push(a->failed, a->nr_failed, a->cap_failed);
	*f = (struct failed_call){ .ev = event_copy(ev) };
	/* At once: the process may not live much longer. */
	a->opts.machine->frames(a->opts.arg, ev, &f->frames);
	pfn_ranges_sort(&f->frames);
}

static void free_call(struct failed_call *f)
{
	pfn_ranges_free(&f->frames);
	free(f->ev);
}

void free_failed(struct audit *a)
{
	while (a->nr_failed)
		free_call(&a->failed[--a->nr_failed]);
	free(a->failed);
}

/* Pins on the folio that no call has of which is known; keeps its pages for the next look. */
static uint64_t unknown_on(struct audit *a, const struct pin_run *run, uint64_t pfn,
			   struct pfn_ranges *left)
{
	uint64_t known = pairs__on(a->pairs, pfn, run->order);

	if (run->pins <= known || history__was_before(a->history, pfn))
		return 0;
	pfn_ranges_add(left, pfn, pfn + (1ULL << run->order));
	return run->pins - known;
}

static uint64_t unknown_pins(struct audit *a, const struct scan_result *res,
			     struct pfn_ranges *left)
{
	uint64_t pins = 0;
	size_t i;
	uint32_t k;

	for (i = 0; i < res->nr; i++)
		for (k = 0; k < res->runs[i].folios; k++)
			pins += unknown_on(a, &res->runs[i],
					   res->runs[i].pfn + ((uint64_t)k << res->runs[i].order),
					   left);
	pfn_ranges_sort(left);
	return pins;
}

static void report(struct audit *a, const struct failed_call *f, uint64_t pins)
{
	struct audit_violation v = {
		.rule = AUDIT_FAILED_LEFT, .time_ns = a->now_ns, .pins = pins, .pin = f->ev,
	};
	char what[AUDIT_TEXT];

	snprintf(what, sizeof(what), "%" PRIu64 " pins of no call that was seen lie where this call "
		 "has failed %.1fs ago", pins, since(a, f->ev->time_ns) / 1e9);
	v.what = what;
	found(a, &v);
}

/* False: it is done with. */
static bool look_again(struct audit *a, struct failed_call *f)
{
	const struct audit_machine *m = a->opts.machine;
	struct pfn_ranges left = {};
	struct scan_result res = {};
	uint64_t pins = 0;

	if (f->frames.nr && !m->scan(a->opts.arg, &f->frames, &res)) {
		m->catch_up(a->opts.arg);
		pins = unknown_pins(a, &res, &left);
	}
	scan_result_free(&res);
	pfn_ranges_free(&f->frames);
	f->frames = left;
	if (!pins || lost(a))
		return false;
	if (++f->looks < FAILED_LOOKS) {
		f->look_ns = a->now_ns + waits[f->looks];
		return true;
	}
	report(a, f, pins);
	return false;
}

void look_at_failed(struct audit *a)
{
	size_t i = 0;

	while (i < a->nr_failed) {
		struct failed_call f = a->failed[i];

		if (a->now_ns < f.look_ns) {
			i++;
			continue;
		}
		/* While it is looked at others may be added: it is taken out meanwhile. */
		memmove(&a->failed[i], &a->failed[i + 1], (--a->nr_failed - i) * sizeof(f));
		if (look_again(a, &f)) {
			*vec_push(a->failed, a->nr_failed, a->cap_failed) = f;
		} else {
			free_call(&f);
		}
	}
}
