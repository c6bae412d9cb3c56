// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "reconcile.h"
#include "vec.h"

/*
 * How often a difference is looked at again, and how long apart. Between a
 * page's pin and its record, and between a release's record and the release,
 * lie microseconds, in which struct page shows more pins than the ledger.
 */
#define LOOKS 16
#define LOOK_APART_NS 1000000
#define MAX_ROUNDS 8

struct diffs {
	struct ledger_diff *d;
	size_t nr, cap;
};

struct runs {
	struct ledger_run *r;
	size_t nr, cap;
};

static void add_run(struct runs *runs, uint64_t pfn, uint32_t folios, uint32_t order)
{
	struct ledger_run *last = runs->nr ? &runs->r[runs->nr - 1] : NULL;

	if (last && last->order == order &&
	    last->pfn + ((uint64_t)last->folios << order) == pfn &&
	    last->folios <= UINT32_MAX - folios)
		last->folios += folios;
	else
		*vec_push(runs->r, runs->nr, runs->cap) =
			(struct ledger_run){ .pfn = pfn, .folios = folios, .order = order };
}

static void add_of_ledger(const struct ledger_pin *pin, void *runs)
{
	add_run(runs, pin->pfn, pin->folios, pin->order);
}

static int by_place(const void *a, const void *b)
{
	const struct ledger_diff *x = a, *y = b;

	if (x->pfn != y->pfn)
		return x->pfn < y->pfn ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Each folio once, in order. */
static void sort_unique(struct diffs *diffs)
{
	size_t i, n = 0;

	if (!diffs->nr)
		return;
	qsort(diffs->d, diffs->nr, sizeof(*diffs->d), by_place);
	for (i = 1; i < diffs->nr; i++)
		if (by_place(&diffs->d[n], &diffs->d[i]))
			diffs->d[++n] = diffs->d[i];
	diffs->nr = n + 1;
}

static int check(struct ledger *l, const struct runs *runs, struct diffs *out, struct fail *fail)
{
	struct ledger_work *w = ledger__work(l);
	size_t at, i;
	int err;

	for (at = 0; at < runs->nr; at += w->nr_runs) {
		w->nr_runs = runs->nr - at < WORK_RUNS ? runs->nr - at : WORK_RUNS;
		memcpy(w->runs, runs->r + at, w->nr_runs * sizeof(*w->runs));
		w->run = w->folio = 0;
		while (w->run < w->nr_runs) {
			w->nr_diffs = 0;
			err = ledger__run_check(l);
			if (err)
				return fail_set(fail, EXIT_ATTACH,
						"cannot compare the ledger with memory: %s",
						strerror(-err));
			for (i = 0; i < w->nr_diffs; i++)
				*vec_push(out->d, out->nr, out->cap) = w->diffs[i];
		}
	}
	return 0;
}

static int64_t difference(const struct ledger_diff *d)
{
	return d->pinned - d->ledger;
}

/*
 * Looks again and again at the folios of @diffs, keeps the least that was seen
 * of each, and drops those that agreed once.
 */
static int confirm(struct ledger *l, struct diffs *diffs, struct fail *fail)
{
	const struct timespec apart = { .tv_nsec = LOOK_APART_NS };
	struct runs runs = {};
	struct diffs again = {};
	size_t i, k, n;
	int look, err = 0;

	for (look = 0; look < LOOKS && diffs->nr && !err; look++) {
		nanosleep(&apart, NULL);
		runs.nr = again.nr = 0;
		for (i = 0; i < diffs->nr; i++)
			add_run(&runs, diffs->d[i].pfn, 1, diffs->d[i].order);
		err = check(l, &runs, &again, fail);
		for (i = k = n = 0; i < diffs->nr; i++) {
			struct ledger_diff d = diffs->d[i];

			while (k < again.nr && by_place(&again.d[k], &d) < 0)
				k++;
			if (k == again.nr || by_place(&again.d[k], &d))
				continue;
			if (difference(&again.d[k]) < difference(&d))
				d = again.d[k];
			diffs->d[n++] = d;
		}
		diffs->nr = n;
	}
	free(runs.r);
	free(again.d);
	return err;
}

/* The record that pins at @pfn become: of the process that maps them, if that is known. */
static uint32_t owner_at(struct ledger *l, const struct snapshot *snap, uint64_t pfn,
			 enum owner_flags why)
{
	struct owner_key key = { .flags = why };
	const char *comm = "";
	size_t low = 0, high = snap ? snap->nr_runs : 0;

	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct pin_run *run = &snap->runs[mid];
		uint32_t proc;

		if (pfn < run->pfn) {
			high = mid;
		} else if (pfn >= run->pfn + pin_run_pages(run)) {
			low = mid + 1;
		} else {
			proc = snap->owner[snap->first[mid] + ((pfn - run->pfn) >> run->order)];
			if (proc < snap->nr_procs) {
				key.tgid = snap->procs[proc].pid;
				key.start_ns = snap->procs[proc].start_ns;
				comm = snap->procs[proc].comm;
			}
			break;
		}
	}
	return ledger__make_owner(l, &key, comm);
}

