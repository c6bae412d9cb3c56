// SPDX-License-Identifier: GPL-2.0
/*
 * Wrong ones that no caller can be alone: the kernel's part in them is a probe of our own, on what
 * pin calls consist of, for one call. Whoever probes the pin calls themselves sees what it makes.
 */
#include <linux/kprobes.h>
#include <linux/mutex.h>

#include "module.h"

/* The task whose pin call is tampered with: one at a time. */
static DEFINE_MUTEX(tampering);
static struct task_struct *victim;

static void begin(void)
{
	mutex_lock(&tampering);
	WRITE_ONCE(victim, current);
}

static void end(void)
{
	WRITE_ONCE(victim, NULL);
	mutex_unlock(&tampering);
}

static noinline notrace long nothing_to_migrate(void)
{
	return 0;
}

/* Before the function has done anything, the other one can be run in its place. */
static int skip_migration(struct kprobe *probe, struct pt_regs *regs)
{
	if (READ_ONCE(victim) != current)
		return 0;
	instruction_pointer_set(regs, (unsigned long)nothing_to_migrate);
	return 1;
}

/* Without one, a probe may become a jump, which leads nowhere else (kernel/fail_function.c). */
static void after(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

static int __must_check skip_migrations(struct kprobe *probe)
{
	int err;

	*probe = (struct kprobe){
		.symbol_name = "migrate_longterm_unpinnable_folios",
		.pre_handler = skip_migration,
		.post_handler = after,
	};
	err = register_kprobe(probe);
	if (err != -ENOENT)
		return err;
	/* Up to v6.10 (53ba78de064b). */
	*probe = (struct kprobe){
		.symbol_name = "migrate_longterm_unpinnable_pages",
		.pre_handler = skip_migration,
		.post_handler = after,
	};
	return register_kprobe(probe);
}

static bool all_movable(const struct batch *b)
{
	unsigned long i;

	for (i = 0; i < b->nr && page_zonenum(b->pages[i]) == ZONE_MOVABLE; i++)
		;
	return i == b->nr;
}

/*
 * A long-term pin leaves ZONE_MOVABLE by migration. What is on no LRU cannot be migrated, such as
 * the memory of this module's mmap(): newer kernels leave it be (v6.14, 1aaf8c122918), older ones
 * try for ever, if they are let.
 */
int pinlab_movable(struct batch *b, struct pinlab *a)
{
	int err = charge(b, current->mm, a);
	struct kprobe probe;
	long got;

	if (err)
		return err;
	if (skip_migrations(&probe)) {
		uncharge(b);
		return -EOPNOTSUPP;
	}
	begin();
	got = pin_user_pages_fast(a->address, a->pages, FOLL_LONGTERM | foll_write(a), b->pages);
	end();
	unregister_kprobe(&probe);
	err = settle(b, a, got);
	if (err || all_movable(b))
		return err;
	drop(b);
	uncharge(b);
	b->end = NULL;
	a->pins = 0;
	a->seen = 0;
	return -EOPNOTSUPP;
}

static int fail_after_all(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	if (READ_ONCE(victim) == current && (long)regs_return_value(regs) > 0)
		regs_set_return_value(regs, -ENOMEM);
	return 0;
}

/* The probed function makes the result of pin_user_pages(). */
int pinlab_failed_left(struct batch *b, struct pinlab *a)
{
	struct kretprobe probe = {
		.kp.symbol_name = "__gup_longterm_locked",
		.handler = fail_after_all,
	};
	int err = charge(b, current->mm, a);
	long got;

	if (err)
		return err;
	if (register_kretprobe(&probe)) {
		uncharge(b);
		return -EOPNOTSUPP;
	}
	begin();
	mmap_read_lock(current->mm);
	got = pin_user_pages(a->address, a->pages, FOLL_LONGTERM | foll_write(a), b->pages);
	mmap_read_unlock(current->mm);
	end();
	unregister_kretprobe(&probe);
	/* They are there, whatever was said. */
	if (got == -ENOMEM && b->pages[a->pages - 1])
		return settle(b, a, a->pages) ?: got;
	return settle(b, a, got) ?: -EOPNOTSUPP;
}
