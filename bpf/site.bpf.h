/* SPDX-License-Identifier: GPL-2.0 */
/* From where in the kernel a call comes, and whose memory it is about. */
#ifndef PINSCOPE_SITE_BPF_H
#define PINSCOPE_SITE_BPF_H

#include "totals.bpf.h"

#define PF_KTHREAD 0x00200000

/*
 * So many different stacks are remembered; for the ledger user space sets its
 * own number, and removes those that nobody has pins or calls from any more.
 * Pins by way of others stand under site 0 of their process, and their calls
 * are counted (LOST_NO_SITE): whose they are and how many is as exact as ever.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, struct pin_site);
} sites SEC(".maps");

#define EEXIST 17

/* False: there is no room. */
static __always_inline bool remember_site(const __u64 *hash, const struct pin_site *site)
{
	long err;

	if (bpf_map_lookup_elem(&sites, hash))
		return true;
	err = bpf_map_update_elem(&sites, hash, site, BPF_NOEXIST);
	if (!err)
		__sync_fetch_and_add(&totals.sites_used, 1);
	return !err || err == -EEXIST;
}

/* Global, not static, so that it is verified once and not from each place. */
__noinline __u64 hash_frames(struct pin_site *site, __u64 hash)
{
	__u32 i;

	if (!site)
		return 0;
	for (i = 0; i < SITE_FRAMES; i++) {
		if (i >= site->nr)
			break;
		hash = (hash ^ site->ip[i]) * 0xff51afd7ed558ccdULL;
		hash ^= hash >> 32;
	}
	return hash + !hash;
}

/*
 * The hash of the kernel stack of a call of @function and of @ustack, under
 * which all are remembered.
 * 0: they could not be. Of two tasks on one CPU, one put aside in the middle of
 * looking at its stack, the other one gets none (kernel/events/callchain.c,
 * get_callchain_entry()).
 */
static __noinline __u64 site_with(void *ctx, __u64 ustack, __u32 function)
{
	struct pin_site site = { .ustack = ustack, .function = function };
	__u64 hash = 0x9e3779b97f4a7c15ULL ^ ustack ^ function;
	long bytes = bpf_get_stack(ctx, site.ip, sizeof(site.ip), 0);

	if (bytes <= 0)
		return 0;
	site.nr = bytes / 8;
	site.truncated = site.nr == SITE_FRAMES;
	hash = hash_frames(&site, hash);
	return remember_site(&hash, &site) ? hash : 0;
}

/* @site, where it is not tried again: counted where there is none. */
static __always_inline __u64 site_or_lost(__u64 site)
{
	if (!site)
		lose(LOST_NO_SITE, 1);
	return site;
}

static __always_inline __u64 site_of(void *ctx, __u32 function)
{
	return site_or_lost(site_with(ctx, 0, function));
}

/*
 * The thread group's leader whose memory @mm is, NULL for the current one; a
 * kernel thread may have borrowed that (kthread_use_mm(), vhost until v6.3).
 * NULL: not known.
 */
static __always_inline struct task_struct *leader_of(struct mm_struct *mm)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct mm_struct *current_mm = BPF_CORE_READ(task, mm);
	bool borrowed = current_mm && BPF_CORE_READ(task, flags) & PF_KTHREAD;

	if (!mm)
		mm = current_mm;
	if (mm != current_mm || borrowed)
		task = BPF_CORE_READ(mm, owner);
	return task ? BPF_CORE_READ(task, group_leader) : NULL;
}

static __always_inline void process_of(struct task_struct *leader, struct owner_key *key)
{
	key->tgid = leader ? BPF_CORE_READ(leader, tgid) : 0;
	key->start_ns = leader ? BPF_CORE_READ(leader, start_boottime) : 0;
}

#endif
