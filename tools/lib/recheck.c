// SPDX-License-Identifier: GPL-2.0
#include "recheck.h"

/* Runs that lie closer together than this are read again in one go. */
#define GAP_PAGES 512

static void pinned_ranges(const struct snapshot *snap, struct pfn_ranges *out)
{
	size_t i;

	for (i = 0; i < snap->nr_runs; i++) {
		uint64_t start = snap->runs[i].pfn, end = start + pin_run_pages(&snap->runs[i]);

		if (out->nr && start - out->r[out->nr - 1].end < GAP_PAGES)
			out->r[out->nr - 1].end = end;
		else
			pfn_ranges_add(out, start, end);
	}
}

static bool same(const struct pin_run *a, const struct pin_run *b)
{
	return a->pins == b->pins && a->order == b->order && a->kind == b->kind &&
	       a->mapping == b->mapping && !a->mappings == !b->mappings;
}

/* Walks both lists along the page frames; whole folios of @old that @new does not repeat differ. */
static void compare(struct snapshot *snap, const struct scan_result *new)
{
	size_t i, k = 0;

	for (i = 0; i < snap->nr_runs; i++) {
		const struct pin_run *old = &snap->runs[i];
		uint64_t pfn = old->pfn, end = pfn + pin_run_pages(old), unchanged = 0;

		while (k < new->nr && new->runs[k].pfn + pin_run_pages(&new->runs[k]) <= pfn)
			k++;
		while (k < new->nr && new->runs[k].pfn < end) {
			const struct pin_run *now = &new->runs[k];
			uint64_t now_end = now->pfn + pin_run_pages(now);
			uint64_t from = now->pfn > pfn ? now->pfn : pfn;
			uint64_t to = now_end < end ? now_end : end;

			if (same(old, now))
				unchanged += (to - from) >> old->order;
			if (now_end > end)
				break;
			k++;
		}
		snap->changed_folios += old->folios - unchanged;
		snap->changed_pins += (old->folios - unchanged) * old->pins;
	}
}

void recheck(struct snapshot *snap)
{
	struct pfn_ranges ranges = {};
	struct scan_result res;
	struct fail fail;

	pinned_ranges(snap, &ranges);
	if (!scanner__run(snap->scanner, &ranges, false, &res, &fail)) {
		snap->rechecked = true;
		compare(snap, &res);
		scan_result_free(&res);
	}
	pfn_ranges_free(&ranges);
}
