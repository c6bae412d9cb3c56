/* SPDX-License-Identifier: GPL-2.0 */
/* What is counted, and what was lost: read by user space while programs run. */
#ifndef PINSCOPE_TOTALS_BPF_H
#define PINSCOPE_TOTALS_BPF_H

#include "kernel_types.h"
#include "ledger.h"

struct ledger_totals totals;

/*
 * 0, but the verifier does not know: counting up from a 0 that it knows, it
 * would follow each step of a loop by itself.
 */
static __always_inline __u64 unknown_zero(void)
{
	return *(volatile __u64 *)&totals.zero;
}

static __always_inline void lose(__u32 cause, __u64 pins)
{
	if (cause < LOST_CAUSES)
		__sync_fetch_and_add(&totals.lost[cause], pins);
}

#endif
