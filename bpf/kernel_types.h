/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's types as far as pinscope reads them, and every difference
 * between kernels that the BPF side knows of. Field offsets are relocated at
 * load time (CO-RE), so only names and nesting matter here. A type that
 * changed has one flavour (name___suffix) per shape, with the commit or
 * version that changed it, and one accessor below; no other file asks which
 * kernel it runs on.
 */
#ifndef PINSCOPE_KERNEL_TYPES_H
#define PINSCOPE_KERNEL_TYPES_H

#include <linux/types.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

/* --- memory ------------------------------------------------------------------------------- */

/* Only used through field offsets: pages are read 64 at a time into a buffer. */
struct page {
	unsigned long flags;
	unsigned long compound_head;
	void *mapping;
	unsigned long private;
	atomic_t _mapcount;
	unsigned int page_type;
	atomic_t _refcount;
	unsigned long memcg_data;
};

/* 7.3 (not 6.18): compound_head is compound_info; see page_head() for what it then may hold. */
struct page___info {
	unsigned long compound_info;
};

struct folio {
	unsigned long _flags_1;
	atomic_t _pincount;
	atomic_t _large_mapcount;
	atomic_t _entire_mapcount;
};

/*
 * v6.1: order and entire mapcount have bytes of their own. ebc1baf5c9b4 (v6.6)
 * moved the order into _flags_1; _total_mapcount was the entire mapcount; it
 * got its own name in v6.2.
 */
struct folio___v61 {
	unsigned char _folio_order;
	unsigned char _folio_dtor;
	atomic_t _total_mapcount;
};

struct mem_section_usage {
	unsigned long pageblock_flags[0];
};

struct mem_section {
	unsigned long section_mem_map;
	struct mem_section_usage *usage;
};

struct zoneref {
	void *zone;
};

struct zonelist {
	struct zoneref _zonerefs[1];
};

/* --- files -------------------------------------------------------------------------------- */

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct qstr {
	const unsigned char *name;
};

struct backing_dev_info {
	unsigned int capabilities;
};

struct super_block {
	unsigned int s_dev;
	unsigned long s_magic;
	struct backing_dev_info *s_bdi;
};

struct inode {
	unsigned long i_ino;
	struct super_block *i_sb;
	struct hlist_head i_dentry;
	unsigned int i_nlink;
};

struct dentry {
	struct qstr d_name;
	struct {
		struct hlist_node d_alias;
	} d_u;
};

/* 7.3 (not 6.18): the union d_u has lost its name. */
struct dentry___anon {
	struct hlist_node d_alias;
};

struct xarray {
	void *xa_head;
};

struct address_space {
	struct inode *host;
	struct xarray i_pages;
};

struct module {
	char name[0];
};

struct file_operations {
	struct module *owner;
};

struct file {
	struct address_space *f_mapping;
	const struct file_operations *f_op;
	void *private_data;
};

typedef struct {
	long counter;
} atomic_long_t;

struct file___count {
	atomic_long_t f_count;
};

/* 90ee6ed776c0 (v6.13): 0 stands for one reference, below 0 there is none. */
typedef struct {
	atomic_long_t refcnt;
} file_ref_t;

