// SPDX-License-Identifier: GPL-2.0
/* What calls and releases say by themselves, and what is made of what the other files find. */
#include <inttypes.h>
#include <string.h>

#include "audit_state.h"
#include "vec.h"

struct audit *audit__new(const struct audit_opts *opts, struct pairs *pairs)
{
	struct audit *a = xcalloc(1, sizeof(*a));

	a->opts = *opts;
	a->pairs = pairs;
	a->history = history__new();
	return a;
}

static void free_watch(struct paired_pin *pin, void *arg)
{
	free(pin->audit);
	pin->audit = NULL;
}

void audit__free(struct audit *a)
{
	if (!a)
		return;
	pairs__each(a->pairs, free_watch, NULL);
	history__free(a->history);
	free_failed(a);
	free_unknown(a);
	free(a->suspects);
	free(a->places);
	while (a->nr_named)
		free(a->named[--a->nr_named]);
	free(a->named);
	free(a);
}

static void add_before(struct audit *a, const struct pin_run *run)
{
	uint64_t pfn = run->pfn, left = run->folios, n;

	for (; run->order && left; left--, pfn += 1ULL << run->order)
		history__before(a->history, RUN_WORD(pfn, 1, run->order));
	for (; left; left -= n, pfn += n) {
		n = left < RUN_MAX_COUNT ? left : RUN_MAX_COUNT;
		history__before(a->history, RUN_WORD(pfn, n, 0));
	}
}

void audit__begin(struct audit *a)
{
	const struct audit_machine *m = a->opts.machine;
	struct scan_result res = {};
	size_t i;

	if (!m)
		return;
	if (m->scan(a->opts.arg, NULL, &res))
		a->began_ns = UINT64_MAX;
	for (i = 0; i < res.nr; i++)
		add_before(a, &res.runs[i]);
	scan_result_free(&res);
	if (!a->began_ns)
		a->began_ns = m->now(a->opts.arg);
}

bool lost(const struct audit *a)
{
	return !a->opts.machine || a->opts.machine->lost(a->opts.arg);
}

bool audit__waits(const struct audit *a)
{
	return a->nr_failed;
}

uint64_t audit__found(const struct audit *a, enum audit_rule rule)
{
	return a->found[rule];
}

/* --- reporting ---------------------------------------------------------------------------- */

static bool is_new_place(struct audit *a, const struct audit_violation *v)
{
	struct place new = {
		.rule = v->rule, .pin = v->pin ? v->pin->site : 0,
		.release = v->release ? v->release->site : 0,
	};
	size_t i;

	for (i = 0; i < a->nr_places; i++) {
		const struct place *p = &a->places[i];

		if (p->rule == new.rule && p->pin == new.pin && p->release == new.release)
			return false;
	}
	*vec_push(a->places, a->nr_places, a->cap_places) = new;
	return true;
}

void found(struct audit *a, const struct audit_violation *v)
{
	if (a->opts.expected && a->opts.expected(a->opts.arg, v))
		return;
	a->found[v->rule]++;
	if (is_new_place(a, v))
		a->opts.report(a->opts.arg, v);
}

void found_held(struct audit *a, enum audit_rule rule, struct paired_pin *pin, uint64_t pins,
		const char *what)
{
	struct audit_violation v = {
		.rule = rule, .time_ns = a->now_ns, .pins = pins, .what = what, .pin = &pin->ev,
		.nr = pin->nr,
	};

	watch_of(pin)->reported |= AUDIT_BIT(rule);
	found(a, &v);
}

bool is_known(struct audit *a, enum audit_rule rule, const struct trace_event *pin, bool capable)
{
	const struct site_name *site = &a->opts.site(a->opts.arg, pin->site)->name;
	const char *why = audit_known(rule, site, capable);
	char *name;
	size_t i;

	if (!why)
		return false;
	name = xasprintf("%s %s", audit_rule_name(rule), site->driver);
	for (i = 0; i < a->nr_named; i++) {
		if (!strcmp(a->named[i], name)) {
			free(name);
			return true;
		}
	}
	*vec_push(a->named, a->nr_named, a->cap_named) = name;
	a->opts.known(a->opts.arg, rule, site->driver, why);
	return true;
}

