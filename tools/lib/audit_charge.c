// SPDX-License-Identifier: GPL-2.0
/*
 * Long-term pins against what their process is charged for.
 *
 * Charges are read first, then what has been told until then: a call that has
 * been held for long and still is was held when the charges were read.
 */
#include <inttypes.h>
#include <string.h>

#include "audit_state.h"
#include "vec.h"

#define CHARGE_NS SECOND_NS	/* drivers may charge after they have pinned */

/* What one call holds in one place. */
struct place_held {
	struct paired_pin *pin;
	uint64_t pfn, pages;
	uint64_t least;		/* base pages that it should be charged for */
};

struct owner_charge {
	uint32_t tgid;
	uint64_t start_ns;
	struct audit_charge charge;
};

struct weighing {
	struct audit *a;
	struct paired_pin *pin;		/* whose places are being added */
	struct place_held *held;
	size_t nr, cap;
	struct owner_charge *owners;
	size_t nr_owners, cap_owners;
	bool waits;			/* there are younger ones */
};

/* --- what is held ----------------------------------------------------------------------------- */

/* Neighbouring pages, or a folio: then calls on it are found by its order. */
static bool is_folio(const struct audit *a, uint64_t pfn, uint64_t pages)
{
	return pages > 1 && !(pages & (pages - 1)) &&
	       pairs__on(a->pairs, pfn, __builtin_ctzll(pages));
}

static void add_place(uint64_t pfn, uint64_t pages, uint64_t pins, void *arg)
{
	struct weighing *w = arg;
	uint64_t least = pages;

	if (is_folio(w->a, pfn, pages) && pins < pages)
		least = pins;
	*vec_push(w->held, w->nr, w->cap) = (struct place_held){
		.pin = w->pin, .pfn = pfn, .pages = pages, .least = least,
	};
}

static bool is_weighed(const struct weighing *w, const struct paired_pin *pin)
{
	return is_longterm(w->a, &pin->ev) && !pin->exited_ns && !pin->mixed && pin->ev.owner;
}

static void add_call(struct paired_pin *pin, void *arg)
{
	struct weighing *w = arg;

	if (!is_weighed(w, pin) || since(w->a, pin->ev.time_ns) < CHARGE_NS)
		return;
	w->pin = pin;
	pairs__pages(w->a->pairs, pin, add_place, w);
}

static int by_owner(const void *x, const void *y)
{
	const struct place_held *a = x, *b = y;
	const struct trace_event *p = &a->pin->ev, *q = &b->pin->ev;

	if (p->owner != q->owner)
		return p->owner < q->owner ? -1 : 1;
	if (p->owner_start_ns != q->owner_start_ns)
		return p->owner_start_ns < q->owner_start_ns ? -1 : 1;
	return a->pfn < b->pfn ? -1 : a->pfn > b->pfn;
}

/* In base pages: the same memory once, of the calls that are not known to be charged to nobody. */
static uint64_t least_charge(struct audit *a, const struct place_held *held, size_t nr, bool capable)
{
	const struct place_held *last = NULL;
	uint64_t sum = 0, end = 0, beyond;
	size_t i;

	for (i = 0; i < nr; i++) {
		const struct place_held *h = &held[i];

		if (is_known(a, AUDIT_UNACCOUNTED, &h->pin->ev, capable))
			continue;
		if (h->pfn >= end) {
			sum += h->least;
			last = h;
		} else if (h->pfn == last->pfn && h->pages == last->pages) {
			sum += h->least > last->least ? h->least - last->least : 0;
			last = h->least > last->least ? h : last;
		} else if (h->pfn + h->pages > end) {
			beyond = h->pfn + h->pages - end;
			sum += beyond < h->least ? beyond : h->least;
			last = h;
		}
		if (h->pfn + h->pages > end)
			end = h->pfn + h->pages;
	}
	return sum;
}

/* --- what is charged -------------------------------------------------------------------------- */

static struct owner_charge *charge_of(struct weighing *w, const struct trace_event *ev)
{
	size_t i;

