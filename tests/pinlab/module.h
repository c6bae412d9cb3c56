/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PINLAB_MODULE_H
#define PINLAB_MODULE_H

#include <linux/mm.h>
#include <linux/version.h>

#include "pinlab.h"

/*
 * v6.5 took the VMAs away (0b295316b3a9, 4c630f307455). Before, long-term pins of others' memory
 * could not drop the lock.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define pin_user_pages(start, nr, flags, pages) pin_user_pages(start, nr, flags, pages, NULL)
#define pin_user_pages_remote(mm, start, nr, flags, pages, locked) \
	pin_user_pages_remote(mm, start, nr, flags, pages, NULL, ((void)(locked), NULL))
#endif

/* What one call took, and how it ends. */
struct batch {
	struct list_head	node;
	struct page		**pages;	/* as many as were asked for */
	unsigned long		nr;		/* so many are there (for PINLAB_FOLIOS: folios) */
	bool			write;
	void			(*end)(struct batch *b);	/* NULL: nothing is left to do */
	struct mm_struct	*mm;		/* that is charged, or NULL */
	unsigned long		charged;
	bool			locked;		/* in its locked_vm, not in pinned_vm */
	struct mm_struct	*user;		/* that is kept from exiting, or NULL */
	struct page		**own;		/* the file's mmap(), or NULL */
	unsigned long		nr_own;
};

/* module.c */
int charge(struct batch *b, struct mm_struct *mm, const struct pinlab *a);
void uncharge(struct batch *b);
int settle(struct batch *b, struct pinlab *a, long got);
void drop(struct batch *b);
void touch(const struct batch *b);

/* One for each ioctl: 0 or an error. b->pages is zeroed and has room for a->pages. */
int pinlab_hold(struct batch *b, struct pinlab *a);
int pinlab_short(struct batch *b, struct pinlab *a);
int pinlab_fast(struct batch *b, struct pinlab *a);
int pinlab_remote(struct batch *b, struct pinlab *a);
int pinlab_folios(struct batch *b, struct pinlab *a);
int pinlab_range(struct batch *b, struct pinlab *a);
int pinlab_error(struct batch *b, struct pinlab *a);

int pinlab_leak(struct batch *b, struct pinlab *a);
int pinlab_leak_on_error(struct batch *b, struct pinlab *a);
int pinlab_hold_short(struct batch *b, struct pinlab *a);
int pinlab_over_unpin(struct batch *b, struct pinlab *a);
int pinlab_put_page(struct batch *b, struct pinlab *a);
int pinlab_get_unpin(struct batch *b, struct pinlab *a);
int pinlab_movable(struct batch *b, struct pinlab *a);
int pinlab_not_dirtied(struct batch *b, struct pinlab *a);
int pinlab_unaccounted(struct batch *b, struct pinlab *a);
int pinlab_failed_left(struct batch *b, struct pinlab *a);
int pinlab_partial(struct batch *b, struct pinlab *a);

static inline unsigned int foll_write(const struct pinlab *a)
{
	return a->flags & PINLAB_WRITE ? FOLL_WRITE : 0;
}

#endif
