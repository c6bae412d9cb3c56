// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "pieces.h"
#include "text.h"
#include "vec.h"

#define NAMED 3		/* owners in a line */

/* The first run that ends behind @pfn. */
static size_t run_at(const struct snapshot *snap, uint64_t pfn)
{
	size_t low = 0, high = snap->nr_runs, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (pin_run_end(&snap->runs[mid]) <= pfn)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Do the same processes map folios @a and @b? */
static bool same_owners(const struct snapshot *snap, uint64_t a, uint64_t b)
{
	const uint64_t *x, *y;
	size_t i, nr;

	if (snap->owner[a] != snap->owner[b] || snap->is_shared[a] != snap->is_shared[b])
		return false;
	if (!snap->is_shared[a])
		return true;
	nr = snapshot__others(snap, a, &x);
	if (snapshot__others(snap, b, &y) != nr)
		return false;
	for (i = 0; i < nr; i++)
		if ((uint32_t)x[i] != (uint32_t)y[i])
			return false;
	return true;
}

/* Folio @k of run @i and those after it up to @end that belong to it. */
static struct piece piece_at(const struct snapshot *snap, size_t i, uint64_t k, uint64_t end)
{
	const struct pin_run *run = &snap->runs[i];
	struct piece p = { .run = run, .pfn = run->pfn + (k << run->order),
			   .first = snap->first[i] + k, .folios = 1 };

	p.owner = snap->owner[p.first];
	p.shared = snap->is_shared[p.first];
	while (k + p.folios < run->folios && p.pfn + (p.folios << run->order) < end &&
	       same_owners(snap, p.first, p.first + p.folios))
		p.folios++;
	p.end = p.pfn + (p.folios << run->order);
	return p;
}

void pieces_each(const struct snapshot *snap, const struct pfn_range *range,
		 void (*call)(void *arg, const struct piece *piece), void *arg)
{
	size_t i;

	for (i = run_at(snap, range->start);
	     i < snap->nr_runs && snap->runs[i].pfn < range->end; i++) {
		const struct pin_run *run = &snap->runs[i];
		uint64_t k = 0;

		if (run->pfn < range->start)
			k = (range->start - run->pfn) >> run->order;
		while (k < run->folios && run->pfn + (k << run->order) < range->end) {
			struct piece p = piece_at(snap, i, k, range->end);

			call(arg, &p);
			k += p.folios;
		}
	}
}

uint64_t pieces_held(const struct snapshot *snap, const struct pfn_range *range)
{
	uint64_t pages = 0;
	size_t i;

	for (i = run_at(snap, range->start);
	     i < snap->nr_runs && snap->runs[i].pfn < range->end; i++) {
		uint64_t start = snap->runs[i].pfn, end = pin_run_end(&snap->runs[i]);

		if (snap->runs[i].kind == PIN_BIAS)
			continue;
		pages += (end < range->end ? end : range->end) -
			 (start > range->start ? start : range->start);
	}
	return pages;
}

static char *process_text(const struct snapshot *snap, uint32_t proc)
{
	char comm[64];

	text_clean(snap->procs[proc].comm, comm, sizeof(comm));
	return xasprintf("%s[%d]", comm, snap->procs[proc].pid);
}

/* Takes over @text. */
static char *append(char *text, char *more)
{
	char *both = xasprintf("%s%s", text, more);

	free(text);
	free(more);
	return both;
}

char *piece_whose(const struct snapshot *snap, const struct piece *p)
{
	const uint64_t *others;
	size_t i, nr;
	char *text;

	if (p->run->kind == PIN_BIAS)
		return xstrdup("(not a pin: refcount bias of the kernel)");
	if (p->owner == OWNER_UNMAPPED)
		return xstrdup("(unmapped)");
	if (p->owner >= snap->nr_procs)
		return xstrdup("(not seen)");
	text = process_text(snap, p->owner);
	if (!p->shared)
		return text;
	nr = snapshot__others(snap, p->first, &others);
	for (i = 0; i < nr && i < NAMED - 1; i++)
		text = append(append(text, xstrdup(", ")), process_text(snap, (uint32_t)others[i]));
	if (snap->others_cut)
		return append(text, xstrdup(" and others"));
	return i < nr ? append(text, xasprintf(", +%zu more", nr - i)) : text;
}

json_t *piece_pids(const struct snapshot *snap, const struct piece *p)
{
	json_t *list = json_array();
	const uint64_t *others;
	size_t i, nr;

	if (p->owner >= snap->nr_procs)
		return list;
	json_array_append_new(list, json_integer(snap->procs[p->owner].pid));
	nr = p->shared ? snapshot__others(snap, p->first, &others) : 0;
	for (i = 0; i < nr; i++)
		json_array_append_new(list, json_integer(snap->procs[(uint32_t)others[i]].pid));
	return list;
}