/* --- calls -------------------------------------------------------------------------------- */

struct watch *watch_of(struct paired_pin *pin)
{
	if (!pin->audit)
		pin->audit = xcalloc(1, sizeof(struct watch));
	return pin->audit;
}

void audit__pinned(struct audit *a, const struct trace_call *call, struct paired_pin *pin,
		   bool wanted)
{
	if (pin && is_longterm(a, call->ev))
		a->uncharged = true;
	if (wanted && call->ev->got < 0 && audit_checks(a, AUDIT_FAILED_LEFT) && a->opts.machine)
		note_failed(a, call->ev);
}

struct failure {
	const struct trace_event *ev;
};

static void mark_partial(struct paired_pin *pin, void *arg)
{
	const struct trace_event *ev = ((struct failure *)arg)->ev, *p = &pin->ev;
	struct watch *w;

	if (p->tid != ev->tid || p->seq < ev->wanted || p->seq > ev->seq || p->got <= 0 ||
	    (uint64_t)p->got >= p->wanted)
		return;
	w = watch_of(pin);
	w->error = ev->got;
	w->error_ns = ev->time_ns;
}

void audit__failed(struct audit *a, const struct trace_event *ev)
{
	pairs__each(a->pairs, mark_partial, &(struct failure){ .ev = ev });
}

/* --- releases ----------------------------------------------------------------------------- */

static void found_at_release(struct audit *a, enum audit_rule rule, const struct trace_call *call,
			     uint64_t pins, const struct trace_event *pin, uint64_t nr,
			     const char *what)
{
	struct audit_violation v = {
		.rule = rule, .time_ns = call->ev->time_ns, .pins = pins, .what = what, .pin = pin,
		.nr = nr, .release = call->ev,
	};

	if (audit_checks(a, rule))
		found(a, &v);
}

/* The pages tell by themselves, whatever was seen. */
static void check_bare(struct audit *a, const struct trace_call *call,
		       const struct paired_part *parts, size_t nr, bool wanted)
{
	const struct paired_pin *pin = nr ? parts[0].pin : NULL;
	struct history_count count = {};
	char what[AUDIT_TEXT];
	size_t i;

	for (i = 0; i < call->nr_runs; i++)
		history__count(a->history, call->runs[i], &count);
	if (!wanted && !(pin && a->opts.wanted(a->opts.arg, pin)) &&
	    !(count.last && count.last->wanted))
		return;
	snprintf(what, sizeof(what), "%" PRIu64 " pins released from pages that carry none",
		 (uint64_t)call->ev->bare);
	if (!pin && !count.released)
		found_at_release(a, AUDIT_WRONG_RELEASE, call, call->ev->bare, NULL, 0, what);
	else if (pin)
		found_at_release(a, AUDIT_OVER_UNPIN, call, call->ev->bare, &pin->ev, pin->nr, what);
	else
		found_at_release(a, AUDIT_OVER_UNPIN, call, call->ev->bare,
				 count.last ? count.last->pin : NULL,
				 count.last ? count.last->nr : 0, what);
}

/* Which pages are clean is not known: all of them have to be pinned for writing. */
static void check_clean(struct audit *a, const struct trace_call *call,
			const struct paired_part *parts, size_t nr)
{
	char what[AUDIT_TEXT];
	size_t i;

	for (i = 0; i < nr; i++)
		if (!parts[i].pin || parts[i].guessed || !(parts[i].pin->ev.flags & a->opts.write) ||
		    !a->opts.wanted(a->opts.arg, parts[i].pin))
			return;
	if (!nr)
		return;
	snprintf(what, sizeof(what), "%" PRIu64 " pages of a file, pinned for writing, released "
		 "without being dirty", (uint64_t)call->ev->clean);
	found_at_release(a, AUDIT_NOT_DIRTIED, call, call->ev->clean, &parts[0].pin->ev,
			 parts[0].pin->nr, what);
}

