/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which pin call a task is in, and which copy of a program is to handle a
 * release: what is the same for all that look at the calls.
 */
#ifndef PINSCOPE_CALLS_BPF_H
#define PINSCOPE_CALLS_BPF_H

#include "functions.h"
#include "site.bpf.h"

/* FOLL_LONGTERM: an enumerator since v6.3 (b5054174ac7c), 0x10000 before. User space knows. */
const volatile __u32 foll_longterm = 0x10000;

/* A pin call that a task is in. */
struct pin_call {
	__u64 frame;		/* where on the stack its entry was noticed; 0: in none */
	__u64 site;
	__u64 mm;		/* 0: the task's own */
	__u64 start;		/* address in @mm; memfd_pin_folios(): offset in the file */
	__u64 wanted;
	__u64 pages;		/* the array to be filled */
	__u64 begun_ns;		/* for who wants to know how long it took */
	__u32 flags;		/* FOLL_... as the caller gave them */
	__u32 function;		/* enum gup_function */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct pin_call);
} calls SEC(".maps");

/* --- contexts ----------------------------------------------------------------------------- */

/*
 * The kernel does not run a program on a CPU where it already runs: a release
 * from an interrupt that hits while the same program handles one in a task
 * would be dropped. So each release function has three copies of a program
 * attached, which differ in nothing but the context they work in.
 */
struct running {
	__u8 in[UNPIN_FUNCTION_COUNT][LEDGER_CONTEXTS];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct running);
} running SEC(".maps");

static __always_inline __u32 current_context(void)
{
	__u32 count = current_preempt_count();

	return count & 0xff0000 ? IN_HARDIRQ : count & 0x100 ? IN_SOFTIRQ : IN_TASK;
}

static __always_inline struct running *running_here(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&running, &zero);
}

/*
 * A copy runs for nothing in a higher context than its own. If it was
 * interrupted there it should not have: the copy whose turn it is takes it for
 * missed. Where the kernel keeps from re-entering by level of interrupt (arm64,
 * v7.x), it runs all the same, and nothing was missed.
 */
static __always_inline void runs_for_nothing(__u32 function, __u32 context, __u32 here)
{
	struct running *r = here > context ? running_here() : NULL;
	__u32 at = function - FIRST_UNPIN;

	if (r && r->in[at][context])
		__sync_fetch_and_add(&totals.excused[at][context], -1);
}

/*
 * True when this copy is the one for the current context. A copy for a lower
 * context that was interrupted here misses this run, and that is well:
 * counted, so that it can be taken off the misses that the kernel counts.
 */
static __always_inline bool my_turn(__u32 function, __u32 context)
{
	__u32 at = function - FIRST_UNPIN, here = current_context();
	struct running *r;

	if (here != context) {
		runs_for_nothing(function, context, here);
		return false;
	}
	r = running_here();
	if (!r)
		return false;
	if (context > IN_TASK && r->in[at][IN_TASK])
		__sync_fetch_and_add(&totals.excused[at][IN_TASK], 1);
	if (context > IN_SOFTIRQ && r->in[at][IN_SOFTIRQ])
		__sync_fetch_and_add(&totals.excused[at][IN_SOFTIRQ], 1);
	*(volatile __u8 *)&r->in[at][context] = 1;
	return true;
}

static __always_inline void my_turn_ends(__u32 function, __u32 context)
{
	struct running *r = running_here();

	if (r && context < LEDGER_CONTEXTS)
		*(volatile __u8 *)&r->in[function - FIRST_UNPIN][context] = 0;
}

/* --- pin calls ---------------------------------------------------------------------------- */

static __always_inline struct pin_call *call_of_task(bool create)
{
	return bpf_task_storage_get(&calls, bpf_get_current_task_btf(), NULL,
				    create ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0);
}

/*
 * How many pin calls are under way: those that began, less those that ended or
 * were found not to be going on any more. While one is, the kernel has counted
 * pins that the ledger does not have yet.
 */
static __always_inline void call_over(void)
{
	__sync_fetch_and_add(&totals.ended, 1);
}

/* A pin call begins. */
static __always_inline void call_begins(const struct pin_call *begun)
{
	struct pin_call *call = call_of_task(true);

	if (!call) {
		lose(LOST_NO_TASK, 1);
		return;
	}
	/* No pin call makes another one. */
	if (call->frame) {
		lose(LOST_EXIT, 1);
		call_over();
	}
	__sync_fetch_and_add(&totals.begun, 1);
	*call = *begun;
}

/* It ends: call_over() once its pins are written down. False: its begin was not seen. */
static __always_inline bool call_ends(struct pin_call *c)
{
	struct pin_call *call = call_of_task(false);

	if (!call || !call->frame)
		return false;
	*c = *call;
	call->frame = 0;
	return true;
}

/*
 * Is a task at @frame inside a pin call, so that what it releases was never
 * reported as pinned? Nearly so: what a notifier of the memory releases that the
 * call migrates cannot be told from the call's own undoing, and is left to the
 * comparison with memory.
 */
static __always_inline bool inside_pin_call(__u64 frame)
{
	struct pin_call *call = call_of_task(false);

	if (!call || !call->frame)
		return false;
	if (frame < call->frame) {
		__sync_fetch_and_add(&totals.nested, 1);
		return true;
	}
	/* Further up on the stack: that call is over. */
	call->frame = 0;
	call_over();
	lose(LOST_EXIT, 1);
	return false;
}

/*
 * Did it give nothing, or less than it was asked for? memfd_pin_folios() is
 * asked for a range, and told how many folios there is room for: mostly more
 * than there are. As call_failed() and call_was_partial() in user space.
 */
static __always_inline bool gave_less(const struct pin_call *c, long got)
{
	if (got > 0)
		return c->function != GUP_memfd_pin_folios && (__u64)got < c->wanted;
	return got || c->wanted;
}

#endif
