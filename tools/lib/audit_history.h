/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a page's past says of a release that no pin call was seen for: was it
 * pinned before the trace began, or by a call that has been released already?
 */
#ifndef PINSCOPE_AUDIT_HISTORY_H
#define PINSCOPE_AUDIT_HISTORY_H

#include "pairs.h"

struct audit_history;

struct audit_history *history__new(void);
void history__free(struct audit_history *h);

/* The run (see RUN_WORD()) was pinned before the trace began. */
void history__before(struct audit_history *h, uint64_t run);

/* A release has taken the run's pins, of the call @pin; @release is its event. */
void history__released(struct audit_history *h, uint64_t run, const struct paired_pin *pin,
		       bool wanted, const struct trace_event *release);

/* A copy of an event without its runs, to be freed. */
struct trace_event *event_copy(const struct trace_event *ev);

/* A pin call that has been released. Without runs, as struct paired_pin. */
struct past_call {
	uint64_t nr;
	bool wanted;
	struct trace_event *pin, *release;
};

struct history_count {
	uint64_t before;	/* pins of the run on pages that were pinned before the trace began */
	uint64_t released;	/* of the others, on such as were released before */
	const struct past_call *last;	/* one of the calls that these were; NULL: too long ago */
};

/* Adds to @count. */
void history__count(const struct audit_history *h, uint64_t run, struct history_count *count);

bool history__was_before(const struct audit_history *h, uint64_t pfn);

#endif
