/* SPDX-License-Identifier: GPL-2.0 */
/* A user stack as the kernel gives it: the values of the map "ustacks". */
#ifndef PINSCOPE_BPF_USTACK_H
#define PINSCOPE_BPF_USTACK_H

#include <linux/bpf.h>
#include <linux/types.h>

#define USTACK_FRAMES 32

/*
 * Each frame is a build id and an offset in the file that has it, or, where the
 * kernel has no build id at hand, an address of the process (include/uapi/linux/bpf.h,
 * struct bpf_stack_build_id). Innermost first; what stands beyond @nr means nothing.
 */
struct pin_ustack {
	__u64 start_ns;		/* with tgid the process that was the first to have it */
	__u32 tgid;
	__u32 nr;
	__u32 truncated;	/* the stack may have been deeper */
	__u32 pad;
	struct bpf_stack_build_id frames[USTACK_FRAMES];
};

#endif
