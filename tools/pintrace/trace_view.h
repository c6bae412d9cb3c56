/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a trace is shown. The main program pairs and filters; a view only
 * formats what it is given, be it live or replayed.
 */
#ifndef PINSCOPE_TRACE_VIEW_H
#define PINSCOPE_TRACE_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "pairs.h"
#include "sitename.h"
#include "trace_info.h"
#include "ustack_name.h"

enum trace_time {
	TIME_NONE,
	TIME_RELATIVE,		/* -r: seconds since the line before, "     0.000123" */
	TIME_CLOCK,		/* -t: 12:34:56 */
	TIME_CLOCK_US,		/* -tt: 12:34:56.123456 */
	TIME_EPOCH_US,		/* -ttt: 1700000000.123456 */
};

enum folded_weight { WEIGHT_PAGES, WEIGHT_PAGE_SECONDS };

struct trace_view_opts {
	enum trace_time time;
	bool kernel_stacks;
	bool user_stacks;
	bool each_release;		/* text: no lines that stand for several releases */
	enum folded_weight weight;
};

/* A pin call to show. */
struct shown_pin {
	const struct paired_pin *pin;	/* NULL: the call gave no pins */
	const struct trace_event *ev;
	const struct named_site *site;	/* never NULL; its name.driver "unknown" at worst */
	const struct named_ustack *ustack;	/* NULL: none */
	uint64_t nr;			/* number to show: pin->nr, or 0 */
};

/* A release to show; parts are those that passed the filter. */
struct shown_unpin {
	const struct trace_event *ev;
	const struct paired_part *parts;
	size_t nr_parts;
	/* Of each part's pin call, NULL where part->pin is NULL. */
	const struct named_site *const *sites;
	const struct named_site *site;	/* of the release itself; NULL: not asked for */
	const struct named_ustack *const *ustacks;	/* of each part's pin call; NULL: none */
};

struct trace_end {
	uint64_t ended_ns;		/* CLOCK_MONOTONIC */
	const struct trace_health *health;
	struct pairs *pairs;		/* for what is still held */
	/* The site of a call that is still held, and whether it passed the filter. */
	const struct named_site *(*site)(void *arg, const struct trace_event *ev);
	const struct named_ustack *(*ustack)(void *arg, const struct trace_event *ev);
	bool (*wanted)(void *arg, const struct paired_pin *pin);
	void *arg;
};

struct trace_view;

struct trace_view_ops {
	const char *name;
	void (*begin)(struct trace_view *v, const struct trace_info *info);
	void (*pin)(struct trace_view *v, const struct shown_pin *pin);
	void (*unpin)(struct trace_view *v, const struct shown_unpin *unpin);
	/* Nothing more has come until @now_ns (CLOCK_MONOTONIC). NULL: it need not know. */
	void (*idle)(struct trace_view *v, uint64_t now_ns);
	void (*end)(struct trace_view *v, const struct trace_end *end);
	void (*free)(struct trace_view *v);
};

/* The first member of each view's own struct. */
struct trace_view {
	const struct trace_view_ops *ops;
	struct trace_view_opts opts;
	const struct trace_info *info;	/* set by begin() */
	FILE *out;			/* not the view's to close */
};

struct trace_view *view_text(FILE *out, const struct trace_view_opts *opts);
struct trace_view *view_json(FILE *out, const struct trace_view_opts *opts);
struct trace_view *view_chrome(FILE *out, const struct trace_view_opts *opts);
struct trace_view *view_folded(FILE *out, const struct trace_view_opts *opts);
struct trace_view *view_summary(FILE *out, const struct trace_view_opts *opts);

#endif
