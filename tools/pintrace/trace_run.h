/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From calls to what is shown: pairs releases with pin calls, leaves out what
 * the filter does not want, gives the rest to the view. Calls come from the
 * kernel or from a recording, and it makes no difference.
 */
#ifndef PINSCOPE_TRACE_RUN_H
#define PINSCOPE_TRACE_RUN_H

#include "trace_filter.h"
#include "trace_view.h"

/* Where names come from: the kernel (trace_names.h) or a recording (replay.h). */
struct trace_source {
	const struct named_site *(*site)(void *arg, uint64_t id);
	const struct named_ustack *(*ustack)(void *arg, uint64_t id);
	void *arg;
};

struct trace_run {
	const struct call_filter *filter;
	struct trace_filter kernel;
	bool replayed;
	uint64_t most;			/* pin calls to show; 0: no end */
	struct trace_source source;
	struct trace_view *view;	/* NULL: nothing is shown, only recorded */

	struct pairs *pairs;
	uint64_t shown;			/* pin calls that passed the filter */
	uint64_t enough_ns;		/* when that was as many as were asked for */
	uint64_t held;			/* pins of theirs that are not released yet */
	struct shown_parts *parts;	/* scratch */
};

void trace_run__init(struct trace_run *run);
void trace_run__free(struct trace_run *run);

/* A trace_call_fn; @arg is the struct trace_run. */
void trace_run__call(const struct trace_call *call, void *arg);

/* As many as were asked for have been shown. */
bool trace_run__is_enough(const struct trace_run *run);

/*
 * When the trace ended: at the last call asked for, since nothing later has been
 * looked at, or at @now. CLOCK_MONOTONIC.
 */
uint64_t trace_run__ended_ns(const struct trace_run *run, uint64_t now);

/* Tells the view that it is over. */
void trace_run__end(struct trace_run *run, const struct trace_health *health, uint64_t ended_ns);

#endif
