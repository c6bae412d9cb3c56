// SPDX-License-Identifier: GPL-2.0
/* The device: its ioctls, what they leave to be ended, and memory of ZONE_MOVABLE. */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "module.h"

#define MAX_PAGES	(1UL << 20)

/* What is held by a file, or, wrongly, by nothing. */
struct holder {
	struct mutex		lock;
	struct list_head	batches;
	struct page		**own;		/* of its mmap() */
	unsigned long		nr_own;
};

static struct holder nobody = {
	.lock = __MUTEX_INITIALIZER(nobody.lock),
	.batches = LIST_HEAD_INIT(nobody.batches),
};

static const struct call {
	unsigned int	cmd;
	int		(*run)(struct batch *b, struct pinlab *a);
	bool		left;	/* what it leaves only a repair ends */
} calls[] = {
	{ PINLAB_HOLD, pinlab_hold },
	{ PINLAB_SHORT, pinlab_short },
	{ PINLAB_FAST, pinlab_fast },
	{ PINLAB_REMOTE, pinlab_remote },
	{ PINLAB_FOLIOS, pinlab_folios },
	{ PINLAB_RANGE, pinlab_range },
	{ PINLAB_ERROR, pinlab_error },
	{ PINLAB_LEAK, pinlab_leak, true },
	{ PINLAB_LEAK_ON_ERROR, pinlab_leak_on_error, true },
	{ PINLAB_HOLD_SHORT, pinlab_hold_short },
	{ PINLAB_OVER_UNPIN, pinlab_over_unpin, true },
	{ PINLAB_PUT_PAGE, pinlab_put_page, true },
	{ PINLAB_GET_UNPIN, pinlab_get_unpin, true },
	{ PINLAB_MOVABLE, pinlab_movable },
	{ PINLAB_NOT_DIRTIED, pinlab_not_dirtied, true },
	{ PINLAB_UNACCOUNTED, pinlab_unaccounted },
	{ PINLAB_FAILED_LEFT, pinlab_failed_left, true },
	{ PINLAB_PARTIAL, pinlab_partial, true },
};

/* Before pinning, within RLIMIT_MEMLOCK: as RDMA (pinned_vm) or VFIO (locked_vm) do. */
int charge(struct batch *b, struct mm_struct *mm, const struct pinlab *a)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	int err;

	b->locked = a->flags & PINLAB_LOCKED;
	if (b->locked) {
		err = account_locked_vm(mm, a->pages, true);
		if (err)
			return err;
	} else if (atomic64_add_return(a->pages, &mm->pinned_vm) > limit &&
		   !capable(CAP_IPC_LOCK)) {
		atomic64_sub(a->pages, &mm->pinned_vm);
		return -ENOMEM;
	}
	mmgrab(mm);
	b->mm = mm;
	b->charged = a->pages;
	return 0;
}

void uncharge(struct batch *b)
{
	if (!b->mm)
		return;
	if (b->locked)
		account_locked_vm(b->mm, b->charged, false);
	else
		atomic64_sub(b->charged, &b->mm->pinned_vm);
	mmdrop(b->mm);
	b->mm = NULL;
}

/* Gives back pins as one should. */
void drop(struct batch *b)
{
	unpin_user_pages_dirty_lock(b->pages, b->nr, b->write);
}

/* After a pin call that gave so many: all of them are held from now on, or none. */
int settle(struct batch *b, struct pinlab *a, long got)
{
	if (got == a->pages) {
		b->nr = got;
		b->end = drop;
		a->pins = got;
		a->seen = got;
		return 0;
	}
	if (got > 0)
		unpin_user_pages(b->pages, got);
	uncharge(b);
	return got < 0 ? got : -EFAULT;
}

/* What a device would do with them. */
void touch(const struct batch *b)
{
	unsigned long i;

	for (i = 0; i < b->nr; i++) {
		char *p = kmap_local_page(b->pages[i]);

		if (b->write)
			WRITE_ONCE(*p, READ_ONCE(*p) + 1);
		else
			READ_ONCE(*p);
		kunmap_local(p);
	}
}

static struct batch *new_batch(const struct pinlab *a)
{
	struct batch *b = kzalloc(sizeof(*b), GFP_KERNEL);

	if (!b)
		return NULL;
	b->pages = kvcalloc(a->pages, sizeof(*b->pages), GFP_KERNEL);
	if (!b->pages) {
		kfree(b);
		return NULL;
	}
	b->write = a->flags & PINLAB_WRITE;
	return b;
}

