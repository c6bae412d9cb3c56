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
	union {
		struct {	/* adding */
			__u64 now;
			__u32 owner;
		};
		struct releaser by;	/* dropping */
	};
	__u64 head;		/* first PFN of the large folio that is being counted */
	__u64 count;		/* its pins; 0: none is */
	__u64 mask;		/* small pages of the block that are being collected */
	__u64 pins;		/* in all */
	__u64 missing;
	__u32 block;
	__u32 order;
};

/* Small pages that their owner has so often that each gets a number. */
static __always_inline void add_each(__u32 block, __u64 mask, __u32 owner, __u64 now)
{
	__u32 i;

	/* Not with bpf_loop(): no more than eight calls may be nested. */
	for (i = 0; i < LEDGER_BLOCK_PAGES; i++)
		if (mask >> i & 1)
			ledger_add(block, i, owner, 1, now);
}

/* What has been collected, as ledger_add() and ledger_drop() want it. */
struct collected {
	__u64 amount;		/* 0: nothing */
	__u32 block, place;
};

static __always_inline struct collected collect(struct walk *w)
{
	struct collected c = { .amount = w->mask, .block = w->block, .place = PLACE_BITS };

	if (w->count) {
		c.amount = w->count;
		c.block = w->head >> LEDGER_BLOCK_SHIFT;
		c.place = (w->head & (LEDGER_BLOCK_PAGES - 1)) | w->order << PLACE_ORDER_SHIFT;
	}
	w->count = unknown_zero();
	w->mask = unknown_zero();
	return c;
}

/* These two are global, not static, so that they are verified once and not from each place. */
__noinline int flush_add(struct walk *w)
{
	struct collected c;
	__u64 left;

	if (!w)
		return 0;
	c = collect(w);
	left = c.amount ? ledger_add(c.block, c.place, w->owner, c.amount, w->now) : 0;
	if (left)
		add_each(c.block, left, w->owner, w->now);
	return 0;
}

__noinline int flush_drop(struct walk *w)
{
	struct releaser by;
	struct collected c;

	if (!w)
		return 0;
	c = collect(w);
	by = w->by;
	if (c.amount)
		w->missing += ledger_drop(c.block, c.place, c.amount, &by);
	w->by = by;
	return 0;
}

static __always_inline void flush(struct walk *w, bool drop)
{
	if (drop)
		flush_drop(w);
	else
		flush_add(w);
}

/* One pin of the folio that begins at @head, or of the small page @head. */
static __always_inline void note(struct walk *w, __u64 head, __u32 order, bool drop)
{
	__u32 block = head >> LEDGER_BLOCK_SHIFT;
	__u64 bit = 1ULL << (head & (LEDGER_BLOCK_PAGES - 1));

	w->pins++;
	if (order) {
		if (!w->count || w->head != head)
			flush(w, drop);
		w->head = head;
		w->order = order;
		w->count++;
		return;
	}
	if (w->count || w->block != block || w->mask & bit)
		flush(w, drop);
	w->block = block;
	w->mask |= bit;
}

static __always_inline void note_page(struct walk *w, __u64 page, bool drop)
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
		note(w, folio >> FOLIO_PFN_SHIFT, folio & FOLIO_ORDER, drop);
}

static __always_inline long each_page(__u32 i, struct walk *w, bool drop)
{
	__u64 page = page_of(&w->pages, i);

	if (page)
		note_page(w, page, drop);
	/* All pins of a large folio at once. */
	if ((w->pages.how & WALK_FORM) == WALK_FOLIO && w->count) {
		w->count += w->pages.nr - 1;
		w->pins += w->pages.nr - 1;
		return 1;
	}
	return 0;
}

static long each_added(__u32 i, struct walk *w)
{
	return each_page(i, w, false);
}

static long each_dropped(__u32 i, struct walk *w)
{
	return each_page(i, w, true);
}

/* Each by itself: what the verifier takes for the same value, it keeps together. */
static __always_inline void begin_walk(struct walk *w)
{
	w->head = unknown_zero();
	w->count = unknown_zero();
	w->mask = unknown_zero();
	w->pins = unknown_zero();
	w->missing = unknown_zero();
	w->block = unknown_zero();
	w->order = unknown_zero();
}

/*
 * Adds the @nr pages (or folios) of one call to @owner's; returns how many pins
 * that were. Apart from walk_drop(), so that no program is to be verified with
 * both ledger_add() and ledger_drop() in it.
 */
__noinline __u64 walk_add(__u64 from, __u64 nr, __u32 how, __u32 owner)
{
	struct walk w = { .pages = PAGES(from, nr, how) };

	w.owner = owner;
	w.now = bpf_ktime_get_ns();
	begin_walk(&w);
	if (nr > WALK_MOST)
		lose(LOST_UNREADABLE, nr - WALK_MOST);
	bpf_loop(w.pages.nr, each_added, &w, 0);
	flush_add(&w);
	return w.pins;
}

/* Takes the @nr pages (or folios) of one call, released @by, away from whoever has them. */
__noinline __u64 walk_drop(__u64 from, __u64 nr, __u32 how, struct releaser *by)
{
	struct walk w = { .pages = PAGES(from, nr, how) };

	if (!by)
		return 0;
	w.by = *by;
	begin_walk(&w);
	if (nr > WALK_MOST)
		lose(LOST_UNREADABLE, nr - WALK_MOST);
	bpf_loop(w.pages.nr, each_dropped, &w, 0);
	flush_drop(&w);
	if (w.missing)
		lose(LOST_UNMATCHED, w.missing);
	return w.pins;
}

#endif
