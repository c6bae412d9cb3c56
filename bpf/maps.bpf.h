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

#define TAKE_AGAIN ~0U		/* another CPU was faster */

static __always_inline __u32 ring_take(void *ring, __u32 size, __u64 *written, __u64 *taken)
{
	__u64 at = *(volatile __u64 *)taken, *nr;
	__u32 slot = at % size, found;

	if (at >= *(volatile __u64 *)written)
		return 0;
	nr = bpf_map_lookup_elem(ring, &slot);
	if (!nr)
		return 0;
	found = *(volatile __u64 *)nr;
	return __sync_val_compare_and_swap(taken, at, at + 1) == at ? found : TAKE_AGAIN;
}

/*
 * Number of an unused owner record, or of an entry when not @owner: one that
 * was never used, or one of those given back, from the rings that user space
 * fills; each is as large as what it recycles. 0: there is none; TAKE_AGAIN.
 */
__noinline __u32 take_new(__u32 owner)
{
	__u32 *used = owner ? &totals.owners_used : &totals.entries_used;
	__u32 size = owner ? owners_size : pool_size;
	__u32 nr;

	if (*(volatile __u32 *)used < size) {
		nr = __sync_fetch_and_add(used, 1);
		if (nr < size)
			return nr;
		__sync_fetch_and_add(used, -1);
	}
	if (owner)
		return ring_take(&recycled_owners, owners_size, &totals.owners_recycled,
				 &totals.owners_taken);
	return ring_take(&recycled, pool_size, &totals.entries_recycled, &totals.entries_taken);
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
