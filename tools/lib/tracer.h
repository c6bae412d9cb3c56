/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pin calls and releases one by one, as they happen, told by the programs of
 * bpf/trace.bpf.c while they are attached.
 */
#ifndef PINSCOPE_TRACER_H
#define PINSCOPE_TRACER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "attach.h"
#include "calibrate.h"
#include "fail.h"
#include "follflags.h"
#include "trace_call.h"
#include "../../bpf/ustack.h"

struct tracer;

/* Default of --buffer, in --help and the man page as well. */
#define TRACER_BUFFER (16U << 20)

struct tracer_opts {
	struct trace_filter filter;	/* flags_... are the running kernel's, see follflags.h */
	uint32_t buffer;		/* bytes for records on their way; 0: TRACER_BUFFER */
	bool release_stacks;		/* sites of releases, too */
	bool user_stacks;
	bool no_fentry;			/* a test's: do as if there were no trampolines */
	const char *btf;		/* NULL: /sys/kernel/btf/vmlinux */
};

/* Loads and attaches. NULL with @fail filled when the kernel does not allow it. */
struct tracer *tracer__open(const struct tracer_opts *opts, const struct page_array *array,
			    struct fail *fail);
/* Detaches and frees. */
void tracer__free(struct tracer *t);

const struct attachment *tracer__attachment(const struct tracer *t);

/*
 * With filter.followed: @pid and all that it starts from now on. -errno when
 * there is no room.
 */
int tracer__follow(struct tracer *t, pid_t pid);

/* Becomes readable when there is much to read; little of it waits for the next tracer__read(). */
int tracer__fd(const struct tracer *t);

/* Gives all that has been told so far to @each, in the order in which it was told. */
void tracer__read(struct tracer *t, trace_call_fn each, void *arg);

/* Detaches: what tracer__read() gives from then on is the rest. */
void tracer__stop(struct tracer *t);

/* What was told of, filtered and lost until now, lost on the way to user space included. */
void tracer__health(const struct tracer *t, struct trace_health *health);

/* The kernel stack of @site: 0, or -1 when it is not known. */
int tracer__site(const struct tracer *t, uint64_t site, struct pin_site *stack);

/* The same of the user stack @id. */
int tracer__ustack(const struct tracer *t, uint64_t id, struct pin_ustack *stack);

#endif