	for (i = 0; i < w->nr_owners; i++)
		if (w->owners[i].tgid == ev->owner && w->owners[i].start_ns == ev->owner_start_ns)
			return &w->owners[i];
	return NULL;
}

/* Of the owner of a call that has not been weighed. */
static void read_charge(struct paired_pin *pin, void *arg)
{
	struct weighing *w = arg;
	struct audit *a = w->a;
	struct owner_charge new = { .tgid = pin->ev.owner, .start_ns = pin->ev.owner_start_ns };

	if (!is_weighed(w, pin) || (pin->audit && watch_of(pin)->charged) ||
	    !a->opts.wanted(a->opts.arg, pin))
		return;
	if (since(a, pin->ev.time_ns) < CHARGE_NS) {
		w->waits = true;
		return;
	}
	if (charge_of(w, &pin->ev) ||
	    a->opts.machine->charged(a->opts.arg, &pin->ev, &new.charge))
		return;
	*vec_push(w->owners, w->nr_owners, w->cap_owners) = new;
}

/* --- one against the other -------------------------------------------------------------------- */

static void report_excess(struct audit *a, const struct place_held *held, size_t nr,
			  const struct audit_charge *charge, uint64_t pages, uint64_t allowed)
{
	uint64_t excess = pages - allowed / a->opts.page_size;
	struct paired_pin *newest = NULL;
	char what[AUDIT_TEXT];
	size_t i;

	for (i = 0; i < nr; i++)
		if ((!newest || held[i].pin->nr > newest->nr) &&
		    a->opts.wanted(a->opts.arg, held[i].pin) &&
		    !is_known(a, AUDIT_UNACCOUNTED, &held[i].pin->ev, charge->capable))
			newest = held[i].pin;
	if (!newest)
		return;
	snprintf(what, sizeof(what), "%" PRIu64 " pages are pinned long-term by the process, but "
		 "only %" PRIu64 " charged to it or its user", pages,
		 charge->process / a->opts.page_size);
	found_held(a, AUDIT_UNACCOUNTED, newest, excess, what);
}

/* The places of one owner; all others together hold @others pages. */
static void weigh(struct weighing *w, const struct place_held *held, size_t nr, uint64_t others)
{
	const struct owner_charge *owner = charge_of(w, &held->pin->ev);
	struct audit *a = w->a;
	uint64_t pages, allowed;
	size_t i;

	if (!owner)
		return;
	for (i = 0; i < nr; i++)
		watch_of(held[i].pin)->charged = true;
	pages = least_charge(a, held, nr, owner->charge.capable);
	allowed = owner->charge.process;
	/* Some drivers charge who made the file, which another process may have passed on. */
	if (owner->charge.others > others * a->opts.page_size)
		allowed += owner->charge.others - others * a->opts.page_size;
	if (pages * a->opts.page_size > allowed)
		report_excess(a, held, nr, &owner->charge, pages, allowed);
}

static bool is_same_owner(const struct place_held *x, const struct place_held *y)
{
	return x->pin->ev.owner == y->pin->ev.owner &&
	       x->pin->ev.owner_start_ns == y->pin->ev.owner_start_ns;
}

static void weigh_all(struct weighing *w)
{
	uint64_t all = 0, own;
	size_t i, n;

	pairs__each(w->a->pairs, add_call, w);
	if (!w->nr)
		return;
	qsort(w->held, w->nr, sizeof(*w->held), by_owner);
	for (i = 0; i < w->nr; i++)
		all += w->held[i].least;
	for (i = 0; i < w->nr; i += n) {
		for (n = own = 0; i + n < w->nr && is_same_owner(&w->held[i], &w->held[i + n]); n++)
			own += w->held[i + n].least;
		weigh(w, &w->held[i], n, all - own);
	}
}

void look_at_charges(struct audit *a)
{
	struct weighing w = { .a = a };

	if (!a->uncharged)
		return;
	a->uncharged = false;
	pairs__each(a->pairs, read_charge, &w);
	if (w.nr_owners) {
		a->opts.machine->catch_up(a->opts.arg);
		weigh_all(&w);
	}
	a->uncharged |= w.waits;
	free(w.held);
	free(w.owners);
}
