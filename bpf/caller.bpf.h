/* SPDX-License-Identifier: GPL-2.0 */
/* What the ledger notes of a call beside whose it is, where somebody asks for that. */
#ifndef PINSCOPE_CALLER_BPF_H
#define PINSCOPE_CALLER_BPF_H

#include "ustack.bpf.h"

/* Processes that are to be looked at while they live: struct ledger_met. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} met SEC(".maps");

/* Calls by tasks of this control group (version 2) or one below are marked. 0: none are. */
const volatile __u64 marked_cgroup;
const volatile __u32 marked_cgroup_level;

/* Where there is no room for it the stack may have no names: it is told apart all the same. */
static __noinline int tell_met(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct ledger_met m = {
		.start_ns = BPF_CORE_READ(task, group_leader, start_boottime),
		.tgid = bpf_get_current_pid_tgid() >> 32,
	};

	return bpf_ringbuf_output(&met, &m, sizeof(m), 0);
}

/* The site: with user stacks a place in the kernel and one in the program are one. 0: none. */
static __always_inline __u64 place_try(void *ctx, __u32 function)
{
	bool fresh = false;
	__u64 ustack = ustack_of(ctx, &fresh);

	/* Only while the process lives can user space find out which files are in it. */
	if (fresh)
		tell_met();
	return site_with(ctx, ustack, function);
}

static __always_inline __u64 place_of(void *ctx, __u32 function)
{
	return site_or_lost(place_try(ctx, function));
}

static __always_inline __u32 cgroup_mark(void)
{
	return marked_cgroup &&
			       bpf_get_current_ancestor_cgroup_id(marked_cgroup_level) ==
				       marked_cgroup ?
		       OWNER_IN_CGROUP :
		       0;
}

#endif
