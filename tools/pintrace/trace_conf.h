/* SPDX-License-Identifier: GPL-2.0 */
/* What pintrace was asked for. */
#ifndef PINSCOPE_TRACE_CONF_H
#define PINSCOPE_TRACE_CONF_H

#include "trace_filter.h"
#include "trace_run.h"
#include "trace_view.h"
#include "tracer.h"

typedef struct trace_view *(*view_fn)(FILE *out, const struct trace_view_opts *opts);

struct trace_conf {
	struct call_filter filter;
	struct trace_view_opts view_opts;
	view_fn view;		/* NULL: none, the trace is only recorded */
	FILE *out;
	const char *record, *replay;	/* files, or NULL */
	uint64_t most;		/* pin calls to show; 0: no end */
	double seconds;		/* to trace for; 0: no end */
	char **command;		/* to run and follow; NULL: none */
	struct tracer_opts tracer;
};

/*
 * Traces resp. replays. The exit code, or -1 with @fail filled. What was lost
 * has been said on standard error.
 */
int trace_live(struct trace_conf *conf, struct fail *fail);
int trace_replay(struct trace_conf *conf, struct fail *fail);

/* --features: how each function is seen. The exit code, or -1 with @fail filled. */
int trace_features(const struct trace_conf *conf, struct fail *fail);

/* Writes out what the view has made. False: the reader has gone, or a signal says to end. */
bool trace_flush(const struct trace_conf *conf);

/* Says on standard error what @health says was lost; false: nothing was. */
bool trace_tell_lost(const struct trace_health *health);

#endif