struct file___ref {
	file_ref_t f_ref;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

/* --- memory control groups ---------------------------------------------------------------- */

struct kernfs_node {
	__u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

struct mem_cgroup {
	struct cgroup_subsys_state css;
};

struct obj_cgroup {
	struct mem_cgroup *memcg;
};

/* 7.3 (not 6.18): the memcg_data of every user's folio points to an obj_cgroup. */
struct obj_cgroup___lru {
	bool is_root;
};

/* --- tasks -------------------------------------------------------------------------------- */

struct mm_struct {
	unsigned long flags;
	struct task_struct *owner;
};

/* v6.18: the flags of an mm are a bitmap (mm_flags_t). */
typedef struct {
	unsigned long __mm_flags[1];
} mm_flags_t;

struct mm_struct___bitmap {
	mm_flags_t flags;
};

struct upid {
	int nr;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

struct signal_struct {
	struct pid *pids[4];	/* by enum pid_type */
	atomic_t live;		/* threads that have not begun to exit */
};

/* arm64 counts in thread_info. */
struct thread_info {
	struct {
		unsigned int count;
	} preempt;
};

/* v6.2 to v6.14 on x86: preempt_count is part of this per-CPU variable. */
struct pcpu_hot {
	int preempt_count;
};

struct user_struct {
	atomic_long_t locked_vm;
};

struct cred {
	struct user_struct *user;
};

struct task_struct {
	struct thread_info thread_info;
	const struct cred *cred;
	unsigned int flags;
	int pid;
	int tgid;
	struct mm_struct *mm;
	struct files_struct *files;
	struct pid *thread_pid;
	struct signal_struct *signal;
	struct task_struct *group_leader;
	__u64 start_boottime;
	char comm[16];
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

#pragma clang attribute pop

/* --- enumerators: only their names count, the values are the running kernel's --------------- */

enum pageflags {
	PG_lru, PG_head, PG_reserved, PG_private, PG_private_2, PG_swapbacked, PG_swapcache,
	PG_uptodate, PG_dirty, PG_writeback,
};

/* 46df8e73a4a3 (v6.11) took PG_slab out of the page flags. */
enum pageflags___slab { PG_slab };

/* v6.2 removed the marker of a THP that is mapped both ways. */
enum pageflags___v61 { PG_double_map };

/* 4ffca5a96678 (v6.12) numbers page types in the top byte of page_type. */
enum pagetype { PGTY_buddy = 0xf0, PGTY_hugetlb = 0xf4 };

/*
 * v6.1: a hugetlb folio is told by its destructor, enum compound_dtor_id. A
 * number all the same: to look for a type that a kernel has not, libbpf reads
 * the BTF of every module.
 */
#define HUGETLB_PAGE_DTOR 2

enum zone_type { ZONE_DMA, ZONE_DMA32, ZONE_NORMAL, ZONE_MOVABLE, ZONE_DEVICE, __MAX_NR_ZONES };

enum migratetype {
	MIGRATE_UNMOVABLE, MIGRATE_MOVABLE, MIGRATE_RECLAIMABLE, MIGRATE_HIGHATOMIC, MIGRATE_CMA,
	MIGRATE_ISOLATE,
};

/* 4 bits a pageblock until v6.17, then the next power of two of what is in use. */
enum pageblock_bits___v616 { NR_PAGEBLOCK_BITS };
enum pageblock_bits { __NR_PAGEBLOCK_BITS };

/* Bits of memcg_data below the pointer; with KMEM it is kernel memory, by an obj_cgroup. */
#define MEMCG_DATA_LOW_BITS 3
#define MEMCG_DATA_KMEM 2

/* a35b9af4ec2c (v6.2): a pointer that may be followed without a helper call; loads can't fault. */
#ifndef bpf_core_cast	/* a libbpf that has this declares it, too */
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;
#endif

/* x86, before and after pcpu_hot: a per-CPU variable of its own. */
extern const int __preempt_count __ksym __weak;
extern const struct pcpu_hot pcpu_hot __ksym __weak;

/* --- accessors ---------------------------------------------------------------------------- */

#define ENUM(type, value) bpf_core_enum_value(enum type, value)
#define ENUM_EXISTS(type, value) bpf_core_enum_value_exists(enum type, value)

/* The bit of a page flag, 0 where the kernel has no such flag. */
#define PGFLAG(name) (ENUM_EXISTS(pageflags, PG_##name) ? 1UL << ENUM(pageflags, PG_##name) : 0UL)

#define PGFLAG_DOUBLE_MAP \
	(ENUM_EXISTS(pageflags___v61, PG_double_map) ? \
		 1UL << ENUM(pageflags___v61, PG_double_map) : 0UL)

#define PAGE_SIZEOF bpf_core_type_size(struct page)

/*
 * Is @page_type that of a page which is not mapped to user space (slab, buddy,
 * page table ...)? Such a page's _mapcount shares the word and means nothing.
 */
static __always_inline bool page_has_type(__u32 page_type)
{
	if (ENUM_EXISTS(pagetype, PGTY_buddy))
		return page_type >= 0xf0000000U && page_type < 0xff000000U;
	return (__s32)page_type < -128;		/* PAGE_MAPCOUNT_RESERVE */
}

static __always_inline bool page_is_buddy(__u32 page_type)
{
	if (ENUM_EXISTS(pagetype, PGTY_buddy))
		return page_type >> 24 == ENUM(pagetype, PGTY_buddy);
	/* PAGE_TYPE_BASE with the bit PG_buddy (0x80) cleared. */
	return (page_type & 0xf0000080U) == 0xf0000000U;
}

/* The word of type @type at @field of the folio whose first two struct pages begin at @pages. */
#define FOLIO_FIELD(pages, type, folio, field) \
	(*(const type *)((pages) + bpf_core_field_offset(struct folio, field)))

static __always_inline unsigned int folio_order_of(const void *pages)
{
	if (bpf_core_field_exists(struct folio___v61, _folio_order))
		return FOLIO_FIELD(pages, __u8, folio___v61, _folio_order);
	return FOLIO_FIELD(pages, __u64, folio, _flags_1) & 0xff;
}

static __always_inline bool folio_is_hugetlb(const void *pages)
{
	if (ENUM_EXISTS(pagetype, PGTY_buddy))
		return FOLIO_FIELD(pages, __u32, page, page_type) >> 24 ==
		       ENUM(pagetype, PGTY_hugetlb);
	if (bpf_core_field_exists(struct folio___v61, _folio_dtor))
		return FOLIO_FIELD(pages, __u8, folio___v61, _folio_dtor) ==
		       HUGETLB_PAGE_DTOR;
	return false;
}

/* PMD (or PUD) mappings of a large folio. */
static __always_inline __u32 folio_entire_mappings(const void *pages)
{
	if (bpf_core_field_exists(struct folio, _entire_mapcount))
		return FOLIO_FIELD(pages, __s32, folio, _entire_mapcount) + 1;
	return FOLIO_FIELD(pages, __s32, folio___v61, _total_mapcount) + 1;
}

/*
 * The head page that a tail's compound_head word @info names, as an address;
 * 0 when @page (its address) is no tail. In 7.3, where struct page has a
 * power-of-two size and the vmemmap of hugetlb pages is optimised, the word
 * is a mask for the tail's own address instead of a pointer; no pointer into
 * the vmemmap has its upper 34 bits all set.
 */
static __always_inline __u64 page_head(__u64 page, __u64 info)
{
	if (!(info & 1))
		return 0;
	if (bpf_core_field_exists(struct page___info, compound_info) && (__s64)info >> 30 == -1)
		return page & info & ~1ULL;
	return info - 1;
}

static __always_inline __u32 page_info_offset(void)
{
	if (bpf_core_field_exists(struct page___info, compound_info))
		return bpf_core_field_offset(struct page___info, compound_info);
	return bpf_core_field_offset(struct page, compound_head);
}

static __always_inline __u32 pageblock_bits(void)
{
	if (ENUM_EXISTS(pageblock_bits___v616, NR_PAGEBLOCK_BITS))
		return ENUM(pageblock_bits___v616, NR_PAGEBLOCK_BITS);
	return ENUM(pageblock_bits, __NR_PAGEBLOCK_BITS) > 4 ? 8 : 4;
}

/* MAX_NUMNODES: a zonelist has room for every zone of every node, and one entry more. */
static __always_inline __u32 max_numnodes(void)
{
	__u32 zones = ENUM(zone_type, __MAX_NR_ZONES);

	return (bpf_core_type_size(struct zonelist) / bpf_core_type_size(struct zoneref) - 1) /
	       zones;
}

static __always_inline unsigned long mm_flags(struct mm_struct *mm)
{
	struct mm_struct___bitmap *bitmap = (void *)mm;

	if (bpf_core_field_exists(bitmap->flags.__mm_flags))
		return BPF_CORE_READ(bitmap, flags.__mm_flags[0]);
	return BPF_CORE_READ(mm, flags);
}

/* Is the memcg_data of a user's folio an obj_cgroup, too? */
static __always_inline bool memcg_is_objcg(void)
{
	return bpf_core_field_exists(struct obj_cgroup___lru, is_root);
}

/* Has the struct file at @file references? It may have been freed, or be another one by now. */
static __always_inline bool file_is_held(__u64 file)
{
	long count = 0;

	if (bpf_core_field_exists(struct file___ref, f_ref)) {
		if (bpf_probe_read_kernel(&count, sizeof(count),
					  (void *)(file + bpf_core_field_offset(struct file___ref,
										f_ref))))
			return false;
		return count >= 0;
	}
	bpf_probe_read_kernel(&count, sizeof(count),
			      (void *)(file + bpf_core_field_offset(struct file___count,
								    f_count)));
	return count > 0;
}

static __always_inline __u32 dentry_alias_offset(void)
{
	if (bpf_core_field_exists(struct dentry___anon, d_alias))
		return bpf_core_field_offset(struct dentry___anon, d_alias);
	return bpf_core_field_offset(struct dentry, d_u.d_alias);
}

/* Can it be read? Else every context looks like a task's. */
static __always_inline bool preempt_count_is_known(void)
{
	struct task_struct *task = NULL;

	return bpf_core_field_exists(task->thread_info.preempt.count) || &pcpu_hot ||
	       &__preempt_count;
}

/*
 * This CPU's preempt_count (include/linux/preempt.h): from bit 8 on whether a
 * softirq is served, from bit 16 on hardirqs and NMIs.
 */
static __always_inline __u32 current_preempt_count(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	const struct pcpu_hot *hot;
	const int *count;

	if (bpf_core_field_exists(task->thread_info.preempt.count))
		return BPF_CORE_READ(task, thread_info.preempt.count);
	if (&pcpu_hot) {
		hot = bpf_this_cpu_ptr(&pcpu_hot);
		return hot->preempt_count;
	}
	if (&__preempt_count) {
		count = bpf_this_cpu_ptr(&__preempt_count);
		return *count;
	}
	return 0;
}

#endif
