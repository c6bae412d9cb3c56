/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Compares the ledger with struct page, and corrects it: for the pins that
 * were there before it, and after a program run was missed.
 */
#ifndef PINSCOPE_RECONCILE_BPF_H
#define PINSCOPE_RECONCILE_BPF_H

#include "folio.bpf.h"
#include "owner.bpf.h"
#include "pins.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ledger_work);
} work SEC(".maps");

static __always_inline struct ledger_work *work_of(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&work, &zero);
}

struct summing {
	__u64 sum;
	__u32 at;
	__u32 place;
	__u32 bit;
};

static long chain_sum(__u32 i, struct summing *s)
{
	struct ledger_entry *e = entry_of(s->at);
	__u32 n;

	if (!e)
		return 1;
	for (n = 0; n < LEDGER_CLAIMS; n++) {
		struct ledger_claim *c = &e->claims[n];
		__u64 pins = *(volatile __u64 *)&c->pins;

		if (c->place == s->place)
			s->sum += pins;
		else if (c->place == PLACE_BITS && s->place < LEDGER_BLOCK_PAGES)
			s->sum += pins >> (s->bit & 63) & 1;
	}
	s->at = *(volatile __u32 *)&e->next;
	return !s->at || s->at == LEDGER_CLOSED;
}

/* Pins that the ledger has of the folio at @pfn. */
static __noinline __s64 pins_in_ledger(__u64 pfn, __u32 order)
{
	struct summing s = {
		.bit = pfn & (LEDGER_BLOCK_PAGES - 1),
		.place = (pfn & (LEDGER_BLOCK_PAGES - 1)) | order << PLACE_ORDER_SHIFT,
	};
	__u32 *first = first_of(pfn >> LEDGER_BLOCK_SHIFT);

	if (!first || !*first)
		return 0;
	s.at = *first;
	bpf_loop(LEDGER_MAX_CHAIN, chain_sum, &s, 0);
	return s.sum;
}

#define MAX_PAGE_SIZEOF 128

/* Pins that struct page shows; 0 as well when it is no folio of that order any more. */
static __noinline __s64 pins_in_memory(__u64 pfn, __u32 order)
{
	__u8 page[MAX_PAGE_SIZEOF] = {};
	__u64 addr = vmemmap + pfn * PAGE_SIZEOF;
	__u32 mappings;
	__s32 pins = 0;

	if (folio_at(addr) != (pfn << FOLIO_PFN_SHIFT | order))
		return 0;
	if (!order) {
		if (bpf_probe_read_kernel(page, PAGE_SIZEOF & (MAX_PAGE_SIZEOF - 1), (void *)addr))
			return 0;
		return small_pins(page, &mappings);
	}
	bpf_probe_read_kernel(&pins, sizeof(pins),
			      (void *)(addr + bpf_core_field_offset(struct folio, _pincount)));
	return pins > 0 ? pins : 0;
}

static long check_step(__u32 i, void *unused)
{
	struct ledger_work *w = work_of();
	__s64 ledger, pinned;
	struct ledger_run *r;
	__u32 at, out;
	__u64 pfn;

	if (!w || w->run >= w->nr_runs || w->nr_diffs >= WORK_DIFFS ||
	    (!(i & 15) && bpf_ktime_get_ns() > w->deadline))
		return 1;
	at = w->run;
	if (at >= WORK_RUNS)
		return 1;
	r = &w->runs[at];
	if (w->folio >= r->folios) {
		w->run++;
		w->folio = 0;
		return 0;
	}
	pfn = r->pfn + ((__u64)w->folio << (r->order & 31));
	/*
	 * The ledger before and after: what did not change meanwhile was not
	 * recorded meanwhile. A pin that is under way makes struct page show
	 * more, never less: the caller looks again and believes the least.
	 */
	ledger = pins_in_ledger(pfn, r->order);
	pinned = pins_in_memory(pfn, r->order);
	if (ledger != pinned && ledger == pins_in_ledger(pfn, r->order)) {
		out = w->nr_diffs;
		if (out >= WORK_DIFFS)
			return 1;
		w->diffs[out].pfn = pfn;
		w->diffs[out].order = r->order;
		w->diffs[out].pinned = pinned;
		w->diffs[out].ledger = ledger;
		w->nr_diffs = out + 1;
	}
	w->checked++;
	w->folio++;
	return 0;
}

/* Goes through work.runs from where it stopped, until the time is over or work.diffs is full. */
SEC("syscall")
int ledger_check(struct ledger_check_ctx *ctx)
{
	struct ledger_work *w = work_of();
	__u64 budget = ctx->budget_ns;

	if (!w)
		return 1;
	w->deadline = bpf_ktime_get_ns() + budget;
	bpf_loop(1 << 20, check_step, NULL, 0);
	return 0;
}

static __always_inline __u64 add_uncounted(__u32 block, __u32 place, __u32 owner, __u64 amount)
{
	__u64 now = bpf_ktime_get_ns();

	owner |= OWNER_UNCOUNTED;
	/* A small page's only one stands with its neighbours', but for an owner that has it often. */
	if (place < LEDGER_BLOCK_PAGES && amount == 1 &&
	    !ledger_add(block, PLACE_BITS, owner, 1ULL << (place & 63), now))
		return 0;
	return ledger_add(block, place, owner, amount, now);
}

/*
 * Adds @amount pins of one folio; returns how many found no room. Whose there
 * is no record for, may not look as if nothing had been lost.
 */
static __always_inline __u64 add_missing(__u32 block, __u32 place, __u32 owner, __u64 amount)
{
	__u64 left = add_uncounted(block, place, owner, amount);

	if (owner == OWNER_OTHERS)
		lose(LOST_NO_OWNER, amount - left);
	return left;
}

/* Takes away pins of one folio; returns how many were not there. Of a small page it takes one. */
static __always_inline __u64 drop_surplus(__u32 block, __u32 place, __u64 amount)
{
	struct releaser nobody = { .driver = DRIVER_NONE };

	if (place < LEDGER_BLOCK_PAGES)
		return amount - 1 + ledger_drop(block, PLACE_BITS, 1ULL << (place & 63), &nobody);
	return ledger_drop(block, place, amount, &nobody);
}

static long adjust_step(__u32 i, void *unused)
{
	struct ledger_work *w = work_of();
	struct ledger_diff *d;
	__u32 place, block;
	__s64 change;

	if (!w || i >= w->nr_diffs || i >= WORK_DIFFS)
		return 1;
	d = &w->diffs[i];
	change = d->pinned - d->ledger;
	block = d->pfn >> LEDGER_BLOCK_SHIFT;
	place = (d->pfn & (LEDGER_BLOCK_PAGES - 1)) | d->order << PLACE_ORDER_SHIFT;
	if (change < 0)
		d->changed = change + (__s64)drop_surplus(block, place, -change);
	else if (change > 0)
		d->changed = change - (__s64)add_missing(block, place, d->owner, change);
	return 0;
}

/*
 * Adds pins to diffs[].owner, or takes them from whoever is likeliest to have
 * lost them; of a small page one each time that it stands there.
 */
SEC("syscall")
int ledger_adjust(void *ctx)
{
	bpf_loop(WORK_DIFFS, adjust_step, NULL, 0);
	return 0;
}

SEC("syscall")
int ledger_owner(struct ledger_owner_ctx *ctx)
{
	struct owner_key key = ctx->key;

	ctx->owner = owner_of(&key, 0, bpf_ktime_get_ns());
	return 0;
}

#endif
