/* SPDX-License-Identifier: GPL-2.0 */
/* Where the zones of each NUMA node lie, by /proc/zoneinfo (mm/vmstat.c). */
#ifndef PINSCOPE_ZONES_H
#define PINSCOPE_ZONES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * What a populated zone spans: page frames from @start_pfn up to, not
 * including, @end_pfn. Spans have holes, and those of two zones or nodes may
 * overlap (memory hotplug, interleaved nodes).
 */
struct zone_span {
	int node;
	char zone[16];		/* "DMA", "DMA32", "Normal", "Movable" */
	uint64_t start_pfn, end_pfn;
	uint64_t present_pages;	/* without holes; 0: not known */
	uint64_t cma_pages;	/* of CMA areas somewhere in it */
};

/*
 * The spans in @f, by node, then by address; the caller frees *@spans. 0, or
 * -EINVAL when there is none.
 */
int zone_spans_parse(FILE *f, struct zone_span **spans, size_t *nr);

/* The same from /proc/zoneinfo. 0 or -errno. */
int zone_spans_read(struct zone_span **spans, size_t *nr);

#endif
