/* SPDX-License-Identifier: GPL-2.0 */
/* The processes that a tool was asked for, and all that they start. */
#ifndef PINSCOPE_FOLLOW_BPF_H
#define PINSCOPE_FOLLOW_BPF_H

#include "totals.bpf.h"

#define FOLLOW_MAX 65536

/*
 * By tgid. User space puts in the first ones; children that find no room are
 * counted. They stay here after their exit unless follow_exit() is called.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, FOLLOW_MAX);
	__type(key, __u32);
	__type(value, __u64);	/* start_boottime, 0: as user space put it in */
} followed SEC(".maps");

__u64 follow_lost;

static __always_inline bool follows(__u32 tgid)
{
	return tgid && bpf_map_lookup_elem(&followed, &tgid);
}

/* For a tool that remembers processes that have exited: another one may have the number since. */
static __always_inline bool follows_since(__u32 tgid, __u64 start_ns)
{
	__u64 *began = bpf_map_lookup_elem(&followed, &tgid);

	return began && (!*began || *began == start_ns);
}

SEC("tp_btf/sched_process_fork")
int follow_fork(__u64 *ctx)
{
	struct task_struct *parent = (void *)ctx[0], *child = (void *)ctx[1];
	__u32 of = BPF_CORE_READ(parent, tgid), tgid = BPF_CORE_READ(child, tgid);
	__u64 start_ns;

	if (tgid == of ||
	    !follows_since(of, BPF_CORE_READ(parent, group_leader, start_boottime)))
		return 0;
	start_ns = BPF_CORE_READ(child, start_boottime);
	if (bpf_map_update_elem(&followed, &tgid, &start_ns, BPF_ANY))
		__sync_fetch_and_add(&follow_lost, 1);
	return 0;
}

/* Is the last thread of its process exiting? The trace event may come from any of them. */
static __always_inline bool process_exits(struct task_struct *task)
{
	return !BPF_CORE_READ(task, signal, live.counter);
}

static __always_inline void follow_exit(__u32 tgid)
{
	/* Its number may be another process's soon. */
	bpf_map_delete_elem(&followed, &tgid);
}

#endif
