/* SPDX-License-Identifier: GPL-2.0 */
/* What the scan programs and user space say to each other. */
#ifndef PINSCOPE_BPF_SCAN_H
#define PINSCOPE_BPF_SCAN_H

#include <linux/types.h>

/* What a pinned folio is made of. */
enum pin_kind {
	PIN_ANON,	/* anonymous memory */
	PIN_KSM,	/* anonymous memory merged by KSM */
	PIN_FILE,	/* page cache of a file */
	PIN_SHMEM,	/* page cache of tmpfs, memfd or SysV shared memory */
	PIN_HUGETLB,	/* hugetlbfs, memfd or anonymous MAP_HUGETLB */
	PIN_HUGE_ZERO,	/* the huge zero folio; only user space can tell (see scan.c) */
	PIN_TRUNCATED,	/* was page cache, its file has been truncated or removed */
	PIN_DRIVER,	/* no page cache, but mapped or large: a driver's own memory */
	PIN_BIAS,	/* not a pin: the kernel keeps a large reference count of its own here */
	PIN_KINDS,
};

#define PIN_BLOCK_UNKNOWN 0xff

/*
 * Neighbouring folios that are alike. @pins and @mappings are those of each
 * folio: references taken with FOLL_PIN, and page-table entries (in base
 * pages, as /proc/PID/pagemap shows them) that map it: at least so many where
 * those of whole folios fill all 32 bits: pin_run_has_more().
 */
struct pin_run {
	__u64 pfn;		/* of the first folio's first page */
	__u64 mapping;		/* identity of the file's address_space, 0 for none */
	__u64 cgroup;		/* id of the memory cgroup that is charged, 0 for none */
	__u32 folios;
	__u32 pins;
	__u32 mappings;
	__u16 node;
	__u8 order;		/* a folio has 1 << order base pages */
	__u8 kind;		/* enum pin_kind */
	__u8 zone;		/* the kernel's zone number, see scan_setup */
	__u8 block;		/* migratetype of the pageblock, or PIN_BLOCK_UNKNOWN */
	__u8 pad[6];
};

/* Names of the address spaces that pinned pages belong to: map "files". */
struct pin_file {
	__u64 ino;
	__u32 dev;		/* the kernel's dev_t: major << 20 | minor */
	__u32 nlink;
	__u64 magic;		/* of the filesystem */
	char name[256];		/* last component: NAME_MAX; empty when there is none */
};

#define SCAN_CHUNK_PAGES 64		/* struct pages read at once: 4 KiB on most kernels */
#define SCAN_MAX_PAGE_SIZEOF 128	/* of struct page; Debian: 64 */
#define SCAN_RUNS 4096
#define SCAN_MAX_FILES 16384

/*
 * Looked through at once where direct loads are possible. More would gain a few per cent, but
 * the verifier goes through each of them, whenever the programs are loaded.
 */
#define SCAN_CAST_PAGES 64

/* How struct pages are read. The first that the kernel has is taken, unless a test asks for one. */
enum scan_read {
	SCAN_READ_CAST,		/* direct loads: bpf_rdonly_cast() */
	SCAN_READ_BULK,		/* 64 at a time into a buffer */
	SCAN_READ_PAGE,		/* one at a time: also where a hole makes the others fail */
};

enum {
	SCAN_WHOLE_FOLIOS = 1,	/* a range that starts inside a folio covers all of it */
	SCAN_FIRST = 2,		/* in: the range's first page may be a tail. Cleared once seen */
};

/* What to look at, and what was seen. User space fills the first part before each run. */
struct scan_args {
	__u64 start;		/* PFNs; in: where to begin, out: where to go on */
	__u64 end;
	__u64 vmemmap;		/* address of the struct page of PFN 0 */
	__u64 mem_section;	/* address of the root table, 0: do not read pageblock types */
	__u64 zero_pfn;
	__u64 budget_ns;	/* the run ends soon after this */
	__u32 flags;
	__u32 read;		/* enum scan_read; out: what was really used */
	__u32 section_shift;	/* log2 of the base pages in a memory section */
	__u32 pageblock_order;

	__u32 page_size;
	__u32 runs;		/* out: filled in the slot. In: 0 */
	__u64 pages;		/* counts, added to: struct pages looked at one by one */
	__u64 folios;		/* in use (referenced) */
	__u64 free_pages;	/* in free blocks that were stepped over */
	__u64 unreadable;	/* pages without a readable struct page */
	__u64 raced;		/* folios that changed while they were read */
	__u64 files_lost;	/* address spaces that had no room in "files" */
};

/* One per scanning thread, mapped by user space: arguments, results and working memory. */
struct scan_slot {
	struct scan_args args;
	struct pin_run runs[SCAN_RUNS];

	/* Working memory. The chunk has room for one page more, see look_at_large(). */
	__u64 deadline;
	__u32 unclocked;	/* steps to go without a look at the clock */
	__u32 in_hole;		/* was there no struct page at the last look? */
	__u64 chunk_pfn;
	__u32 chunk_pages;
	__u32 at;		/* index in the chunk of the folio that is looked at */
	__u64 next;		/* PFN after it */
	__u64 zero;		/* always */
	struct pin_run run;	/* what it says */
	__u8 chunk[(SCAN_CHUNK_PAGES + 1) * SCAN_MAX_PAGE_SIZEOF];
	__u8 pair[2 * SCAN_MAX_PAGE_SIZEOF];
	struct pin_file file;
	/* What was found out for the folio before, which most often holds again. */
	__u64 last_memcg;
	__u64 last_cgroup;
	__u64 last_mapping;
	__u64 last_magic;
	__u64 last_block;
	__u64 last_block_type;
};

/* Context of scan_run. */
struct scan_ctx {
	__u32 slot;
};

/* Context of scan_setup: once, before the first scan. */
struct scan_setup {
	__s32 memfd;		/* in: a memfd with one page in its cache */
	__u32 section_shift;	/* in */
	__u64 memfd_pfn;	/* in: the page's PFN, by /proc/self/pagemap */
	__u32 page_size;	/* in: bytes */
	__u32 pad;
	/* out */
	__u64 folio;		/* address of that page's struct page; 0: not found */
	__u64 mem_section;	/* address of the root table; 0: could not be had */
	__u32 page_sizeof;
	__u32 max_numnodes;
	/* The kernel's own numbers for what pin_run has in zone and block; -1: has none. */
	__s32 zone_dma, zone_dma32, zone_normal, zone_movable, zone_device;
	__s32 mt_unmovable, mt_movable, mt_reclaimable, mt_highatomic, mt_cma, mt_isolate;
};

/* What the task iterator writes, one for each task that has memory. */
struct task_rec {
	__u64 mm;		/* identity of the address space */
	__u64 mm_flags;
	__u64 start_ns;		/* of the thread group's leader, since boot */
	__u64 files;		/* identity of the table of open files; 0: none any more */
	__s32 tid;		/* both as the reader's PID namespace numbers them */
	__s32 tgid;
	char comm[16];		/* of the thread group's leader */
};

#endif
