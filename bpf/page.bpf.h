/* SPDX-License-Identifier: GPL-2.0 */
/* What one folio says: kind, mappings, zone, node, cgroup, file. */
#ifndef PINSCOPE_PAGE_BPF_H
#define PINSCOPE_PAGE_BPF_H

#include "pins.bpf.h"
#include "scan.h"

#define MAPPING_KSM 3UL
#define TMPFS_MAGIC 0x01021994

static __always_inline __u32 log2_of_zones(void)
{
	__u32 zones = ENUM(zone_type, __MAX_NR_ZONES);	/* page-flags-layout.h: ZONES_SHIFT */

	return zones <= 1 ? 0 : zones <= 2 ? 1 : zones <= 4 ? 2 : 3;
}

static __always_inline __u32 log2_of_nodes(void)
{
	__u32 n = max_numnodes(), shift = 0;

	if (n >= 1 << 8) {
		shift += 8;
		n >>= 8;
	}
	if (n >= 1 << 4) {
		shift += 4;
		n >>= 4;
	}
	if (n >= 1 << 2) {
		shift += 2;
		n >>= 2;
	}
	return shift + (n >= 2);
}

/* Node and zone lead the flags word: SPARSEMEM_VMEMMAP keeps no section there. */
static __always_inline void place_of(struct pin_run *run, __u64 flags)
{
	__u32 zones = log2_of_zones(), nodes = log2_of_nodes();

	run->node = nodes ? flags >> (64 - nodes) : 0;
	run->zone = zones ? (flags >> (64 - nodes - zones)) & ((1U << zones) - 1) : 0;
}

/* Migratetype of @pfn's pageblock: mem_section[]->usage->pageblock_flags (mm/page_alloc.c). */
static __always_inline int block_type(struct scan_slot *slot)
{
	const struct scan_args *args = &slot->args;
	__u64 pfn = slot->run.pfn;
	__u64 block = pfn >> args->pageblock_order, type = PIN_BLOCK_UNKNOWN;
	__u64 root = 0, usage = 0, word = 0;
	__u32 size = bpf_core_type_size(struct mem_section);
	__u64 section = pfn >> (args->section_shift & 63), per_root = args->page_size / size, bit;

	if (!args->mem_section || !per_root)
		return type;
	if (slot->last_block == block)
		return slot->last_block_type;

	bpf_probe_read_kernel(&root, sizeof(root),
			      (void *)(args->mem_section + section / per_root * 8));
	if (root)
		bpf_probe_read_kernel(&usage, sizeof(usage),
				      (void *)(root + section % per_root * size +
					       bpf_core_field_offset(struct mem_section, usage)));
	if (usage) {
		bit = (block & ((1ULL << ((args->section_shift - args->pageblock_order) & 63)) -
				1)) * pageblock_bits();
		usage += bpf_core_field_offset(struct mem_section_usage, pageblock_flags);
		if (!bpf_probe_read_kernel(&word, sizeof(word), (void *)(usage + bit / 64 * 8)))
			type = (word >> (bit & 63)) & 7;
	}
	slot->last_block = block;
	slot->last_block_type = type;
	return type;
}

/* Id of the cgroup whose memory controller is charged for a folio. */
static __always_inline __u64 cgroup_of(struct scan_slot *slot, __u64 memcg_data)
{
	struct mem_cgroup *memcg = (void *)(memcg_data & ~(__u64)MEMCG_DATA_LOW_BITS);

	if (memcg_data == slot->last_memcg)
		return slot->last_cgroup;
	slot->last_memcg = memcg_data;
	slot->last_cgroup = 0;
	if (memcg && (memcg_data & MEMCG_DATA_KMEM || memcg_is_objcg()))
		memcg = BPF_CORE_READ((struct obj_cgroup *)memcg, memcg);
	if (memcg)
		slot->last_cgroup = BPF_CORE_READ(memcg, css.cgroup, kn, id);
	return slot->last_cgroup;
}

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SCAN_MAX_FILES);
	__type(key, __u64);
	__type(value, struct pin_file);
} files SEC(".maps");

