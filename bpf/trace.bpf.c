// SPDX-License-Identifier: GPL-2.0
/* Tells user space of each pin call and of each release, with the pages that it is about. */
#include "calls.bpf.h"
#include "follow.bpf.h"
#include "list.bpf.h"
#include "ustack.bpf.h"
#include "audit.bpf.h"
#include "draft.bpf.h"

char LICENSE[] SEC("license") = "GPL";

const volatile struct trace_filter filter;

/* --- pinning ------------------------------------------------------------------------------ */

static __always_inline bool follows_either(struct task_struct *leader)
{
	return follows(bpf_get_current_pid_tgid() >> 32) ||
	       (leader && follows(BPF_CORE_READ(leader, tgid)));
}

static __always_inline bool is_of_task(void)
{
	if (filter.by_uid && (__u32)bpf_get_current_uid_gid() != filter.uid)
		return false;
	return !filter.cgroup ||
	       bpf_get_current_ancestor_cgroup_id(filter.cgroup_level) == filter.cgroup;
}

static __always_inline bool is_wanted(const struct pin_call *c, struct task_struct *leader,
				      long got)
{
	if (filter.followed && !follows_either(leader))
		return false;
	if (filter.failed && !gave_less(c, got))
		return false;
	if ((c->flags & filter.flags_set) != filter.flags_set || c->flags & filter.flags_clear)
		return false;
	if (c->wanted < filter.least || (filter.most && c->wanted > filter.most))
		return false;
	return is_of_task();
}

static __noinline int report_pin(void *ctx, struct pin_call *c, long got, __u32 form)
{
	struct task_struct *leader = leader_of((void *)c->mm);
	__u64 now = bpf_ktime_get_ns();
	bool fresh = false, aside = !is_wanted(c, leader, got);
	struct trace_event *ev;

	if (aside) {
		__sync_fetch_and_add(&traced.filtered, 1);
		if (!audit)
			return 0;
	} else {
		__sync_fetch_and_add(&traced.calls, 1);
	}
	ev = draft_for(IN_TASK);
	if (!ev) {
		__sync_fetch_and_add(&traced.dropped_calls, 1);
		__sync_fetch_and_add(&traced.dropped_pins, got > 0 ? got : 0);
		return 0;
	}
	begin_draft(ev, TRACE_PIN, c->function, IN_TASK);
	ev->time_ns = now;
	ev->begun_ns = c->begun_ns;
	ev->start = c->start;
	ev->wanted = c->wanted;
	ev->got = got;
	ev->site = c->site;
	ev->ustack = ustack_of(ctx, &fresh);
	ev->flags = c->flags;
	ev->owner = leader ? BPF_CORE_READ(leader, tgid) : 0;
	ev->owner_start_ns = leader ? BPF_CORE_READ(leader, start_boottime) : 0;
	if (leader)
		BPF_CORE_READ_STR_INTO(&ev->owner_comm, leader, comm);
	else
		ev->owner_comm[0] = '\0';
	if (audit) {
		ev->aside = aside;
		note_task(ev);
		if (got > 0 && (__u64)got < c->wanted && form == WALK_PAGES)
			note_partial(ev->seq);
	}
	if (got > 0)
		list_pages(ev, c->pages, got, form);
	if (!aside)
		__sync_fetch_and_add(&traced.pinned, ev->pins);
	if (!send(ev)) {
		__sync_fetch_and_add(&traced.dropped_calls, 1);
		__sync_fetch_and_add(&traced.dropped_pins, ev->pins);
	}
	/* Only while the process lives can user space find out which files are in it. */
	if (fresh)
		wake_reader();
	return 0;
}

static __always_inline int pin_begins(void *ctx, struct pin_call *call)
{
	call->frame = (__u64)ctx;
	call->site = site_of(ctx, call->function);
	call->begun_ns = bpf_ktime_get_ns();
	call_begins(call);
	return 0;
}

/* @late: see events.bpf.h. */
static __always_inline int pin_ends(void *ctx, long got, const struct pin_call *late,
				    enum walk_form form)
{
	struct pin_call c;

	barrier_var(got);
	if (call_ends(&c)) {
		call_over();
	} else {
		if (!late) {
			lose(LOST_EXIT, 1);
			return 0;
		}
		c = *late;
		c.site = site_of(ctx, c.function);
	}
	return report_pin(ctx, &c, got, form);
}

static __always_inline int pins_added(void *ctx, __u32 function, __u64 folio, __u64 pins)
{
	struct pin_call c = {
		.pages = folio, .wanted = pins, .begun_ns = bpf_ktime_get_ns(),
		.function = function,
	};

	c.site = site_of(ctx, function);
	return report_pin(ctx, &c, pins, WALK_FOLIO);
}

/* --- releasing ---------------------------------------------------------------------------- */

const volatile bool release_stacks;

static __always_inline void report_unpin(void *ctx, __u32 function, __u32 context, __u64 from,
					 __u64 nr, __u32 how)
{
	struct trace_event *ev = draft_for(context);

	__sync_fetch_and_add(&traced.releases, 1);
	if (!ev) {
		__sync_fetch_and_add(&traced.dropped_releases, 1);
		__sync_fetch_and_add(&traced.dropped_unpins, nr);
		return;
	}
	begin_draft(ev, TRACE_UNPIN, function, context);
	ev->time_ns = bpf_ktime_get_ns();
	ev->wanted = nr;
	ev->flags = !!(how & WALK_DIRTY);
	ev->site = release_stacks ? site_of(ctx, function) : 0;
	if (audit) {
		ev->aside = filter.followed && (context != IN_TASK || !follows_either(NULL));
		ev->aside |= context == IN_TASK && !is_of_task();
		check_pages(ev, from, nr, how);
	}
	list_pages(ev, from, nr, how);
	__sync_fetch_and_add(&traced.released, ev->pins);
	if (!send(ev)) {
		__sync_fetch_and_add(&traced.dropped_releases, 1);
		__sync_fetch_and_add(&traced.dropped_unpins, ev->pins);
	}
}

static __always_inline int unpin(void *ctx, __u32 function, __u64 from, __u64 nr,
				 enum walk_form form)
{
	__u32 context = current_context();

	/* An error code in its place releases nothing (WARN_ON). */
	if ((__s64)nr > 0 && !(context == IN_TASK && inside_pin_call((__u64)ctx)))
		report_unpin(ctx, function, context, from, nr, form);
	return 0;
}

#include "entries.bpf.h"
#include "failed.bpf.h"

/* --- processes ---------------------------------------------------------------------------- */

/* Whoever exits: user space knows whether it holds pins, and that its number is free again. */
SEC("tp_btf/sched_process_exit")
int process_exit(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	struct trace_event *ev;
	__u32 tgid;

	if (!process_exits(task))
		return 0;
	tgid = BPF_CORE_READ(task, tgid);
	if (filter.followed && !follows(tgid))
		return 0;
	follow_exit(tgid);
	ev = draft_for(IN_TASK);
	if (!ev) {
		__sync_fetch_and_add(&traced.dropped_exits, 1);
		return 0;
	}
	begin_draft(ev, TRACE_EXIT, 0, IN_TASK);
	ev->time_ns = bpf_ktime_get_ns();
	ev->site = 0;
	if (!send(ev))
		__sync_fetch_and_add(&traced.dropped_exits, 1);
	return 0;
}
