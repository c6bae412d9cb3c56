// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "trace_run.h"
#include "vec.h"

/* What is remembered of a call in paired_pin.data; NULL: it did not pass the filter. */
static char wanted_mark, shown_mark;

/* The parts of one release that are shown, and what belongs to them. */
struct shown_parts {
	struct paired_part *parts;
	const struct named_site **sites;
	const struct named_ustack **ustacks;
	size_t nr, cap;
};

void trace_run__init(struct trace_run *run)
{
	run->pairs = pairs__new();
	run->parts = xcalloc(1, sizeof(*run->parts));
}

void trace_run__free(struct trace_run *run)
{
	pairs__free(run->pairs);
	free(run->parts->parts);
	free(run->parts->sites);
	free(run->parts->ustacks);
	free(run->parts);
}

static const struct named_site *site_of(const struct trace_run *run, uint64_t id)
{
	return run->source.site(run->source.arg, id);
}

static const struct named_ustack *ustack_of(const struct trace_run *run, uint64_t id)
{
	return id ? run->source.ustack(run->source.arg, id) : NULL;
}

bool trace_run__is_enough(const struct trace_run *run)
{
	return run->most && run->shown >= run->most;
}

/* --- pin calls -------------------------------------------------------------------------------- */

static void show_pin(struct trace_run *run, const struct trace_event *ev,
		     const struct paired_pin *pin)
{
	struct shown_pin shown = {
		.pin = pin, .ev = ev, .site = site_of(run, ev->site),
		.ustack = ustack_of(run, ev->ustack), .nr = pin ? pin->nr : 0,
	};

	run->shown++;
	if (run->view)
		run->view->ops->pin(run->view, &shown);
}

static void on_pin(struct trace_run *run, const struct trace_call *call)
{
	struct paired_pin *pin = pairs__pinned(run->pairs, call);
	const struct trace_event *ev = call->ev;

	if (!call_filter_wants(run->filter, &run->kernel, run->replayed, ev,
			       site_of(run, ev->site)))
		return;
	if (pin) {
		pin->data = &wanted_mark;
		run->held += pin->pins;
	}
	/* How long it is held shows only at its release, or at the end. */
	if (run->filter->held >= 0)
		return;
	if (pin)
		pin->data = &shown_mark;
	show_pin(run, ev, pin);
}

/* --- releases --------------------------------------------------------------------------------- */

static void grow(struct shown_parts *s)
{
	s->cap = s->cap ? s->cap * 2 : 16;
	s->parts = xrealloc(s->parts, s->cap, sizeof(*s->parts));
	s->sites = xrealloc(s->sites, s->cap, sizeof(*s->sites));
	s->ustacks = xrealloc(s->ustacks, s->cap, sizeof(*s->ustacks));
}

static void add_part(struct trace_run *run, const struct paired_part *part)
{
	struct shown_parts *s = run->parts;

	if (s->nr == s->cap)
		grow(s);
	s->parts[s->nr] = *part;
	s->sites[s->nr] = part->pin ? site_of(run, part->pin->ev.site) : NULL;
	s->ustacks[s->nr] = part->pin ? ustack_of(run, part->pin->ev.ustack) : NULL;
	s->nr++;
}

static bool is_held_long(const struct trace_run *run, const struct paired_pin *pin, uint64_t now)
{
	return now > pin->ev.time_ns && (now - pin->ev.time_ns) / 1e9 > run->filter->held;
}

static void on_part(struct trace_run *run, const struct trace_event *ev,
		    const struct paired_part *part)
{
	struct paired_pin *pin = part->pin;

	if (!pin) {
		if (!call_filter_is_set(run->filter))
			add_part(run, part);
		return;
	}
	if (!pin->data)
		return;
	run->held -= part->pins;
	if (pin->data == &wanted_mark) {
		if (!is_held_long(run, pin, ev->time_ns))
			return;
		pin->data = &shown_mark;
		show_pin(run, &pin->ev, pin);
	}
	add_part(run, part);
}

static void on_unpin(struct trace_run *run, const struct trace_call *call)
{
	const struct trace_event *ev = call->ev;
	const struct paired_part *parts;
	size_t nr = pairs__released(run->pairs, call, &parts), i;
	struct shown_unpin shown = { .ev = ev };

	run->parts->nr = 0;
	for (i = 0; i < nr; i++)
		on_part(run, ev, &parts[i]);
	if (run->parts->nr && run->view) {
		shown.parts = run->parts->parts;
		shown.nr_parts = run->parts->nr;
		shown.sites = run->parts->sites;
		shown.ustacks = run->parts->ustacks;
		shown.site = ev->site ? site_of(run, ev->site) : NULL;
		run->view->ops->unpin(run->view, &shown);
	}
	for (i = 0; i < nr; i++)
		if (parts[i].pin && !parts[i].pin->left)
			pairs__forget(run->pairs, parts[i].pin);
}

void trace_run__call(const struct trace_call *call, void *arg)
{
	struct trace_run *run = arg;

	if (trace_run__is_enough(run))
		return;
	switch (call->ev->type) {
	case TRACE_PIN:
		on_pin(run, call);
		break;
	case TRACE_UNPIN:
		on_unpin(run, call);
		break;
	case TRACE_EXIT:
		pairs__exited(run->pairs, call->ev);
		break;
	}
	if (trace_run__is_enough(run))
		run->enough_ns = call->ev->time_ns;
}

/* --- the end ---------------------------------------------------------------------------------- */

struct ending {
	struct trace_run *run;
	uint64_t ended_ns;
};

/* What has been held long enough until the end was not shown yet. */
static void show_held(struct paired_pin *pin, void *arg)
{
	const struct ending *ending = arg;
	struct trace_run *run = ending->run;

	if (pin->data != &wanted_mark || trace_run__is_enough(run) ||
	    !is_held_long(run, pin, ending->ended_ns))
		return;
	pin->data = &shown_mark;
	show_pin(run, &pin->ev, pin);
}

static const struct named_site *end_site(void *arg, const struct trace_event *ev)
{
	return site_of(arg, ev->site);
}

static const struct named_ustack *end_ustack(void *arg, const struct trace_event *ev)
{
	return ustack_of(arg, ev->ustack);
}

static bool end_wanted(void *arg, const struct paired_pin *pin)
{
	return pin->data == &shown_mark;
}

uint64_t trace_run__ended_ns(const struct trace_run *run, uint64_t now)
{
	return run->enough_ns ? run->enough_ns : now;
}

void trace_run__end(struct trace_run *run, const struct trace_health *health, uint64_t ended_ns)
{
	struct ending ending = { .run = run, .ended_ns = ended_ns };
	struct trace_end end = {
		.ended_ns = ended_ns, .health = health, .pairs = run->pairs, .site = end_site,
		.ustack = end_ustack, .wanted = end_wanted, .arg = run,
	};

	if (run->filter->held >= 0)
		pairs__each(run->pairs, show_held, &ending);
	if (run->view)
		run->view->ops->end(run->view, &end);
}