static void end_batch(struct batch *b)
{
	if (b->end)
		b->end(b);
	uncharge(b);
	if (b->user)
		mmput(b->user);
	kvfree(b->pages);
	kfree(b);
}

static long end_all(struct holder *h)
{
	struct batch *b, *next;
	long n = 0;

	mutex_lock(&h->lock);
	list_for_each_entry_safe(b, next, &h->batches, node) {
		list_del(&b->node);
		end_batch(b);
		n++;
	}
	mutex_unlock(&h->lock);
	return n;
}

static int run(const struct call *call, struct holder *file, struct pinlab *a)
{
	struct holder *h = call->left ? &nobody : file;
	struct batch *b;
	int err;

	if (!a->pages || a->pages > MAX_PAGES || !PAGE_ALIGNED(a->address))
		return -EINVAL;
	b = new_batch(a);
	if (!b)
		return -ENOMEM;
	b->own = file->own;
	b->nr_own = file->nr_own;
	err = call->run(b, a);
	if (!b->end) {
		end_batch(b);
		return err;
	}
	mutex_lock(&h->lock);
	list_add_tail(&b->node, &h->batches);
	mutex_unlock(&h->lock);
	return err;
}

static long pinlab_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;
	struct pinlab a;
	int i, err;

	if (cmd == PINLAB_RELEASE)
		return end_all(file->private_data);
	if (cmd == PINLAB_REPAIR)
		return end_all(&nobody);
	for (i = 0; i < ARRAY_SIZE(calls) && calls[i].cmd != cmd; i++)
		;
	if (i == ARRAY_SIZE(calls))
		return -ENOTTY;
	if (copy_from_user(&a, user, sizeof(a)))
		return -EFAULT;
	a.pins = 0;
	a.seen = 0;
	err = run(&calls[i], file->private_data, &a);
	a.error = -err;
	if (copy_to_user(user, &a, sizeof(a)))
		return -EFAULT;
	return err;
}

static int pinlab_open(struct inode *inode, struct file *file)
{
	struct holder *h = kzalloc(sizeof(*h), GFP_KERNEL);

	if (!h)
		return -ENOMEM;
	mutex_init(&h->lock);
	INIT_LIST_HEAD(&h->batches);
	file->private_data = h;
	return 0;
}

static int pinlab_release(struct inode *inode, struct file *file)
{
	struct holder *h = file->private_data;
	unsigned long i;

	end_all(h);
	for (i = 0; i < h->nr_own; i++)
		put_page(h->own[i]);
	kvfree(h->own);
	kfree(h);
	return 0;
}

/*
 * Pages of ZONE_MOVABLE, if the machine has one, on no LRU, for pinlab_movable(). Once for a file;
 * its release() gives them back, or what there is of them.
 */
static int pinlab_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct holder *h = file->private_data;
	struct page *page;
	int err = 0;

	if (h->own)
		return -EBUSY;
	h->own = kvcalloc(vma_pages(vma), sizeof(*h->own), GFP_KERNEL);
	if (!h->own)
		return -ENOMEM;
	while (!err && h->nr_own < vma_pages(vma)) {
		page = alloc_page(GFP_HIGHUSER_MOVABLE | __GFP_ZERO);
		if (!page)
			return -ENOMEM;
		err = vm_insert_page(vma, vma->vm_start + h->nr_own * PAGE_SIZE, page);
		h->own[h->nr_own++] = page;
		if (page_zonenum(page) != ZONE_MOVABLE)
			return -EOPNOTSUPP;
	}
	return err;
}

static const struct file_operations pinlab_fops = {
	.owner = THIS_MODULE,
	.open = pinlab_open,
	.release = pinlab_release,
	.unlocked_ioctl = pinlab_ioctl,
	.mmap = pinlab_mmap,
};

static struct miscdevice pinlab_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "pinlab",
	.fops = &pinlab_fops,
};

static int __init pinlab_init(void)
{
	return misc_register(&pinlab_device);
}

static void __exit pinlab_exit(void)
{
	misc_deregister(&pinlab_device);
	end_all(&nobody);
}

module_init(pinlab_init);
module_exit(pinlab_exit);
MODULE_DESCRIPTION("Pins memory rightly, and wrongly on purpose");
MODULE_LICENSE("GPL");
