/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The scan engine: what is pinned in a range of page frames right now, read
 * from struct page by the BPF program bpf/scan.bpf.c.
 */
#ifndef PINSCOPE_SCAN_H
#define PINSCOPE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/scan.h"
#include "fail.h"
#include "ranges.h"

struct scan_opts {
	unsigned int threads;		/* 0: one */
	enum scan_read read;		/* the fastest way to try; tests ask for slower ones */
	const char *btf;		/* the kernel's BTF; NULL: /sys/kernel/btf/vmlinux */
};

/* What one scan did. Pages are base pages. */
struct scan_counts {
	uint64_t pages_in_range;
	uint64_t pages;		/* struct pages looked at one by one */
	uint64_t folios;	/* folios in use, seen */
	uint64_t free_pages;	/* in free blocks, stepped over */
	uint64_t unreadable;	/* pages of the range that have no struct page */
	uint64_t raced;		/* folios that changed while they were read */
	uint64_t files_lost;	/* files whose names had no room */
	uint64_t program_runs;
	uint64_t longest_run_ns;	/* CPU time */
	enum scan_read read;	/* how struct pages were read */
	uint64_t ns;		/* wall time */
};

/* Pinned folios in ascending order of PFN. Owned by the caller: scan_result_free(). */
struct scan_result {
	struct pin_run *runs;
	size_t nr, cap;
	struct scan_counts counts;
};

struct scanner;

/*
 * Loads the programs and finds the page array. NULL with @fail filled when the
 * kernel or a missing capability does not allow it.
 */
struct scanner *scanner__open(const struct scan_opts *opts, struct fail *fail);
void scanner__free(struct scanner *s);

/*
 * Scans @ranges. With @whole_folios, a range that begins inside a large folio
 * reports all of that folio. 0, or -1 with @fail filled.
 */
int scanner__run(struct scanner *s, const struct pfn_ranges *ranges, bool whole_folios,
		 struct scan_result *res, struct fail *fail);
void scan_result_free(struct scan_result *res);

/* Where the page array is, and what else was found out about it. */
struct page_array;
const struct page_array *scanner__page_array(const struct scanner *s);

/* File descriptor of the program bpf/tasks.bpf.c, which is loaded together with the scan's; see tasks.h. */
int scanner__task_iterator(const struct scanner *s);

/* The name behind pin_run.mapping; false when it is not known (see files_lost). */
bool scanner__file(struct scanner *s, uint64_t mapping, struct pin_file *file);

/* Forgets the files that earlier scans saw: address spaces are reused. */
void scanner__forget_files(struct scanner *s);

/* "DMA", "DMA32", "Normal", "Movable", "Device" for pin_run.zone. */
const char *scanner__zone_name(const struct scanner *s, unsigned int zone);
/* "unmovable", "movable", "cma" ... for pin_run.block; "unknown" where it could not be read. */
const char *scanner__block_name(const struct scanner *s, unsigned int block);

bool scanner__is_movable_zone(const struct scanner *s, const struct pin_run *run);
bool scanner__is_cma(const struct scanner *s, const struct pin_run *run);
/* In a movable pageblock or ZONE_MOVABLE: memory that the kernel wants to be able to move. */
bool scanner__in_movable_block(const struct scanner *s, const struct pin_run *run);
bool scanner__knows_blocks(const struct scanner *s);

/* "cast", "bulk", "page"; scan_read_parse() gives -1 for what is none of them. */
const char *scan_read_name(enum scan_read read);
int scan_read_parse(const char *name);

/* A pin's kind, for people and as a name in JSON: "anon", "huge_zero", ... */
const char *pin_kind_name(unsigned int kind);

static inline uint64_t pin_run_pages(const struct pin_run *run)
{
	return (uint64_t)run->folios << run->order;
}

/* May more page-table entries map each of its folios than it says? */
static inline bool pin_run_has_more(const struct pin_run *run)
{
	return run->mappings >> run->order >= UINT32_MAX >> run->order;
}

/* PFN behind its last page. */
static inline uint64_t pin_run_end(const struct pin_run *run)
{
	return run->pfn + pin_run_pages(run);
}

static inline uint64_t pin_run_pins(const struct pin_run *run)
{
	return (uint64_t)run->folios * run->pins;
}

#endif
