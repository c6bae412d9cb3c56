// SPDX-License-Identifier: GPL-2.0
/*
 * Wrong ones that no caller can be alone: the kernel's part in them is a probe of our own, on what
 * pin calls consist of, for one call. Whoever probes the pin calls themselves sees what it makes.
 */
#include <linux/kprobes.h>
#include <linux/mutex.h>

#include "module.h"

/* The task whose pin call is tampered with, and what of: one at a time. */
static DEFINE_MUTEX(tampering);
static struct task_struct *victim;
static struct batch *moved;

/* The probed function makes all of what pin_user_pages() returns. In one frame with the caller. */
static __always_inline long pin_tampered(struct batch *b, struct pinlab *a,
					 kretprobe_handler_t at_its_end)
{
	struct kretprobe probe = {
		.kp.symbol_name = "__gup_longterm_locked",
		.handler = at_its_end,
	};
	long got;

	if (register_kretprobe(&probe))
		return -EOPNOTSUPP;
	WRITE_ONCE(victim, current);
	mmap_read_lock(current->mm);
	got = pin_user_pages(a->address, a->pages, FOLL_LONGTERM | foll_write(a), b->pages);
	mmap_read_unlock(current->mm);
	WRITE_ONCE(victim, NULL);
	unregister_kretprobe(&probe);
	return got;
}

static void move_to(enum zone_type zone)
{
	unsigned long i;

	for (i = 0; i < moved->nr_own; i++)
		set_page_zone(moved->own[i], zone);
}

static int move_back(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	if (READ_ONCE(victim) == current)
		move_to(ZONE_MOVABLE);
	return 0;
}

/*
 * A long-term pin leaves ZONE_MOVABLE by migration, and is tried for ever where that cannot be (on
 * no LRU, such as the memory of this module's mmap()). So these pages say that they lie elsewhere,
 * until they are pinned.
 */
int pinlab_movable(struct batch *b, struct pinlab *a)
{
	int err;
	long got;

	if (!b->own || a->pages != b->nr_own)
		return -EINVAL;
	err = charge(b, current->mm, a);
	if (err)
		return err;
	mutex_lock(&tampering);
	moved = b;
	move_to(ZONE_NORMAL);
	got = pin_tampered(b, a, move_back);
	move_to(ZONE_MOVABLE);
	mutex_unlock(&tampering);
	return settle(b, a, got);
}

static int fail_after_all(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	if (READ_ONCE(victim) == current && (long)regs_return_value(regs) > 0)
		regs_set_return_value(regs, -ENOMEM);
	return 0;
}

int pinlab_failed_left(struct batch *b, struct pinlab *a)
{
	int err = charge(b, current->mm, a);
	long got;

	if (err)
		return err;
	mutex_lock(&tampering);
	got = pin_tampered(b, a, fail_after_all);
	mutex_unlock(&tampering);
	/* They are there, whatever was said. */
	if (got == -ENOMEM && b->pages[a->pages - 1])
		return settle(b, a, a->pages) ?: got;
	return settle(b, a, got) ?: -EOPNOTSUPP;
}
