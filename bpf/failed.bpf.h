/* SPDX-License-Identifier: GPL-2.0 */
/* An audit's own programs: system calls that fail after they have pinned, and what user space asks. */
#ifndef PINSCOPE_FAILED_BPF_H
#define PINSCOPE_FAILED_BPF_H

#include "audit.bpf.h"
#include "draft.bpf.h"

/* Loaded for an audit only: it runs at the end of each system call. */
SEC("tp_btf/sys_exit")
int syscall_ends(__u64 *ctx)
{
	struct trace_event *ev;
	__u64 seq = partial_of_task();
	long ret = ctx[1];

	if (!seq || !is_error(ret))
		return 0;
	ev = draft_for(IN_TASK);
	if (!ev) {
		__sync_fetch_and_add(&traced.dropped_calls, 1);
		return 0;
	}
	begin_draft(ev, TRACE_FAILED, 0, IN_TASK);
	ev->time_ns = bpf_ktime_get_ns();
	ev->site = 0;
	ev->wanted = seq;
	ev->got = ret;
	if (!send(ev))
		__sync_fetch_and_add(&traced.dropped_calls, 1);
	return 0;
}

SEC("syscall")
int look(struct trace_look *at)
{
	struct trace_look l = *at;

	look_at(&l);
	at->open = l.open;
	at->locked = l.locked;
	return 0;
}

#endif
