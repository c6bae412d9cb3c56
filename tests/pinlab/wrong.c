// SPDX-License-Identifier: GPL-2.0
/*
 * Each breaks one rule, and no other. None lets a count fall below what the kernel itself holds:
 * what is given back too often was taken, as plain references, before. What a batch's end() does is
 * the repair, after which the pages and the kernel's counters are as if nothing had been.
 */
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/vmstat.h>

#include "module.h"

/* A pin of a small page is so many references (mm/gup.c); a large folio has a count of its own. */
#define BIAS	GUP_PIN_COUNTING_BIAS

static void count(struct page *page, enum node_stat_item item)
{
	mod_node_page_state(page_pgdat(page), item, 1);
}

/* In one frame with the caller, so that a stack shows that first. */
static __always_inline int pin_fast(struct batch *b, struct pinlab *a, unsigned int flags)
{
	long got = pin_user_pages_fast(a->address, a->pages, flags | foll_write(a), b->pages);

	return settle(b, a, got);
}

static __always_inline int pin_long(struct batch *b, struct pinlab *a)
{
	return charge(b, current->mm, a) ?: pin_fast(b, a, FOLL_LONGTERM);
}

int pinlab_leak(struct batch *b, struct pinlab *a)
{
	return pin_long(b, a);
}

int pinlab_leak_on_error(struct batch *b, struct pinlab *a)
{
	return pin_long(b, a) ?: -EIO;
}

int pinlab_hold_short(struct batch *b, struct pinlab *a)
{
	return pin_fast(b, a, 0);
}

int pinlab_unaccounted(struct batch *b, struct pinlab *a)
{
	return pin_fast(b, a, FOLL_LONGTERM);
}

/* Released once more than acquired. The count of a large folio itself went below 0, too. */
static void acquire_again(struct batch *b)
{
	unsigned long i;

	for (i = 0; i < b->nr; i++) {
		struct folio *folio = page_folio(b->pages[i]);

		if (folio_test_large(folio))
			atomic_inc(&folio->_pincount);
		count(b->pages[i], NR_FOLL_PIN_ACQUIRED);
		folio_put(folio);
	}
}

/* References for an unpin that lacks its pin, of which some are there; and one to keep the page. */
static void lend(struct batch *b, int there)
{
	unsigned long i;

	for (i = 0; i < b->nr; i++) {
		struct folio *folio = page_folio(b->pages[i]);

		folio_ref_add(folio, 1 + (folio_test_large(folio) ? 1 : BIAS) - there);
	}
}

int pinlab_over_unpin(struct batch *b, struct pinlab *a)
{
	int err = pin_fast(b, a, 0);

	if (err)
		return err;
	lend(b, 0);
	unpin_user_pages(b->pages, b->nr);
	unpin_user_pages(b->pages, b->nr);
	b->end = acquire_again;
	a->pins = -(s64)b->nr;
	a->seen = 0;
	return 0;
}

int pinlab_get_unpin(struct batch *b, struct pinlab *a)
{
	long i, got = get_user_pages_fast(a->address, a->pages, foll_write(a), b->pages);

	if (got != a->pages) {
		for (i = 0; i < got; i++)
			put_page(b->pages[i]);
		return got < 0 ? got : -EFAULT;
	}
	b->nr = got;
	lend(b, 1);
	unpin_user_pages(b->pages, b->nr);
	b->end = acquire_again;
	a->pins = -(s64)b->nr;
	return 0;
}

/* To who looks at it later. More pins than references is what a race looks like. */
static bool counts_pins(struct folio *folio)
{
	return folio_test_large(folio) && atomic_read(&folio->_pincount) <= folio_ref_count(folio);
}

/* What is left of a pin without one reference. */
static void finish_put(struct batch *b)
{
	unsigned long i;

	for (i = 0; i < b->nr; i++) {
		struct folio *folio = page_folio(b->pages[i]);

		count(b->pages[i], NR_FOLL_PIN_RELEASED);
		if (folio_test_large(folio))
			atomic_dec(&folio->_pincount);
		else
			folio_put_refs(folio, BIAS - 1);
	}
}

/*
 * A small page that lost one of its pin's references has no whole pin any more, and is never freed.
 * A large one still counts the pin but lost what keeps it: the owner's memory has to stay instead,
 * for a plain reference would make the page look well. What was charged stays.
 */
int pinlab_put_page(struct batch *b, struct pinlab *a)
{
	int err = pin_long(b, a);
	unsigned long i;

	if (err)
		return err;
	mmget(current->mm);
	b->user = current->mm;
	a->seen = 0;
	for (i = 0; i < b->nr; i++)
		put_page(b->pages[i]);
	for (i = 0; i < b->nr; i++)
		a->seen += counts_pins(page_folio(b->pages[i]));
	b->end = finish_put;
	return 0;
}

static void dirty(struct batch *b)
{
	unsigned long i;

	for (i = 0; i < b->nr; i++) {
		set_page_dirty_lock(b->pages[i]);
		put_page(b->pages[i]);
	}
}

/* The fault has dirtied them: what is lost is only what a device writes after writeback. */
int pinlab_not_dirtied(struct batch *b, struct pinlab *a)
{
	struct address_space *mapping;
	unsigned long i;
	int err;

	b->write = true;
	err = pin_fast(b, a, FOLL_WRITE);
	if (err)
		return err;
	mapping = folio_mapping(page_folio(b->pages[0]));
	if (mapping)
		filemap_write_and_wait(mapping);
	touch(b);
	for (i = 0; i < b->nr; i++)
		get_page(b->pages[i]);
	unpin_user_pages(b->pages, b->nr);
	b->end = dirty;
	a->pins = 0;
	a->seen = 0;
	return 0;
}

/* What was pinned before the error stays, and charged. */
int pinlab_partial(struct batch *b, struct pinlab *a)
{
	int err = charge(b, current->mm, a);
	long got;

	if (err)
		return err;
	got = pin_user_pages_fast(a->address, a->pages, FOLL_LONGTERM | foll_write(a), b->pages);
	if (got <= 0)
		return settle(b, a, got);
	b->nr = got;
	b->end = drop;
	a->pins = got;
	a->seen = got;
	return got < a->pages ? -EFAULT : 0;
}
