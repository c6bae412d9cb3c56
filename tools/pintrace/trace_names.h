/* SPDX-License-Identifier: GPL-2.0 */
/* The names of sites and user stacks of a live trace: each is looked up once. */
#ifndef PINSCOPE_TRACE_NAMES_H
#define PINSCOPE_TRACE_NAMES_H

#include "trace_view.h"
#include "tracer.h"

struct trace_names;

struct trace_names *trace_names__new(const struct tracer *t, bool user_stacks);
void trace_names__free(struct trace_names *n);

/*
 * Never NULL: a site that could not be remembered has no frames and the driver
 * "unknown". Valid until trace_names__free().
 */
const struct named_site *trace_names__site(struct trace_names *n, uint64_t id);
/* Each call is to be shown here as soon as it comes: its process may soon be gone. */
void trace_names__met(struct trace_names *n, const struct trace_event *ev);
/* The same of a process that has only begun. */
void trace_names__see(struct trace_names *n, pid_t pid);
/* NULL: there is none. */
const struct named_ustack *trace_names__ustack(struct trace_names *n, uint64_t id);

/* Why kernel functions have no names, if they have none; or NULL. */
const char *trace_names__trouble(const struct trace_names *n);

#endif
