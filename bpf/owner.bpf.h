/* SPDX-License-Identifier: GPL-2.0 */
/* Owner records: which process pins, from where in the kernel. */
#ifndef PINSCOPE_OWNER_BPF_H
#define PINSCOPE_OWNER_BPF_H

#include "ledger.bpf.h"
#include "site.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct owner_key);
	__type(value, __u32);
} owner_index SEC(".maps");

#define TAKE_TRIES 32

static __always_inline __u32 owner_take(void)
{
	__u32 nr, i;

	for (i = 0; i < TAKE_TRIES; i++) {
		nr = take_new(1);
		if (nr != TAKE_AGAIN)
			return nr;
	}
	return 0;
}

static __always_inline __u32 owner_new(const struct owner_key *key,
				       const struct task_struct *leader, __u64 now)
{
	__u32 nr = owner_take();
	struct owner_rec *rec = nr ? owner_rec(nr) : NULL;
	__u32 *known;

	if (!rec)
		return OWNER_OTHERS;
	rec->key = *key;
	rec->first_ns = now;
	rec->cgroup = bpf_get_current_cgroup_id();
	if (leader)
		BPF_CORE_READ_STR_INTO(&rec->comm, leader, comm);
	if (!bpf_map_update_elem(&owner_index, key, &nr, BPF_NOEXIST))
		return nr;
	/* Another CPU was faster. The record stays unused until it is recycled. */
	rec->key.flags |= OWNER_UNUSED;
	known = bpf_map_lookup_elem(&owner_index, key);
	return known ? *known : OWNER_OTHERS;
}

/*
 * Number of the owner record for @key; OWNER_OTHERS when there is no room for
 * it. @leader: the address of its process's struct task_struct, or 0.
 */
__noinline __u32 owner_of(struct owner_key *key, __u64 leader, __u64 now)
{
	struct owner_key k;
	__u32 *known;

	if (!key)
		return OWNER_OTHERS;
	k = *key;	/* 6.1's verifier wants a map's key on the stack */
	known = bpf_map_lookup_elem(&owner_index, &k);
	return known ? *known : owner_new(&k, (void *)leader, now);
}

/* So often another CPU may have seen more at the same moment. */
#define PEAK_TRIES 8

/*
 * @owner has got pins: most that it ever had. Another CPU may do the same at this
 * moment, or release some between the two loads: then it seems to have none.
 */
__noinline int owner_gained(__u32 owner, __u64 now)
{
	struct owner_rec *rec = owner_rec(owner);
	__u64 peak;
	__s64 held;
	__u32 i;

	if (!rec)
		return 0;
	held = rec->acquired - rec->released;
	rec->last_ns = now;
	for (i = 0; i < PEAK_TRIES; i++) {
		peak = *(volatile __u64 *)&rec->peak;
		if (held <= (__s64)peak || __sync_val_compare_and_swap(&rec->peak, peak, held) == peak)
			break;
	}
	return 0;
}

/* A call that took @pins has ended; @less: than it was asked for. */
static __always_inline void owner_called(__u32 owner, long pins, bool less, __u64 now)
{
	struct owner_rec *rec = owner_rec(owner);

	owner_gained(owner, now);
	if (!rec)
		return;
	__sync_fetch_and_add(&rec->calls, 1);
	if (pins <= 0)
		__sync_fetch_and_add(&rec->failed, 1);
	else if (less)
		__sync_fetch_and_add(&rec->partial, 1);
}

#endif
