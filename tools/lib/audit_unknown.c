// SPDX-License-Identifier: GPL-2.0
/*
 * Releases of pins that no call which was seen has taken. Where the kernel did
 * not run a program for that call it counts so, but not at once, and what the
 * programs excuse (calls.bpf.h) is counted before. So what was found is said
 * some time later, if nothing is known to be missed then.
 */
#include <inttypes.h>
#include <string.h>

#include "audit_state.h"
#include "vec.h"

static void report(struct audit *a, const struct unknown_release *u)
{
	enum audit_rule rule = u->again ? AUDIT_OVER_UNPIN : AUDIT_WRONG_RELEASE;
	struct audit_violation v = {
		.rule = rule, .time_ns = u->release->time_ns, .pins = u->pins, .pin = u->pin,
		.nr = u->nr, .release = u->release,
	};
	char what[AUDIT_TEXT];

	snprintf(what, sizeof(what), "%" PRIu64 " pins released that %s", u->pins,
		 u->again ? "had been released before" :
			    "nobody had taken: got by get_user_pages()?");
	v.what = what;
	found(a, &v);
}

static void clear(struct audit *a)
{
	for (; a->nr_unknown; a->nr_unknown--) {
		free(a->unknown[a->nr_unknown - 1].release);
		free(a->unknown[a->nr_unknown - 1].pin);
	}
}

void judge_unknown(struct audit *a)
{
	size_t i;

	if (a->nr_unknown && !lost(a))
		for (i = 0; i < a->nr_unknown; i++)
			report(a, &a->unknown[i]);
	clear(a);
}

void free_unknown(struct audit *a)
{
	clear(a);
	free(a->unknown);
}

void note_unknown(struct audit *a, const struct trace_call *call, uint64_t pins, bool wanted)
{
	struct history_count count = {};
	const struct past_call *past;
	size_t i;

	for (i = 0; i < call->nr_runs; i++)
		history__count(a->history, call->runs[i], &count);
	past = count.last;
	if (pins <= count.before || !(wanted || (past && past->wanted)) ||
	    call->ev->time_ns <= a->began_ns || lost(a) ||
	    !audit_checks(a, count.released ? AUDIT_OVER_UNPIN : AUDIT_WRONG_RELEASE))
		return;
	*vec_push(a->unknown, a->nr_unknown, a->cap_unknown) = (struct unknown_release){
		.release = event_copy(call->ev), .pins = pins - count.before,
		.again = count.released, .pin = count.released && past ? event_copy(past->pin) : NULL,
		.nr = count.released && past ? past->nr : 0,
	};
	/* No look comes any more. */
	if (a->over)
		judge_unknown(a);
}
