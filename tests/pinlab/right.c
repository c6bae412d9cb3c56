// SPDX-License-Identifier: GPL-2.0
/* Pins as Documentation/core-api/pin_user_pages.rst has them. */
#include <linux/file.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>

#include "module.h"

int pinlab_hold(struct batch *b, struct pinlab *a)
{
	int err = charge(b, current->mm, a);
	long got;

	if (err)
		return err;
	mmap_read_lock(current->mm);
	got = pin_user_pages(a->address, a->pages, FOLL_LONGTERM | foll_write(a), b->pages);
	mmap_read_unlock(current->mm);
	return settle(b, a, got);
}

int pinlab_short(struct batch *b, struct pinlab *a)
{
	long got = pin_user_pages_unlocked(a->address, a->pages, b->pages, foll_write(a));
	int err = settle(b, a, got);

	if (err)
		return err;
	touch(b);
	drop(b);
	b->end = NULL;
	a->pins = 0;
	a->seen = 0;
	return 0;
}

int pinlab_fast(struct batch *b, struct pinlab *a)
{
	int err = charge(b, current->mm, a);
	long got;

	if (err)
		return err;
	got = pin_user_pages_fast(a->address, a->pages, FOLL_LONGTERM | foll_write(a), b->pages);
	return settle(b, a, got);
}

static struct mm_struct *mm_of(pid_t pid)
{
	struct pid *ref = find_get_pid(pid);
	struct task_struct *task = get_pid_task(ref, PIDTYPE_PID);
	struct mm_struct *mm = NULL;

	put_pid(ref);
	if (task) {
		mm = get_task_mm(task);
		put_task_struct(task);
	}
	return mm;
}

static int pin_of(struct mm_struct *mm, struct batch *b, struct pinlab *a)
{
	int err = charge(b, mm, a), locked = 1;
	long got;

	if (err)
		return err;
	mmap_read_lock(mm);
	got = pin_user_pages_remote(mm, a->address, a->pages, FOLL_LONGTERM | foll_write(a),
				    b->pages, &locked);
	if (locked)
		mmap_read_unlock(mm);
	return settle(b, a, got);
}

int pinlab_remote(struct batch *b, struct pinlab *a)
{
	struct mm_struct *mm = mm_of(a->target);
	int err;

	if (!mm)
		return -ESRCH;
	err = pin_of(mm, b, a);
	mmput(mm);
	return err;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0) /* 89c1905d9c14 */
static void drop_folios(struct batch *b)
{
	unpin_folios((struct folio **)b->pages, b->nr);
}

/* Counts folios, each of which gets one pin. */
static int pin_file(struct file *memfd, struct batch *b, struct pinlab *a)
{
	int err = charge(b, current->mm, a);
	pgoff_t offset;
	long got;

	if (err)
		return err;
	got = memfd_pin_folios(memfd, a->address, a->address + a->pages * PAGE_SIZE - 1,
			       (struct folio **)b->pages, a->pages, &offset);
	if (got <= 0) {
		uncharge(b);
		return got ?: -EFAULT;
	}
	b->nr = got;
	b->end = drop_folios;
	a->pins = got;
	a->seen = got;
	return 0;
}

int pinlab_folios(struct batch *b, struct pinlab *a)
{
	struct file *memfd = fget(a->target);
	int err;

	if (!memfd)
		return -EBADF;
	err = pin_file(memfd, b, a);
	fput(memfd);
	return err;
}
#else
int pinlab_folios(struct batch *b, struct pinlab *a)
{
	return -EOPNOTSUPP;
}
#endif

/* What lies side by side goes back at once. */
static void drop_ranges(struct batch *b)
{
	unsigned long i, n;

	for (i = 0; i < b->nr; i += n) {
		unsigned long pfn = page_to_pfn(b->pages[i]);

		for (n = 1; i + n < b->nr && page_to_pfn(b->pages[i + n]) == pfn + n; n++)
			;
		unpin_user_page_range_dirty_lock(b->pages[i], n, b->write);
	}
}

int pinlab_range(struct batch *b, struct pinlab *a)
{
	int err = charge(b, current->mm, a);
	long got;

	if (err)
		return err;
	got = pin_user_pages_fast(a->address, a->pages, FOLL_LONGTERM | foll_write(a), b->pages);
	err = settle(b, a, got);
	if (!err)
		b->end = drop_ranges;
	return err;
}

/* Something else goes wrong once all is pinned. */
int pinlab_error(struct batch *b, struct pinlab *a)
{
	int err = pinlab_fast(b, a);

	if (err)
		return err;
	drop(b);
	uncharge(b);
	b->end = NULL;
	a->pins = 0;
	a->seen = 0;
	return -EIO;
}
