/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the pages of one call to changes of the ledger: neighbours in a block
 * and pages of one folio are taken together.
 */
#ifndef PINSCOPE_WALK_BPF_H
#define PINSCOPE_WALK_BPF_H

#include "folio.bpf.h"
#include "ledger.bpf.h"

/* What the pages of a call are given as. */
enum walk_form {
	WALK_PAGES,	/* an array of struct page pointers; NULL entries are none */
	WALK_FOLIOS,	/* an array of struct folio pointers, one pin each */
	WALK_RANGE,	/* neighbouring struct pages */
	WALK_FOLIO,	/* one folio, that many pins */
	WALK_FORM = 7,
	WALK_DROP = 8,	/* or-ed in: take away, instead of add */
};

#define WALK_CHUNK 8		/* pointers read at once: v6.1 wants the stack of all calls in 512 bytes */
#define WALK_MOST (1U << 23)	/* bpf_loop() takes no more; the kernel's own limit is far below */

struct walk {
	__u64 from, nr;
	__u64 now;
	__u64 start_ns;		/* of the releasing process */
	__u64 head;		/* first PFN of the large folio that is being counted */
	__u64 count;		/* its pins; 0: none is */
	__u64 mask;		/* small pages of the block that are being collected */
	__u64 pins;		/* in all */
	__u64 missing;
	__u32 block;
	__u32 order;
	__u32 owner;		/* dropping: tgid of the releasing process */
	__u32 how;
	__u64 chunk[WALK_CHUNK];
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
	if (w->how & WALK_DROP) {
		w->missing += ledger_drop(block, place, amount, w->owner, w->start_ns);
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

/* Address of the call's struct page @i; 0: none, or the array is not readable. */
static __always_inline __u64 page_of(struct walk *w, __u32 i)
{
	__u64 left = w->nr - i;
	__u32 form = w->how & WALK_FORM;

	if (form == WALK_FOLIO)
		return w->from;
	if (form == WALK_RANGE)
		return w->from + i * (__u64)PAGE_SIZEOF;
	if (!(i & (WALK_CHUNK - 1))) {
		if (left > WALK_CHUNK)
			left = WALK_CHUNK;
		if (bpf_probe_read_kernel(w->chunk, left * 8, (void *)(w->from + i * 8ULL))) {
			__builtin_memset(w->chunk, 0, sizeof(w->chunk));
			lose(LOST_UNREADABLE, left);
		}
	}
	return w->chunk[i & (WALK_CHUNK - 1)];
}

static long each_page(__u32 i, struct walk *w)
{
	__u64 page = page_of(w, i);

	if (page)
		note_page(w, page);
	/* All pins of a large folio at once. */
	if ((w->how & WALK_FORM) == WALK_FOLIO && w->count) {
		w->count += w->nr - 1;
		w->pins += w->nr - 1;
		return 1;
	}
	return 0;
}

/*
 * Adds the @nr pages (or folios) of one call to @owner's; with WALK_DROP in
 * @how, takes them away from whoever has them, the process (@owner: its tgid,
 * @start_ns) first. Returns how many pins that were.
 */
__noinline __u64 walk_pages(__u64 from, __u64 nr, __u32 how, __u32 owner, __u64 start_ns)
{
	struct walk w = {
		.from = from, .nr = nr < WALK_MOST ? nr : WALK_MOST, .how = how, .owner = owner,
		.start_ns = start_ns, .now = bpf_ktime_get_ns(),
	};

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
	bpf_loop(w.nr, each_page, &w, 0);
	flush(&w);
	if (w.missing)
		lose(LOST_UNMATCHED, w.missing);
	return w.pins;
}

#endif