/* Remembers the file behind @mapping under that address. Returns its filesystem's magic. */
static __always_inline __u64 note_file(struct scan_slot *slot, __u64 mapping)
{
	struct pin_file *file = &slot->file, *known;
	struct hlist_node *alias;
	struct inode *host;
	void *dentry;

	if (slot->last_mapping == mapping)
		return slot->last_magic;
	slot->last_mapping = mapping;
	known = bpf_map_lookup_elem(&files, &mapping);
	if (known) {
		slot->last_magic = known->magic;
		return slot->last_magic;
	}
	__builtin_memset(file, 0, sizeof(*file));
	host = BPF_CORE_READ((struct address_space *)mapping, host);
	file->ino = BPF_CORE_READ(host, i_ino);
	file->nlink = BPF_CORE_READ(host, i_nlink);
	file->dev = BPF_CORE_READ(host, i_sb, s_dev);
	file->magic = BPF_CORE_READ(host, i_sb, s_magic);
	alias = BPF_CORE_READ(host, i_dentry.first);
	if (alias) {
		dentry = (void *)alias - dentry_alias_offset();
		bpf_probe_read_kernel_str(file->name, sizeof(file->name),
					  BPF_CORE_READ((struct dentry *)dentry, d_name.name));
	}
	slot->last_magic = file->magic;
	if (bpf_map_update_elem(&files, &mapping, file, BPF_ANY))
		slot->args.files_lost++;
	return slot->last_magic;
}

/* Fills in what large and small pinned folios have in common: @page is the first page. */
static __always_inline void describe(struct scan_slot *slot, const void *page)
{
	const __u64 of_user = PGFLAG(lru) | PGFLAG(swapbacked) | PGFLAG(uptodate);
	__u64 mapping = P64(page, mapping), flags = PFLAGS(page), magic;
	__u64 memcg = bpf_core_field_exists(struct page, memcg_data) ? P64(page, memcg_data) : 0;
	struct pin_run *run = &slot->run;
	__u8 kind;

	place_of(run, flags);
	run->block = block_type(slot);
	run->cgroup = memcg ? cgroup_of(slot, memcg) : 0;
	run->mapping = 0;

	if (mapping & MAPPING_ANON) {
		kind = (mapping & MAPPING_KSM) == MAPPING_KSM ? PIN_KSM : PIN_ANON;
	} else if (mapping) {
		magic = note_file(slot, mapping);
		run->mapping = mapping;
		kind = magic == TMPFS_MAGIC ? PIN_SHMEM : PIN_FILE;
	} else if (!run->mappings && !(memcg & MEMCG_DATA_KMEM) && (memcg || flags & of_user)) {
		/* Charged but not as kernel memory, on an LRU or up to date: it was a file's. */
		kind = PIN_TRUNCATED;
	} else {
		kind = run->mappings || run->order ? PIN_DRIVER : PIN_BIAS;
	}
	if (run->kind != PIN_HUGETLB)
		run->kind = kind;
}

/* Sum of (_mapcount + 1) over the pages of a large folio, for kernels that keep no total. */
struct mapcount_walk {
	__u64 page;
	__u32 sum;
};

static long add_mapcount(__u32 i, struct mapcount_walk *walk)
{
	__s32 mapcount = -1;

	bpf_probe_read_kernel(&mapcount, sizeof(mapcount),
			      (void *)(walk->page + (__u64)i * PAGE_SIZEOF + OFF(_mapcount)));
	walk->sum += mapcount + 1;
	return 0;
}

/*
 * Page-table entries, in base pages, that map the large folio at @addr: a PMD
 * (or PUD) mapping counts once in the entire mapcount and shows 1 << order
 * pages in pagemap. 05c5323b2a34 (v6.10) introduced _large_mapcount, the total.
 */
static __always_inline __u32 large_mappings(struct scan_slot *slot, __u64 addr,
					    const void *pages, __u32 order, bool hugetlb)
{
	struct mapcount_walk walk = { .page = addr };
	__u32 entire = folio_entire_mappings(pages), ptes;

	/* 16384 processes that map 1 GiB have 2^32 entries: as many as fit then, see scan.h. */
	if (entire > ~0U >> (order & 31))
		entire = ~0U >> (order & 31);
	if (hugetlb)
		return entire << order;
	if (bpf_core_field_exists(struct folio, _large_mapcount)) {
		ptes = FOLIO_FIELD(pages, __s32, folio, _large_mapcount) + 1 - entire;
		return ptes + (entire << order);
	}
	slot->unclocked = 0;	/* this takes its time */
	bpf_loop(1U << (order & 31), add_mapcount, &walk, 0);
	ptes = walk.sum;
	if (!bpf_core_field_exists(struct folio, _entire_mapcount)) {
		/* v6.1, total_mapcount(): file pages carry the entire mapcount in each page. */
		if (!(P64(pages, mapping) & MAPPING_ANON))
			ptes -= entire << order;
		else if (PFLAGS(pages + PAGE_SIZEOF) & PGFLAG_DOUBLE_MAP)
			ptes -= 1U << order;
	}
	return ptes + (entire << order);
}

#endif
