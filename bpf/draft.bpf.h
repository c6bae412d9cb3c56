/* SPDX-License-Identifier: GPL-2.0 */
/* Records of a trace, before they are sent. */
#ifndef PINSCOPE_DRAFT_BPF_H
#define PINSCOPE_DRAFT_BPF_H

#include "calls.bpf.h"
#include "list.bpf.h"
#include "trace.h"

/* Where records are put together: in a task its own, in an interrupt the CPU's. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct trace_event);
} drafts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, LEDGER_CONTEXTS);
	__type(key, __u32);
	__type(value, struct trace_event);
} irq_drafts SEC(".maps");

static __always_inline struct trace_event *draft_for(__u32 context)
{
	struct trace_event *ev;

	if (context == IN_TASK)
		ev = bpf_task_storage_get(&drafts, bpf_get_current_task_btf(), NULL,
					  BPF_LOCAL_STORAGE_GET_F_CREATE);
	else
		ev = bpf_map_lookup_elem(&irq_drafts, &context);
	return ev;
}

/* What is true of the task, in whatever context. */
static __noinline int begin_draft(struct trace_event *ev, __u32 type, __u32 function,
					__u32 context)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 ids = bpf_get_current_pid_tgid();

	ev->type = type;
	ev->nr_runs = unknown_zero();
	ev->pins = 0;
	ev->ustack = 0;
	ev->aside = ev->bare = ev->clean = 0;
	ev->file = ev->file_data = ev->file_module = ev->user = 0;
	ev->seq = __sync_fetch_and_add(&traced.seq, 1) + 1;
	ev->function = function;
	ev->context = context;
	ev->tgid = ids >> 32;
	ev->tid = ids;
	ev->uid = bpf_get_current_uid_gid();
	ev->cgroup = bpf_get_current_cgroup_id();
	ev->start_ns = context == IN_TASK ?
			       BPF_CORE_READ(task, group_leader, start_boottime) : 0;
	bpf_get_current_comm(ev->comm, sizeof(ev->comm));
	return 0;
}

#endif
