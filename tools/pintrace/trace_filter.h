/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which pin calls to show, with all their releases. What the kernel's programs
 * can tell is left to them; the rest, and everything in a replay, is told here.
 */
#ifndef PINSCOPE_TRACE_FILTER_H
#define PINSCOPE_TRACE_FILTER_H

#include <stdbool.h>
#include <sys/types.h>

#include "follflags.h"
#include "sitename.h"
#include "trace_call.h"

struct call_filter {
	pid_t *pids;		/* -p: these and what they start; they call or own */
	size_t nr_pids;
	char **comms;		/* --comm: patterns, one of which is the caller's or owner's name */
	size_t nr_comms;
	char **drivers;		/* -d: patterns, one of which the driver or its module is */
	size_t nr_drivers;
	char **functions;	/* --function: patterns, one of which a function of the stack is */
	size_t nr_functions;
	char *flags;		/* --flags: "longterm,!write" */
	char *cgroup;
	bool by_user;
	uid_t uid;
	bool failed;		/* only calls that gave less than they were asked for */
	uint64_t least, most;	/* bytes asked for; 0: no bound */
	double held;		/* seconds; only pins that are held longer. Below 0: all */
};

/* Takes an option; dies where @arg makes no sense. False: it is none of the filter's. */
bool call_filter_option(struct call_filter *f, int key, const char *arg);
void call_filter_free(struct call_filter *f);

/*
 * The part for the kernel's programs. Dies when a flag is none that @names has,
 * or the control group cannot be told.
 */
void call_filter_kernel(const struct call_filter *f, const struct foll_names *names,
			struct trace_filter *kernel);

/* Dies where a replay cannot tell what is asked for. */
void call_filter_check_replay(const struct call_filter *f);

/* Is anything asked for at all? */
bool call_filter_is_set(const struct call_filter *f);

/*
 * Is the pin call wanted? @kernel is the part above, tested here as well when
 * @replayed. ->held is not looked at.
 */
bool call_filter_wants(const struct call_filter *f, const struct trace_filter *kernel,
		       bool replayed, const struct trace_event *ev, const struct named_site *site);

#define CALL_FILTER_OPTS \
	{ 'p', "pid", "PID[,PID]", "only these processes and what they start" }, \
	{ CALL_COMM, "comm", "NAME", "only calls by or for processes of this name; * ? [] as\n" \
				     "in the shell; may be given more than once" }, \
	{ 'u', "user", "USER", "only calls by this user (name or number)" }, \
	{ CALL_CGROUP, "cgroup", "PATH", "only calls by tasks of this cgroup (version 2) or one\n" \
					 "below it" }, \
	{ 'd', "driver", "NAME", "only calls by this driver or module; * ? [] as in the\n" \
				 "shell; may be given more than once" }, \
	{ CALL_FUNCTION, "function", "NAME", "only calls with this function in their kernel stack;\n" \
					     "patterns, more than one as above" }, \
	{ CALL_FLAGS, "flags", "FLAG[,FLAG]", "only calls with these flags, or without: longterm,\n" \
					      "write, '!longterm'" }, \
	{ 'z', "min-size", "SIZE", "only calls that ask for at least so much (4K, 2M)" }, \
	{ 'Z', "max-size", "SIZE", "only calls that ask for at most so much" }, \
	{ CALL_FAILED, "failed", NULL, "only calls that gave less than they were asked for" }, \
	{ CALL_HELD, "held", "SECONDS", "only pins that are held longer than this" }

enum { CALL_COMM = 2000, CALL_CGROUP, CALL_FUNCTION, CALL_FLAGS, CALL_FAILED, CALL_HELD };

#endif