/* What the ledger has no room for even now. */
static int64_t not_placed(const struct diffs *diffs)
{
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < diffs->nr; i++)
		if (difference(&diffs->d[i]) > 0)
			sum += difference(&diffs->d[i]);
	return sum;
}

static int adjust(struct ledger *l, const struct diffs *diffs, const struct snapshot *snap,
		  enum owner_flags why, struct reconciled *res, struct fail *fail)
{
	struct ledger_work *w = ledger__work(l);
	size_t at, i;
	int err;

	for (at = 0; at < diffs->nr; at += w->nr_diffs) {
		w->nr_diffs = diffs->nr - at < WORK_DIFFS ? diffs->nr - at : WORK_DIFFS;
		memcpy(w->diffs, diffs->d + at, w->nr_diffs * sizeof(*w->diffs));
		for (i = 0; i < w->nr_diffs; i++) {
			int64_t d = difference(&w->diffs[i]);

			if (d < 0) {
				res->removed += -d;
				continue;
			}
			res->added += d;
			w->diffs[i].owner = owner_at(l, snap, w->diffs[i].pfn, why);
			if (!w->diffs[i].owner)
				return fail_set(fail, EXIT_ATTACH, "cannot add to the ledger");
		}
		err = ledger__run_adjust(l);
		if (err)
			return fail_set(fail, EXIT_ATTACH, "cannot correct the ledger: %s",
					strerror(-err));
	}
	return 0;
}

/* Folios that both have, and those that only one has. */
static int find(struct ledger *l, struct scanner *scanner, const struct pfn_ranges *ranges,
		struct diffs *diffs, struct fail *fail)
{
	struct scan_result scan = {};
	struct runs runs = {};
	size_t i;
	int err = scanner__run(scanner, ranges, false, &scan, fail);

	if (err)
		return err;
	for (i = 0; i < scan.nr; i++)
		if (scan.runs[i].kind != PIN_BIAS)
			add_run(&runs, scan.runs[i].pfn, scan.runs[i].folios, scan.runs[i].order);
	scan_result_free(&scan);
	ledger__each(l, add_of_ledger, &runs);
	err = check(l, &runs, diffs, fail);
	free(runs.r);
	sort_unique(diffs);
	return err;
}

int reconcile(struct ledger *l, struct scanner *scanner, const struct pfn_ranges *ranges,
	      const struct snapshot *snap, enum owner_flags why, struct reconciled *res,
	      struct fail *fail)
{
	const struct ledger_totals *totals = ledger__totals(l);
	struct diffs diffs = {};
	bool full = false;
	int err = 0;

	*res = (struct reconciled){};
	while (!err && !res->settled && res->rounds < MAX_ROUNDS) {
		uint64_t no_room = totals->lost[LOST_NO_ENTRY] + totals->lost[LOST_TOO_MANY] +
				   totals->lost[LOST_BEYOND];

		res->rounds++;
		diffs.nr = 0;
		err = find(l, scanner, ranges, &diffs, fail) || confirm(l, &diffs, fail);
		if (err)
			break;
		res->settled = !diffs.nr;
		res->folios += diffs.nr;
		if (full)
			break;
		err = adjust(l, &diffs, snap, why, res, fail);
		full = no_room != totals->lost[LOST_NO_ENTRY] + totals->lost[LOST_TOO_MANY] +
				  totals->lost[LOST_BEYOND];
	}
	if (!err && (res->settled || full))
		ledger__rebase(l, not_placed(&diffs));
	free(diffs.d);
	ledger__set_peak(l);
	return err ? -1 : 0;
}
