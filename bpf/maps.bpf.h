/* SPDX-License-Identifier: GPL-2.0 */
/* The ledger's maps, and the way to what stands in them. */
#ifndef PINSCOPE_MAPS_BPF_H
#define PINSCOPE_MAPS_BPF_H

#include "totals.bpf.h"

/* All sizes are user space's to set before loading. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ledger_entry);
} pool SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ledger_dir);
} directory SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct owner_rec);
} owners SEC(".maps");

/* Numbers of entries that were emptied and may be used again, in the order they came. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} recycled SEC(".maps");

/* The same of owner records. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} recycled_owners SEC(".maps");

const volatile __u32 pool_size = 1;	/* as the maps': entry 0 and owner 0 are not used */
const volatile __u32 owners_size = 1;

/* What numbers are taken of; small, as it lies on the programs' stack. */
struct taking {
	__u32 owner;	/* an owner record's; an entry's when 0 */
	__u32 got;
};

/* True: done, there is none or @got is set. False: another CPU was faster. */
static __always_inline bool ring_take(void *ring, __u32 size, __u64 *written, __u64 *taken,
				      __u32 *got)
{
	__u64 at = *(volatile __u64 *)taken, *nr;
	__u32 slot = at % size, found;

	if (at >= *(volatile __u64 *)written)
		return true;
	nr = bpf_map_lookup_elem(ring, &slot);
	if (!nr)
		return true;
	found = *(volatile __u64 *)nr;
	if (__sync_val_compare_and_swap(taken, at, at + 1) != at)
		return false;
	*got = found;
	return true;
}

/* From the rings that user space fills; each is as large as what it recycles. */
static long ring_try(__u32 i, struct taking *t)
{
	if (t->owner)
		return ring_take(&recycled_owners, owners_size, &totals.owners_recycled,
				 &totals.owners_taken, &t->got);
	return ring_take(&recycled, pool_size, &totals.entries_recycled, &totals.entries_taken,
			 &t->got);
}

#define RING_TRIES 64

/*
 * Number of an unused entry or owner record: one that was never used, or one
 * of those given back. 0 when there is none.
 */
static __always_inline __u32 take_new(bool owner)
{
	__u32 *used = owner ? &totals.owners_used : &totals.entries_used;
	__u32 size = owner ? owners_size : pool_size;
	struct taking t = { .owner = owner };
	__u32 nr;

	if (*(volatile __u32 *)used < size) {
		nr = __sync_fetch_and_add(used, 1);
		if (nr < size)
			return nr;
		__sync_fetch_and_add(used, -1);
	}
	bpf_loop(RING_TRIES, ring_try, &t, 0);
	return t.got;
}

static __always_inline struct ledger_entry *entry_of(__u32 nr)
{
	return nr ? bpf_map_lookup_elem(&pool, &nr) : NULL;
}

/* Where the number of the block's first entry stands. */
static __always_inline __u32 *first_of(__u32 block)
{
	__u32 at = block / LEDGER_DIR_SLOTS;
	struct ledger_dir *dir = bpf_map_lookup_elem(&directory, &at);

	return dir ? &dir->first[block & (LEDGER_DIR_SLOTS - 1)] : NULL;
}

static __always_inline struct owner_rec *owner_rec(__u32 owner)
{
	return bpf_map_lookup_elem(&owners, &owner);
}

static __always_inline __u32 bits_of(__u64 x)
{
	x -= x >> 1 & 0x5555555555555555ULL;
	x = (x & 0x3333333333333333ULL) + (x >> 2 & 0x3333333333333333ULL);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return x * 0x0101010101010101ULL >> 56;
}

#endif
