/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the pages of one call to changes of the ledger: neighbours in a block
 * and pages of one folio are taken together.
 */
#ifndef PINSCOPE_WALK_BPF_H
#define PINSCOPE_WALK_BPF_H

#include "ledger.bpf.h"
#include "pages.bpf.h"

struct walk {
	struct pages pages;
	__u64 now;
	struct releaser by;	/* dropping */
	__u64 head;		/* first PFN of the large folio that is being counted */
	__u64 count;		/* its pins; 0: none is */
	__u64 mask;		/* small pages of the block that are being collected */
	__u64 pins;		/* in all */
	__u64 missing;
	__u32 block;
	__u32 order;
	__u32 owner;		/* adding */
};

/* Small pages that their owner has so often that each gets a number. */
__noinline int add_each(__u32 block, __u64 mask, __u32 owner, __u64 now)
{
	__u32 i;

	/* Not with bpf_loop(): no more than eight calls may be nested. */
	for (i = 0; i < LEDGER_BLOCK_PAGES; i++)
		if (mask >> i & 1)
			ledger_add(block, i, owner, 1, now);
	return 0;
}

static __noinline int flush(struct walk *w)
{
	__u64 amount = w->mask, left;
	__u32 block = w->block, place = PLACE_BITS;

	if (w->count) {
		amount = w->count;
		block = w->head >> LEDGER_BLOCK_SHIFT;
		place = (w->head & (LEDGER_BLOCK_PAGES - 1)) | w->order << PLACE_ORDER_SHIFT;
	}
	w->count = unknown_zero();
	w->mask = unknown_zero();
	if (!amount)
		return 0;
	if (w->pages.how & WALK_DROP) {
		w->missing += ledger_drop(block, place, amount, &w->by);
		return 0;
	}
	left = ledger_add(block, place, w->owner, amount, w->now);
	if (left)
		add_each(block, left, w->owner, w->now);
	return 0;
}

/* One pin of the folio that begins at @head, or of the small page @head. */
static __always_inline void note(struct walk *w, __u64 head, __u32 order)
{
	__u32 block = head >> LEDGER_BLOCK_SHIFT;
	__u64 bit = 1ULL << (head & (LEDGER_BLOCK_PAGES - 1));

	w->pins++;
	if (order) {
		if (!w->count || w->head != head)
			flush(w);
		w->head = head;
		w->order = order;
		w->count++;
		return;
	}
	if (w->count || w->block != block || w->mask & bit)
		flush(w);
	w->block = block;
	w->mask |= bit;
}

static __always_inline void note_page(struct walk *w, __u64 page)
{
	__u64 pfn = pfn_of(page), folio;

	if (pfn == zero_pfn)
		return;		/* the kernel hands it out, but pins it not */
	if (w->count && pfn >= w->head && pfn - w->head < 1ULL << (w->order & 31)) {
		w->pins++;
		w->count++;
		return;
	}
	folio = folio_at(page);
	if (folio == FOLIO_UNREADABLE)
		lose(LOST_UNREADABLE, 1);
	else
		note(w, folio >> FOLIO_PFN_SHIFT, folio & FOLIO_ORDER);
}

static long each_page(__u32 i, struct walk *w)
{
	__u64 page = page_of(&w->pages, i);

	if (page)
		note_page(w, page);
	/* All pins of a large folio at once. */
	if ((w->pages.how & WALK_FORM) == WALK_FOLIO && w->count) {
		w->count += w->pages.nr - 1;
		w->pins += w->pages.nr - 1;
		return 1;
	}
	return 0;
}

/*
 * Adds the @nr pages (or folios) of one call to @owner's; with WALK_DROP in
 * @how, takes them away from whoever has them, released @by. Returns how many
 * pins that were.
 */
__noinline __u64 walk_pages(__u64 from, __u64 nr, __u32 how, __u32 owner, struct releaser *by)
{
	struct walk w = {
		.pages = PAGES(from, nr, how), .owner = owner,
		.now = bpf_ktime_get_ns(),
	};

	if (by)
		w.by = *by;
	/* Each by itself: what the verifier takes for the same value, it keeps together. */
	w.head = unknown_zero();
	w.count = unknown_zero();
	w.mask = unknown_zero();
	w.pins = unknown_zero();
	w.missing = unknown_zero();
	w.block = unknown_zero();
	w.order = unknown_zero();
	if (nr > WALK_MOST)
		lose(LOST_UNREADABLE, nr - WALK_MOST);
	bpf_loop(w.pages.nr, each_page, &w, 0);
	flush(&w);
	if (w.missing)
		lose(LOST_UNMATCHED, w.missing);
	return w.pins;
}

#endif
