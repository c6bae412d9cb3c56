/* SPDX-License-Identifier: GPL-2.0 */
/* --audit: beside the ledger each call is followed, and the rules of pinning are checked. */
#ifndef PINSCOPE_LEAK_AUDIT_H
#define PINSCOPE_LEAK_AUDIT_H

#include <jansson.h>
#include <stdio.h>
#include <sys/types.h>

#include "fail.h"
#include "filter.h"
#include "leak_suppress.h"
#include "trace_view.h"

struct leak_audit;

struct leak_audit_opts {
	uint32_t rules;			/* 0: no audit */
	double hold;			/* seconds, of the rule hold-without-longterm */
	const char *btf;		/* NULL: the kernel's own */
	const char *cgroup;		/* calls by its tasks and those below; NULL: all */
	bool followed;			/* leak_audit__follow() will be called */
	const struct filter *filter;
	struct suppressions *suppressions;
	FILE *out;			/* violations go there as text; NULL: to leak_audit__json() */
};

/* Sees calls from now on. NULL with @fail filled. What @opts points to has to stay. */
struct leak_audit *leak_audit__new(const struct leak_audit_opts *opts, struct fail *fail);
void leak_audit__free(struct leak_audit *a);

/* What @pid pins, and all that it starts. 0, or -1 with @fail filled. */
int leak_audit__follow(struct leak_audit *a, pid_t pid, struct fail *fail);

/* To be called about ten times a second. */
void leak_audit__step(struct leak_audit *a);

/* Of a command that has ended: may there be more to find? For AUDIT_SETTLE_NS at most. */
bool leak_audit__waits(const struct leak_audit *a);

/* The last look: from now on nothing is seen. */
void leak_audit__stop(struct leak_audit *a);

/* {"violations": [], "rules": {}}: those since the call before, and how often each was broken. */
json_t *leak_audit__json(struct leak_audit *a);

/*
 * Says what was found in all, as text, and on standard error what was lost. The
 * exit code: 3 when rules were broken; instead of 0, 4 when something was lost;
 * else @code.
 */
int leak_audit__end(struct leak_audit *a, int code);

/* Keeps violations as JSON until they are taken: an array. */
struct trace_view *leak_audit_view(const struct trace_view_opts *opts);
json_t *leak_audit_violations(struct trace_view *v);

#endif
