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

char LICENSE[] SEC("license") = "GPL";
