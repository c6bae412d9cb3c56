/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an audit wants to know beyond the calls: what released pages say of
 * themselves, by which file and user a pin call came, and whether its system
 * call failed.
 */
#ifndef PINSCOPE_AUDIT_BPF_H
#define PINSCOPE_AUDIT_BPF_H

#include <linux/ptrace.h>
#include <bpf/bpf_tracing.h>

#include "pages.bpf.h"
#include "pins.bpf.h"
#include "trace.h"

const volatile bool audit;

/* --- what is released --------------------------------------------------------------------- */

#define BDI_CAP_WRITEBACK 1	/* include/linux/backing-dev.h */

/*
 * Would what a device has written to this page of a file be lost? Only where
 * files are written back at all (mapping_can_writeback()): not in tmpfs,
 * hugetlbfs and the like. A page that is being written back is given the
 * benefit of the doubt.
 */
static __always_inline bool is_clean(__u64 head)
{
	const __u64 busy = PGFLAG(dirty) | PGFLAG(writeback);
	__u64 flags = 0, mapping = 0;

	if (!word_at(head, &flags) || flags & busy || !word_at(head + OFF(mapping), &mapping) ||
	    !mapping || mapping & 3)
		return false;
	return BPF_CORE_READ((struct address_space *)mapping, host, i_sb, s_bdi, capabilities) &
	       BDI_CAP_WRITEBACK;
}

/*
 * Whatever else happens to a pinned page, these are no smaller than its pins:
 * a large folio's _pincount, and the references of a small page, of which
 * each pin is 1024 (see pins.bpf.h).
 */
static __always_inline __u64 most_pins_of(__u64 head, __u32 order)
{
	__u32 count = 0;
	__u64 at = head + (order ? bpf_core_field_offset(struct folio, _pincount) : OFF(_refcount));

	if (bpf_probe_read_kernel(&count, sizeof(count), (void *)at))
		return ~0ULL;
	if ((__s32)count <= 0)
		return 0;
	return order ? count : count >> PIN_BIAS_SHIFT;
}

struct checking {
	struct pages pages;
	__u64 pins;		/* that each page is to lose */
	__u64 bare, clean;
};

static __noinline int check_page(struct checking *c, __u64 page)
{
	__u64 folio = folio_at(page), head, most;

	if (folio == FOLIO_UNREADABLE)
		return 0;
	head = vmemmap + (folio >> FOLIO_PFN_SHIFT) * PAGE_SIZEOF;
	most = most_pins_of(head, folio & FOLIO_ORDER);
	if (most < c->pins)
		c->bare += c->pins - most;
	if (!(c->pages.how & WALK_DIRTY) && is_clean(head))
		c->clean++;
	return 0;
}

static long check_each(__u32 i, struct checking *c)
{
	__u64 page = page_of(&c->pages, i);

	if (page && pfn_of(page) != zero_pfn)
		check_page(c, page);
	return 0;
}

/* Before the @nr pages (or folios) of a release are released. */
static __noinline int check_pages(struct trace_event *ev, __u64 from, __u64 nr, __u32 how)
{
	bool one = (how & WALK_FORM) == WALK_FOLIO;
	struct checking c = { .pages = PAGES(from, one ? 1 : nr, how), .pins = one ? nr : 1 };

	c.bare = unknown_zero();
	c.clean = unknown_zero();
	bpf_loop(c.pages.nr, check_each, &c, 0);
	ev->bare = c.bare;
	ev->clean = c.clean;
	return 0;
}

/* --- who pins ----------------------------------------------------------------------------- */

static __always_inline __u64 first_argument(struct pt_regs *regs)
{
#ifdef __TARGET_ARCH_arm64
	return PT_REGS_PARM1_CORE_SYSCALL(regs);
#else
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), &PT_REGS_PARM1_SYSCALL(regs));
	return value;
#endif
}

static __noinline __u64 number_of(struct module *module)
{
	char name[MODULE_NAME_MAX] = "";
	__u64 at = (__u64)module + bpf_core_field_offset(struct module, name);

	if (!module || bpf_probe_read_kernel_str(name, sizeof(name), (void *)at) <= 0)
		return 0;
	return module_number(name);
}

/*
 * Pins end with what they were asked for through, as a rule: the file that is
 * the first argument of ioctl(), io_uring_register(), setsockopt() ... Where
 * that is no file, one that happens to have the number is taken for it.
 */
static __always_inline void note_file(struct trace_event *ev, struct task_struct *task)
{
	__u32 fd = first_argument((void *)bpf_task_pt_regs(bpf_get_current_task_btf()));
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd), *file = NULL;

	if (fd >= BPF_CORE_READ(table, max_fds) ||
	    bpf_probe_read_kernel(&file, sizeof(file), files + fd))
		return;
	ev->file = (__u64)file;
	if (!file)
		return;
	ev->file_data = (__u64)BPF_CORE_READ(file, private_data);
	ev->file_module = number_of(BPF_CORE_READ(file, f_op, owner));
}

static __noinline int note_task(struct trace_event *ev)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	ev->user = (__u64)BPF_CORE_READ(task, cred, user);
	if (!(BPF_CORE_READ(task, flags) & PF_KTHREAD))
		note_file(ev, task);
	return 0;
}

static __always_inline void look_at(struct trace_look *l)
{
	struct user_struct *user = (void *)l->user;
	struct file *file = (void *)l->file;
	long locked = user ? BPF_CORE_READ(user, locked_vm.counter) : 0;

	l->open = file && file_is_held(l->file) &&
		  (__u64)BPF_CORE_READ(file, private_data) == l->file_data;
	l->locked = locked > 0 ? locked : 0;
}

/* --- system calls that fail --------------------------------------------------------------- */

/* The first pin call of the task's system call that gave less than it was asked for. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} partials SEC(".maps");

static __always_inline void note_partial(__u64 seq)
{
	__u64 *first = bpf_task_storage_get(&partials, bpf_get_current_task_btf(), NULL,
					    BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (first && !*first)
		*first = seq;
}

static __always_inline __u64 partial_of_task(void)
{
	__u64 *first = bpf_task_storage_get(&partials, bpf_get_current_task_btf(), NULL, 0), seq;

	if (!first)
		return 0;
	seq = *first;
	*first = 0;
	return seq;
}

/* An error that is no call to try again: EINTR, ERESTARTSYS and the like (include/linux/errno.h). */
static __always_inline bool is_error(long ret)
{
	return ret < 0 && ret > -512 && ret != -4;
}

#endif
