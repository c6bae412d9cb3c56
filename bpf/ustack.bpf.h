/* SPDX-License-Identifier: GPL-2.0 */
/* From where in the program a call comes. */
#ifndef PINSCOPE_USTACK_BPF_H
#define PINSCOPE_USTACK_BPF_H

#include "site.bpf.h"
#include "ustack.h"

#define PF_IO_WORKER 0x00000010

const volatile bool user_stacks;

/* So many different ones are remembered, until the end; calls with others are counted. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, struct pin_ustack);
} ustacks SEC(".maps");

/* Where one is put together: a task may be preempted meanwhile, so each has its own. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct pin_ustack);
} ustack_drafts SEC(".maps");

static __always_inline __u64 ustack_mix(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0xff51afd7ed558ccdULL;
	return hash ^ hash >> 32;
}

/*
 * Of the whole stack; of the process, too, if there is a frame without build
 * id, for its address means something only there.
 */
static __always_inline __u64 ustack_hash(const struct pin_ustack *s)
{
	__u64 hash = 0x9e3779b97f4a7c15ULL, process = 0;
	__u32 i, w;

	for (i = 0; i < USTACK_FRAMES; i++) {
		const __u64 *words = (const void *)&s->frames[i];

		if (i >= s->nr)
			break;
		for (w = 0; w < sizeof(s->frames[i]) / 8; w++)
			hash = ustack_mix(hash, words[w]);
		if (s->frames[i].status != BPF_STACK_BUILD_ID_VALID)
			process = s->start_ns ^ s->tgid;
	}
	hash = ustack_mix(hash, process);
	return hash + !hash;
}

/*
 * The hash of the calling task's user stack, under which the stack itself is
 * remembered. 0: none is asked for, it has none, or it could not be
 * remembered. @fresh: it was not, until now.
 *
 * The kernel follows frame pointers: where code was built without, frames are
 * missing. It takes build ids only where mmap_lock is to be had at once and the
 * file's first page is in memory.
 */
static __noinline __u64 ustack_of(void *ctx, bool *fresh)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct pin_ustack *s;
	long bytes;
	__u64 hash;

	if (!user_stacks || BPF_CORE_READ(task, flags) & (PF_KTHREAD | PF_IO_WORKER))
		return 0;
	s = bpf_task_storage_get(&ustack_drafts, bpf_get_current_task_btf(), NULL,
				 BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!s) {
		lose(LOST_NO_SITE, 1);
		return 0;
	}
	bytes = bpf_get_stack(ctx, s->frames, sizeof(s->frames),
			      BPF_F_USER_STACK | BPF_F_USER_BUILD_ID);
	if (bytes <= 0) {
		lose(LOST_NO_SITE, bytes < 0);
		return 0;
	}
	s->nr = bytes / sizeof(s->frames[0]);
	s->truncated = s->nr == USTACK_FRAMES;
	s->tgid = bpf_get_current_pid_tgid() >> 32;
	s->start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	hash = ustack_hash(s);
	if (bpf_map_lookup_elem(&ustacks, &hash))
		return hash;
	if (bpf_map_update_elem(&ustacks, &hash, s, BPF_ANY)) {
		lose(LOST_NO_SITE, 1);
		return 0;
	}
	*fresh = true;
	return hash;
}

#endif
