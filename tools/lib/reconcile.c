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
/*
 * While a pin call is under way, which may take long, struct page shows what it
 * has pinned so far: looked at so often for its end.
 */
#define MOST_LOOKS 256
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

/* May some of these be pins of a call that has not ended yet? */
static bool may_be_under_way(const struct ledger *l, const struct diffs *diffs)
{
	size_t i;

	if (!ledger__calls_under_way(l))
		return false;
	for (i = 0; i < diffs->nr; i++)
		if (difference(&diffs->d[i]) > 0)
			return true;
	return false;
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

	for (look = 0; diffs->nr && !err && look < MOST_LOOKS; look++) {
		if (look >= LOOKS && !may_be_under_way(l, diffs))
			break;
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

/*
 * What ledger_adjust is to do for @d: a small page that has too many pins stands
 * there once for each, since each may be another owner's.
 */
static void add_work(struct diffs *todo, const struct ledger_diff *d)
{
	struct ledger_diff one = *d;
	int64_t n;

	if (d->order || difference(d) >= -1) {
		*vec_push(todo->d, todo->nr, todo->cap) = *d;
		return;
	}
	one.pinned = d->ledger - 1;
	for (n = difference(d); n < 0; n++)
		*vec_push(todo->d, todo->nr, todo->cap) = one;
}

static int adjust_some(struct ledger *l, const struct ledger_diff *todo, size_t nr,
		       struct reconciled *res, struct fail *fail)
{
	struct ledger_work *w = ledger__work(l);
	size_t i;
	int err;

	w->nr_diffs = nr;
	memcpy(w->diffs, todo, nr * sizeof(*todo));
	err = ledger__run_adjust(l);
	if (err)
		return fail_set(fail, EXIT_ATTACH, "cannot correct the ledger: %s", strerror(-err));
	for (i = 0; i < nr; i++) {
		int64_t wanted = difference(&w->diffs[i]), changed = w->diffs[i].changed;

		if (changed < 0)
			res->removed += -changed;
		else
			res->added += changed;
		if (wanted > changed)
			res->no_room += wanted - changed;
	}
	return 0;
}

/* Pins that find no room now are in res->no_room. */
static int adjust(struct ledger *l, const struct diffs *diffs, const struct snapshot *snap,
		  enum owner_flags why, struct reconciled *res, struct fail *fail)
{
	struct diffs todo = {};
	size_t at, i;
	int err = 0;

	res->no_room = 0;
	for (i = 0; i < diffs->nr; i++) {
		struct ledger_diff d = diffs->d[i];

		d.changed = 0;
		if (difference(&d) > 0)
			d.owner = owner_at(l, snap, d.pfn, why);
		if (difference(&d) > 0 && !d.owner)
			err = fail_set(fail, EXIT_ATTACH, "cannot add to the ledger");
		add_work(&todo, &d);
	}
	for (at = 0; at < todo.nr && !err; at += WORK_DIFFS)
		err = adjust_some(l, todo.d + at,
				  todo.nr - at < WORK_DIFFS ? todo.nr - at : WORK_DIFFS, res, fail);
	free(todo.d);
	return err;
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
	struct diffs diffs = {};
	int err = 0;

	*res = (struct reconciled){};
	/* Once more after one for which there was no room, and no further: nothing would change. */
	while (!err && !res->settled && res->rounds < MAX_ROUNDS) {
		bool full = res->no_room;

		res->rounds++;
		diffs.nr = 0;
		err = find(l, scanner, ranges, &diffs, fail) || confirm(l, &diffs, fail);
		if (err)
			break;
		res->settled = !diffs.nr;
		res->folios += diffs.nr;
		err = adjust(l, &diffs, snap, why, res, fail);
		if (full && res->no_room)
			res->settled = true;
	}
	if (!err && res->settled)
		ledger__rebase(l, (int64_t)res->no_room);
	free(diffs.d);
	ledger__set_peak(l);
	return err ? -1 : 0;
}
