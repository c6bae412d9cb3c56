/* SPDX-License-Identifier: GPL-2.0 */
/* What tools that audit a trace share, between their options and the view. */
#ifndef PINSCOPE_TRACE_AUDIT_H
#define PINSCOPE_TRACE_AUDIT_H

#include "audit_live.h"
#include "trace_run.h"

/* What is left so long after a command has ended is a leak. */
#define AUDIT_SETTLE_NS 4000000000ULL

/* The options' argument: a list of rules, or NULL for all. Dies where it names none. */
uint32_t trace_audit_rules(const char *list);
/* Of --audit-hold, in seconds. The same. */
void trace_audit_hold(const char *arg, double *hold);
/* --explain: "list", or rules. The exit code; dies where there is no such rule. */
int trace_explain(const char *rules);

/* Rules that a recording can tell of; says which of @rules it cannot. */
uint32_t trace_audit_replayed(uint32_t rules);

/*
 * Begins an audit of the rules for @run, with pins without FOLL_LONGTERM held
 * for @hold seconds; @machine is NULL for a recording. Keeps @info and @machine.
 */
void trace_audit_begin(struct trace_run *run, uint32_t rules, double hold,
		       const struct trace_info *info, struct audit_live *machine);
void trace_audit_end(struct trace_run *run);

/* Looks, when it is time; to be called after each tracer__read(). */
void trace_audit_look(struct trace_run *run);
/*
 * The last looks, while releases still are seen; what is told until then goes
 * to @each. It does not look any more after them.
 */
void trace_audit_last(struct trace_run *run, struct tracer *t, trace_call_fn each, void *arg);
/* The exit code: 3 when rules were broken, else @code. */
int trace_audit_code(const struct trace_run *run, int code);

#endif
