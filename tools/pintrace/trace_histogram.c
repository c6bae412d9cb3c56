// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <string.h>

#include "trace_format.h"
#include "trace_histogram.h"

#define SUB_BUCKETS (1u << HISTOGRAM_SUB_BITS)
#define POWERS 65	/* 0 alone, then [1, 2), [2, 4) ... */
#define BAR 40

static unsigned int power_of(uint64_t ns)
{
	return ns ? 64 - (unsigned int)__builtin_clzll(ns) : 0;
}

/* Up to 63 each value has a bucket of its own. */
static unsigned int bucket_of(uint64_t ns)
{
	unsigned int shift;

	if (ns < SUB_BUCKETS)
		return (unsigned int)ns;
	shift = power_of(ns) - HISTOGRAM_SUB_BITS - 1;
	return (shift << HISTOGRAM_SUB_BITS) + (unsigned int)(ns >> shift);
}

static uint64_t lowest_of(unsigned int bucket, uint64_t *width)
{
	unsigned int shift = bucket < SUB_BUCKETS ? 0 : bucket / SUB_BUCKETS - 1;

	*width = 1ull << shift;
	return (uint64_t)(bucket - (shift << HISTOGRAM_SUB_BITS)) << shift;
}

void histogram_add(struct histogram *h, uint64_t ns)
{
	h->counts[bucket_of(ns)]++;
	h->nr++;
	if (ns > h->max)
		h->max = ns;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
	size_t i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->counts[i] += from->counts[i];
	into->nr += from->nr;
	if (from->max > into->max)
		into->max = from->max;
}

uint64_t histogram_percentile(const struct histogram *h, unsigned int percent)
{
	uint64_t rank = (uint64_t)(((unsigned __int128)h->nr * percent + 99) / 100);
	uint64_t seen = 0, ns, width;
	unsigned int i;

	if (!h->nr)
		return 0;
	if (percent >= 100)
		return h->max;
	for (i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
		seen += h->counts[i];
		if (seen && seen >= rank)
			break;
	}
	ns = lowest_of(i, &width) + width / 2;
	return ns < h->max ? ns : h->max;
}

static void draw_row(FILE *out, unsigned int power, uint64_t count, uint64_t most)
{
	static const char at[] = "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@";
	char low[24], high[24], range[56];
	int bar = (int)((double)count / (double)most * BAR);

	/* Little is not nothing. */
	if (count && !bar)
		bar = 1;
	snprintf(range, sizeof(range), "[%s, %s)",
		 format_ns(power ? 1ull << (power - 1) : 0, low, sizeof(low)),
		 format_ns(power < 64 ? 1ull << power : UINT64_MAX, high, sizeof(high)));
	fprintf(out, "%-18s %10" PRIu64 " |%-*.*s|\n", range, count, BAR, bar, at);
}

void histogram_draw(const struct histogram *h, FILE *out)
{
	uint64_t counts[POWERS] = {}, most = 0, width;
	unsigned int i, first = POWERS, last = 0;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		counts[power_of(lowest_of(i, &width))] += h->counts[i];
	for (i = 0; i < POWERS; i++) {
		if (!counts[i])
			continue;
		if (first == POWERS)
			first = i;
		last = i;
		if (counts[i] > most)
			most = counts[i];
	}
	for (i = first; i <= last; i++)
		draw_row(out, i, counts[i], most);
}
