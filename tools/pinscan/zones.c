// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "vec.h"
#include "zones.h"

static int by_node_and_start(const void *a, const void *b)
{
	const struct zone_span *x = a, *y = b;

	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return x->start_pfn < y->start_pfn ? -1 : x->start_pfn > y->start_pfn;
}

int zone_spans_parse(FILE *f, struct zone_span **spans, size_t *nr)
{
	unsigned long long spanned = 0, present = 0, cma = 0, start;
	struct zone_span at = { .node = -1 };
	char line[256];
	size_t cap = 0;

	*spans = NULL;
	*nr = 0;
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "Node ", 5)) {
			memset(&at, 0, sizeof(at));
			spanned = present = cma = 0;
			if (sscanf(line, "Node %d, zone %15s", &at.node, at.zone) != 2)
				at.node = -1;
		} else if (sscanf(line, " spanned %llu", &spanned) == 1 ||
			   sscanf(line, " present %llu", &present) == 1 ||
			   sscanf(line, " cma %llu", &cma) == 1) {
			continue;
		} else if (at.node >= 0 && spanned &&
			   sscanf(line, " start_pfn: %llu", &start) == 1) {
			/* The last line of a zone; one without memory has none. */
			at.start_pfn = start;
			at.end_pfn = start + spanned;
			at.present_pages = present;
			at.cma_pages = cma;
			if (at.end_pfn > start)
				*vec_push(*spans, *nr, cap) = at;
			at.node = -1;
		}
	}
	if (!*nr)
		return -EINVAL;
	qsort(*spans, *nr, sizeof(**spans), by_node_and_start);
	return 0;
}

int zone_spans_read(struct zone_span **spans, size_t *nr)
{
	FILE *f = fopen("/proc/zoneinfo", "re");
	int err;

	*spans = NULL;
	*nr = 0;
	if (!f)
		return -errno;
	err = zone_spans_parse(f, spans, nr);
	fclose(f);
	return err;
}
