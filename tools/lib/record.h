/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes a trace to a file from which every view can be made later, on another
 * machine as well: pintrace.dat(5) has the format, replay.h reads it.
 *
 * An error is told once, by the call that meets it. From then on nothing is
 * written and all calls return 0: the trace goes on without its record.
 */
#ifndef PINSCOPE_RECORD_H
#define PINSCOPE_RECORD_H

#include "fail.h"
#include "sitename.h"
#include "trace_call.h"
#include "trace_info.h"
#include "ustack_name.h"

struct record;

/* @path is emptied if it exists; "-" is standard output. NULL on failure. */
struct record *record__open(const char *path, const struct trace_info *info, struct fail *fail);

/*
 * @site and @ustack are those of the ids in @call->ev, NULL where there is
 * none; written when an id comes for the first time. 0 or -1.
 */
int record__call(struct record *r, const struct trace_call *call, const struct named_site *site,
		 const struct named_ustack *ustack, struct fail *fail);

/* The trace has ended, at CLOCK_MONOTONIC @ended_ns. Frees @r also on failure. 0 or -1. */
int record__end(struct record *r, uint64_t ended_ns, const struct trace_health *health,
		struct fail *fail);

#endif
