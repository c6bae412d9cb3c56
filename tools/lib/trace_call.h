/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One pin call or one release, whole, as it comes from the kernel (tracer.h)
 * or from a file (record.h).
 */
#ifndef PINSCOPE_TRACE_CALL_H
#define PINSCOPE_TRACE_CALL_H

#include <stddef.h>
#include <stdint.h>

#include "../../bpf/ledger.h"
#include "../../bpf/trace.h"

struct trace_call {
	const struct trace_event *ev;	/* all but its runs */
	const uint64_t *runs;		/* RUN_WORD()s, in the order of the call's pages */
	size_t nr_runs;
	uint64_t lost;		/* pins of the call whose pages got lost on the way; 0 as a rule */
};

/* Valid during the call. */
typedef void (*trace_call_fn)(const struct trace_call *call, void *arg);

/* What the trace may have missed, so far. */
struct trace_health {
	struct trace_totals totals;
	uint64_t lost[LOST_CAUSES];
	uint64_t nested;
	uint64_t missed_runs;	/* of programs, by recursion */
	uint64_t follow_lost;	/* children for which there was no room */
};

#endif
