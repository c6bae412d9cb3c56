// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "holders_rank.h"

/* How much a device that says no size is believed, where 1 is a size that fits. */
#define FIT_UNKNOWN 0.5
/* What is still mapped may be pinned by another device of the same process. */
#define FIT_IF_ANOTHER 0.25
/* A ring may hold pins without registered buffers, for as long as a request takes. */
#define FIT_NO_BUFFERS 0.2

static double ratio(uint64_t a, uint64_t b)
{
	uint64_t least = a < b ? a : b, most = a < b ? b : a;

	return most ? (double)least / (double)most : 0;
}

/* Of @bytes to what is unmapped or to the part of it that is the nearest. */
static double fit(const struct snapshot *snap, uint64_t bytes)
{
	double best = ratio(bytes, snap->unmapped.bytes), r;
	size_t i;

	for (i = 0; i < snap->nr_unmapped_by; i++) {
		r = ratio(bytes, snap->unmapped_by[i].sum.bytes);
		if (r > best)
			best = r;
	}
	return best;
}

/* What the process maps of pinned memory, be it as one that shares an older one's. */
static uint64_t mapped_by(const struct snapshot *snap, pid_t pid)
{
	size_t i, k;

	for (i = 0; i < snap->nr_procs; i++) {
		const struct snap_proc *p = &snap->procs[i];

		if (p->pid == pid)
			return p->sum.bytes;
		for (k = 0; k < p->nr_sharers; k++)
			if (p->sharers[k].pid == pid)
				return p->sum.bytes;
	}
	return 0;
}

static double fit_of(const struct snapshot *snap, const struct snap_holder *h)
{
	uint64_t mapped;
	double rest, all;

	if (strcmp(h->what, "io_uring"))
		return FIT_UNKNOWN;
	if (!h->buffers)
		return FIT_NO_BUFFERS;
	mapped = mapped_by(snap, h->pid);
	rest = h->buffer_bytes > mapped ? fit(snap, h->buffer_bytes - mapped) : 0;
	all = fit(snap, h->buffer_bytes) * FIT_IF_ANOTHER;
	return rest > all ? rest : all;
}

static int best_first(const void *a, const void *b)
{
	const struct snap_holder *x = a, *y = b;

	if (x->fit != y->fit)
		return x->fit > y->fit ? -1 : 1;
	if (x->buffer_bytes != y->buffer_bytes)
		return x->buffer_bytes > y->buffer_bytes ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

void holders_rank(struct snapshot *snap)
{
	size_t i;

	for (i = 0; i < snap->nr_holders; i++)
		snap->holders[i].fit = fit_of(snap, &snap->holders[i]);
	if (snap->nr_holders)
		qsort(snap->holders, snap->nr_holders, sizeof(*snap->holders), best_first);
}
