/* SPDX-License-Identifier: GPL-2.0 */
/* Which page frames are memory that may be looked at. */
#ifndef PINSCOPE_RANGES_H
#define PINSCOPE_RANGES_H

#define MEMORY_DIR "/sys/devices/system/memory"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Page frame numbers from @start up to, not including, @end. */
struct pfn_range {
	uint64_t start, end;
};

/* Sorted by start, without overlaps. Owned by whoever holds it; free with pfn_ranges_free(). */
struct pfn_ranges {
	struct pfn_range *r;
	size_t nr, cap;
};

void pfn_ranges_add(struct pfn_ranges *set, uint64_t start, uint64_t end);
void pfn_ranges_sort(struct pfn_ranges *set);	/* sorts, merges what touches */
void pfn_ranges_free(struct pfn_ranges *set);
uint64_t pfn_ranges_count(const struct pfn_ranges *set);	/* page frames */
/* Page frames of @range that are in the set. */
uint64_t pfn_ranges_within(const struct pfn_ranges *set, const struct pfn_range *range);
void pfn_ranges_intersect(const struct pfn_ranges *a, const struct pfn_ranges *b,
			  struct pfn_ranges *out);

/*
 * "System RAM" of /proc/iomem (kernel/resource.c), whole pages only. 0, or
 * -EPERM when all addresses read as zero, which is what the kernel shows
 * without CAP_SYS_ADMIN.
 */
int pfn_ranges_iomem(FILE *f, unsigned int page_size, struct pfn_ranges *out);

/*
 * Spans of the populated zones of /proc/zoneinfo (mm/vmstat.c): they have
 * holes. 0 or -EINVAL when there is none.
 */
int pfn_ranges_zoneinfo(FILE *f, struct pfn_ranges *out);

/*
 * A memory block, what memory hotplug takes offline as one
 * (drivers/base/memory.c). Its number is its address divided by the block size.
 */
struct mem_block {
	uint64_t nr;
	bool online;
};

/*
 * The blocks under @dir (/sys/devices/system/memory), sorted; *@block_size in
 * bytes. -ENOENT without CONFIG_MEMORY_HOTPLUG. Caller frees *@blocks.
 */
int mem_blocks_read(const char *dir, struct mem_block **blocks, size_t *nr, uint64_t *block_size);

/* Is online block @nr under @dir all in ZONE_MOVABLE, by its valid_zones? */
bool mem_block_is_movable(const char *dir, uint64_t nr);

/* Where the memory is known from; always less the blocks that are offline, if there are blocks. */
enum memory_source {
	MEMORY_IOMEM,		/* System RAM of /proc/iomem */
	MEMORY_HIDDEN,		/* zone spans: /proc/iomem shows zeros for addresses */
	MEMORY_NO_IOMEM,	/* zone spans: /proc/iomem cannot be read or has no System RAM */
};

/* The memory of this machine that a scan may touch. 0, or -errno with nothing in @out. */
int pfn_ranges_memory(struct pfn_ranges *out, enum memory_source *source);

#endif