/* It was held for too long, and no look was in time to see it. */
static void check_held(struct audit *a, const struct trace_call *call,
		       const struct paired_part *part)
{
	struct paired_pin *pin = part->pin;
	uint64_t held = call->ev->time_ns - pin->ev.time_ns;
	char what[AUDIT_TEXT];

	if (is_longterm(a, &pin->ev) || call->ev->time_ns < pin->ev.time_ns ||
	    held < a->opts.hold_ns || !a->opts.wanted(a->opts.arg, pin) || pin->exited_ns ||
	    (pin->audit && watch_of(pin)->reported) || is_known(a, AUDIT_HOLD, &pin->ev, false))
		return;
	snprintf(what, sizeof(what), "%" PRIu64 " pins without FOLL_LONGTERM were held for %.2fs",
		 part->pins, held / 1e9);
	watch_of(pin)->reported |= AUDIT_BIT(AUDIT_HOLD);
	found_at_release(a, AUDIT_HOLD, call, part->pins, &pin->ev, pin->nr, what);
}

static void remember(struct audit *a, const struct trace_call *call,
		     const struct paired_pin *pin)
{
	bool wanted = a->opts.wanted(a->opts.arg, pin);
	size_t i;

	for (i = 0; i < call->nr_runs; i++)
		history__released(a->history, call->runs[i], pin, wanted, call->ev);
}

void audit__released(struct audit *a, const struct trace_call *call,
		     const struct paired_part *parts, size_t nr, bool wanted)
{
	bool unknown = nr && !parts[nr - 1].pin;
	size_t i;

	if (call->ev->bare)
		check_bare(a, call, parts, nr, wanted);
	else if (unknown)
		note_unknown(a, call, parts[nr - 1].pins, wanted);
	if (call->ev->clean)
		check_clean(a, call, parts, nr);
	for (i = 0; i < nr; i++)
		if (parts[i].pin)
			check_held(a, call, &parts[i]);
	if (nr && parts[0].pin)
		remember(a, call, parts[0].pin);
}

void audit__forget(struct audit *a, struct paired_pin *pin)
{
	struct watch *w = pin->audit;

	if (w && w->suspect)
		a->suspects[w->suspect - 1].pin = NULL;
	free(w);
	pin->audit = NULL;
}

/* --- from time to time -------------------------------------------------------------------- */

void audit__look(struct audit *a, bool last)
{
	if (a->over)
		return;
	a->now_ns = a->opts.machine->now(a->opts.arg);
	a->last = last;
	judge_unknown(a);
	look_at_held(a);
	if (audit_checks(a, AUDIT_UNACCOUNTED))
		look_at_charges(a);
	look_at_failed(a);
}

void audit__over(struct audit *a)
{
	a->over = true;
	judge_unknown(a);
}

static void check_end(struct paired_pin *pin, void *arg)
{
	struct audit *a = arg;
	char what[AUDIT_TEXT];

	if (is_longterm(a, &pin->ev) || since(a, pin->ev.time_ns) < a->opts.hold_ns ||
	    pin->exited_ns || (pin->audit && watch_of(pin)->reported) ||
	    !a->opts.wanted(a->opts.arg, pin) || is_known(a, AUDIT_HOLD, &pin->ev, false))
		return;
	snprintf(what, sizeof(what), "%" PRIu64 " pins without FOLL_LONGTERM are held for %.2fs",
		 pin->left, since(a, pin->ev.time_ns) / 1e9);
	found_held(a, AUDIT_HOLD, pin, pin->left, what);
}

void audit__end(struct audit *a, uint64_t ended_ns)
{
	a->now_ns = ended_ns;
	if (audit_checks(a, AUDIT_HOLD))
		pairs__each(a->pairs, check_end, a);
}
