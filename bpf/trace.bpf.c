// SPDX-License-Identifier: GPL-2.0
/* Tells user space of each pin call and of each release, with the pages that it is about. */
#include "calls.bpf.h"
#include "follow.bpf.h"
#include "list.bpf.h"
#include "ustack.bpf.h"

char LICENSE[] SEC("license") = "GPL";

const volatile struct trace_filter filter;

/* Where records are put together: in a task its own, in an interrupt the CPU's. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct trace_event);
} drafts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, LEDGER_CONTEXTS);
	__type(key, __u32);
	__type(value, struct trace_event);
} irq_drafts SEC(".maps");

static __always_inline struct trace_event *draft_for(__u32 context)
{
	struct trace_event *ev;

	if (context == IN_TASK)
		ev = bpf_task_storage_get(&drafts, bpf_get_current_task_btf(), NULL,
					  BPF_LOCAL_STORAGE_GET_F_CREATE);
	else
		ev = bpf_map_lookup_elem(&irq_drafts, &context);
	return ev;
}

/* What is true of the task, in whatever context. */
static __noinline int begin_draft(struct trace_event *ev, __u32 type, __u32 function,
					__u32 context)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 ids = bpf_get_current_pid_tgid();

	ev->type = type;
	ev->nr_runs = unknown_zero();
	ev->pins = 0;
	ev->ustack = 0;
	ev->seq = __sync_fetch_and_add(&traced.seq, 1) + 1;
	ev->function = function;
	ev->context = context;
	ev->tgid = ids >> 32;
	ev->tid = ids;
	ev->uid = bpf_get_current_uid_gid();
	ev->cgroup = bpf_get_current_cgroup_id();
	ev->start_ns = context == IN_TASK ?
			       BPF_CORE_READ(task, group_leader, start_boottime) : 0;
	bpf_get_current_comm(ev->comm, sizeof(ev->comm));
	return 0;
}

/* --- pinning ------------------------------------------------------------------------------ */

static __always_inline bool follows_either(struct task_struct *leader)
{
	return follows(bpf_get_current_pid_tgid() >> 32) ||
	       (leader && follows(BPF_CORE_READ(leader, tgid)));
}

static __always_inline bool is_wanted(const struct pin_call *c, struct task_struct *leader,
				      long got)
{
	if (filter.followed && !follows_either(leader))
		return false;
	if (filter.by_uid && (__u32)bpf_get_current_uid_gid() != filter.uid)
		return false;
	if (filter.failed && got > 0 && (__u64)got >= c->wanted)
		return false;
	if ((c->flags & filter.flags_set) != filter.flags_set || c->flags & filter.flags_clear)
		return false;
	if (c->wanted < filter.least || (filter.most && c->wanted > filter.most))
		return false;
	return !filter.cgroup ||
	       bpf_get_current_ancestor_cgroup_id(filter.cgroup_level) == filter.cgroup;
}

static __noinline int report_pin(void *ctx, struct pin_call *c, long got, __u32 form)
{
	struct task_struct *leader = leader_of((void *)c->mm);
	__u64 now = bpf_ktime_get_ns();
	struct trace_event *ev;
	bool fresh = false;

	if (!is_wanted(c, leader, got)) {
		__sync_fetch_and_add(&traced.filtered, 1);
		return 0;
	}
	__sync_fetch_and_add(&traced.calls, 1);
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
	if (got > 0)
		list_pages(ev, c->pages, got, form);
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
	call->site = site_of(ctx);
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
		c.site = site_of(ctx);
	}
	return report_pin(ctx, &c, got, form);
}

static __always_inline int pins_added(void *ctx, __u32 function, __u64 folio, __u64 pins)
{
	struct pin_call c = {
		.pages = folio, .wanted = pins, .begun_ns = bpf_ktime_get_ns(),
		.function = function,
	};

	c.site = site_of(ctx);
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
	ev->site = release_stacks ? site_of(ctx) : 0;
	list_pages(ev, from, nr, how);
	__sync_fetch_and_add(&traced.released, ev->pins);
	if (!send(ev)) {
		__sync_fetch_and_add(&traced.dropped_releases, 1);
		__sync_fetch_and_add(&traced.dropped_unpins, ev->pins);
	}
}

static __always_inline int unpin(void *ctx, __u32 function, __u32 context, __u64 from, __u64 nr,
				 enum walk_form form)
{
	__u32 now_in = context;

	if (!my_turn(function, context))
		return 0;
	if (context == IN_ANY)
		now_in = current_context();
	/* An error code in its place releases nothing (WARN_ON). */
	if ((__s64)nr > 0 && !(now_in == IN_TASK && inside_pin_call((__u64)ctx)))
		report_unpin(ctx, function, now_in, from, nr, form);
	my_turn_ends(function, context);
	return 0;
}

#include "entries.bpf.h"

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
