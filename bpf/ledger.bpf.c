// SPDX-License-Identifier: GPL-2.0
/*
 * The ledger, kept by every pin and unpin call. One object, because the maps
 * and the verified subprograms are shared.
 */
#include "events.bpf.h"
#include "entries.bpf.h"
#include "follow.bpf.h"
#include "reconcile.bpf.h"
#include "recycle.bpf.h"

/* Says whether programs can tell an interrupt from the task that it hits. */
SEC("syscall")
int ledger_contexts(void *ctx)
{
	totals.sees_contexts = preempt_count_is_known();
	return 0;
}

/*
 * A program that is followed begins. With user stacks it is looked at now
 * already: it may have pinned and be gone before its stack is known.
 */
SEC("tp_btf/sched_process_exec")
int program_begins(void *ctx)
{
	if (user_stacks && follows(bpf_get_current_pid_tgid() >> 32))
		tell_met();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
