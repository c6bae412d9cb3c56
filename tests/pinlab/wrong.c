// SPDX-License-Identifier: GPL-2.0
/*
 * Each breaks one rule, and no other. None lets a count fall below what the kernel itself holds: what
 * is given back too often was taken, as plain references, before. What a batch's end() does is the
 * repair, after which the pages and the kernel's counters are as if nothing had been.
 */
#include <linux/kprobes.h>
#include <linux/mutex.h>
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

/* As pinlab_fast(), in one frame with the caller: a stack shows the caller first. */
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

/* Counted as released, once more than acquired. Of a large folio its own count went below 0, too. */
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
	for (i = 0; i < b->nr; i++) {
		a->seen += folio_test_large(page_folio(b->pages[i]));
		put_page(b->pages[i]);
	}
	b->end = finish_put;
	return 0;
}

/*
 * A long-term pin leaves ZONE_MOVABLE by migration. Pages that are on no LRU cannot be migrated, and
 * count as done (mm/gup.c, collect_longterm_unpinnable_folios()): such are those of this module's
 * mmap().
 */
int pinlab_movable(struct batch *b, struct pinlab *a)
{
	int err = pin_long(b, a);
	unsigned long i;

	if (err)
		return err;
	for (i = 0; i < b->nr; i++)
		if (page_zonenum(b->pages[i]) != ZONE_MOVABLE)
			break;
	if (i == b->nr)
		return 0;
	drop(b);
	uncharge(b);
	b->end = NULL;
	a->pins = 0;
	a->seen = 0;
	return -EOPNOTSUPP;
}

static void dirty(struct batch *b)
{
	unsigned long i;

	for (i = 0; i < b->nr; i++) {
		set_page_dirty_lock(b->pages[i]);
		put_page(b->pages[i]);
	}
}

/* The fault has dirtied them: only when writeback comes before the device writes something is lost. */
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

/* The task whose pin call fails although it has pinned: one at a time. */
static DEFINE_MUTEX(failing);
static struct task_struct *victim;

static int fail_after_all(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	if (READ_ONCE(victim) == current && (long)regs_return_value(regs) > 0)
		regs_set_return_value(regs, -ENOMEM);
	return 0;
}

/* The function within pin_user_pages() that makes its result: probes of the outer one see the error. */
static int pin_and_fail(struct batch *b, struct pinlab *a, long *got)
{
	struct kretprobe probe = {
		.kp.symbol_name = "__gup_longterm_locked",
		.handler = fail_after_all,
	};
	int err = register_kretprobe(&probe);

	if (err)
		return err;
	WRITE_ONCE(victim, current);
	mmap_read_lock(current->mm);
	*got = pin_user_pages(a->address, a->pages, FOLL_LONGTERM | foll_write(a), b->pages);
	mmap_read_unlock(current->mm);
	WRITE_ONCE(victim, NULL);
	unregister_kretprobe(&probe);
	return 0;
}

int pinlab_failed_left(struct batch *b, struct pinlab *a)
{
	int err = charge(b, current->mm, a);
	long got;

	if (err)
		return err;
	mutex_lock(&failing);
	err = pin_and_fail(b, a, &got);
	mutex_unlock(&failing);
	if (err) {
		uncharge(b);
		return -EOPNOTSUPP;
	}
	/* They are there, whatever was said. */
	if (got == -ENOMEM && b->pages[a->pages - 1])
		return settle(b, a, a->pages) ?: got;
	return settle(b, a, got) ?: -EOPNOTSUPP;
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
