/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How often which duration occurred. Log-linear, as in HdrHistogram: each
 * power of two is divided into 32 buckets of the same width, so that adding is
 * cheap and the size is fixed, whatever comes.
 */
#ifndef PINSCOPE_TRACE_HISTOGRAM_H
#define PINSCOPE_TRACE_HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>

#define HISTOGRAM_SUB_BITS 5
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS)

/* Zeroed it is empty. Durations in ns. */
struct histogram {
	uint64_t counts[HISTOGRAM_BUCKETS];
	uint64_t nr;		/* durations in all */
	uint64_t max;		/* exact */
};

void histogram_add(struct histogram *h, uint64_t ns);
void histogram_merge(struct histogram *into, const struct histogram *from);

/*
 * The least duration that @percent of all do not exceed, the middle of its
 * bucket: at most 1/64 (1.6 %) off, below 64 ns and for 100 % exact. 0 when empty.
 */
uint64_t histogram_percentile(const struct histogram *h, unsigned int percent);

/* One line with a bar for each power of two, from the shortest to the longest; none when empty. */
void histogram_draw(const struct histogram *h, FILE *out);

#endif
