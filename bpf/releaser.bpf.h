/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who releases: what is known of it, and what can be found out where that
 * makes a difference.
 */
#ifndef PINSCOPE_RELEASER_BPF_H
#define PINSCOPE_RELEASER_BPF_H

#include "totals.bpf.h"

struct releaser {
	__u64 start_ns;		/* the process in whose context it is released; tgid 0: none */
	__u32 tgid;
	__u32 driver;		/* which releases; DRIVER_NOT_ASKED until it matters */
};

/* By return address, enum code_driver. Programs note addresses, user space says whose they are. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CODE_MAX);
	__type(key, __u64);
	__type(value, __u32);
} code SEC(".maps");

#define RELEASE_FRAMES 24	/* of which some ten are the programs' own and the kernel's way there */

struct release_stack {
	__u64 in_use;
	__u32 frames;
	__u32 driver;		/* DRIVER_NONE: not found yet */
	__u32 unknown;		/* code further in that user space has not said anything of */
	__u64 ip[RELEASE_FRAMES];
};

/* No room for that on the programs' own stack. One for each that may interrupt another. */
#define RELEASE_STACKS 4

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, RELEASE_STACKS);
	__type(key, __u32);
	__type(value, struct release_stack);
} release_stacks SEC(".maps");

static __always_inline struct release_stack *stack_try(__u32 nr)
{
	struct release_stack *stack = bpf_map_lookup_elem(&release_stacks, &nr);

	return stack && !__sync_val_compare_and_swap(&stack->in_use, 0, 1) ? stack : NULL;
}

/* No loop: v6.1 takes it for endless, the number being on the stack for the helper. */
static __always_inline struct release_stack *stack_get(void)
{
	return stack_try(0) ?: stack_try(1) ?: stack_try(2) ?: stack_try(RELEASE_STACKS - 1);
}

static __always_inline void stack_put(struct release_stack *stack)
{
	__sync_val_compare_and_swap(&stack->in_use, 1, 0);
}

static __always_inline __u32 driver_of_code(__u64 ip)
{
	__u32 *known = bpf_map_lookup_elem(&code, &ip), not_asked = DRIVER_NOT_ASKED;

	if (known)
		return *known;
	if (!bpf_map_update_elem(&code, &ip, &not_asked, BPF_NOEXIST))
		__sync_fetch_and_add(&totals.code, 1);
	return DRIVER_NOT_ASKED;
}

/*
 * One frame after the other, from the innermost on; code that works for others
 * is passed over. The pointer is by itself on the programs' stack for want of
 * room there.
 */
static long driver_of_frame(__u32 i, struct release_stack **at)
{
	struct release_stack *stack = *at;
	__u32 driver;

	if (i >= RELEASE_FRAMES || i >= stack->frames)
		return 1;
	driver = driver_of_code(stack->ip[i]);
	if (driver == DRIVER_NOT_ASKED) {
		stack->unknown = 1;
		return 0;
	}
	if (driver == DRIVER_PASS)
		return 0;
	stack->driver = driver;
	return 1;
}

/*
 * The driver that releases here and now: the innermost code's. DRIVER_NONE as
 * long as user space has not said whose all of it is; next time it may have.
 */
__noinline __u32 release_driver(void)
{
	struct release_stack *stack = stack_get();
	__u32 driver;
	long bytes;

	if (!stack)
		return DRIVER_NONE;
	bytes = bpf_get_task_stack(bpf_get_current_task_btf(), stack->ip, sizeof(stack->ip), 0);
	stack->frames = bytes > 0 ? (__u32)bytes / 8 : 0;
	stack->driver = DRIVER_NONE;
	stack->unknown = 0;
	bpf_loop(RELEASE_FRAMES, driver_of_frame, &stack, 0);
	driver = stack->unknown ? DRIVER_NONE : stack->driver;
	stack_put(stack);
	return driver;
}

#endif
