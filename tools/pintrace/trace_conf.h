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
	uint32_t rules;		/* to audit; 0: none */
	double hold;		/* seconds, of the rule hold-without-longterm */
};

/*
 * Traces resp. replays. The exit code, or -1 with @fail filled. What was lost
 * has been said on standard error.
 */
int trace_live(struct trace_conf *conf, struct fail *fail);
int trace_replay(struct trace_conf *conf, struct fail *fail);

/* --features: how each function is seen. The exit code, or -1 with @fail filled. */
int trace_features(const struct trace_conf *conf, struct fail *fail);

/* Of trace_tell_lost(). */
#define BUFFER_HINT "; --buffer makes it larger, filters and -c help"

/* Writes out what the view has made. See stop__flush() for when nobody reads it. */
void trace_flush(const struct trace_conf *conf);

#endif
