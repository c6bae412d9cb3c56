/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a pin or unpin call means for the ledger, however it was noticed. The
 * thin entries in ledger.bpf.c only fetch arguments.
 */
#ifndef PINSCOPE_EVENTS_BPF_H
#define PINSCOPE_EVENTS_BPF_H

#include "owner.bpf.h"
#include "walk.bpf.h"

/* FOLL_LONGTERM: an enumerator since v6.3 (b5054174ac7c), 0x10000 before. User space knows. */
const volatile __u32 foll_longterm = 0x10000;

/* A pin call that a task is in. */
struct pin_call {
	__u64 frame;		/* where on the stack its entry was noticed; 0: in none */
	__u64 site;
	__u64 mm;
	__u64 wanted;
	__u64 pages;		/* the array to be filled */
	__u32 flags;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct pin_call);
} calls SEC(".maps");

/* --- contexts ----------------------------------------------------------------------------- */

/*
 * The kernel does not run a program on a CPU where it already runs: a release
 * from an interrupt that hits while the same program handles one in a task
 * would be dropped. So each release program comes in three copies, which
 * differ in nothing but the context they work in.
 */
enum unpin_function {
	UNPIN_USER_PAGE,
	UNPIN_USER_PAGES,
	UNPIN_USER_PAGES_DIRTY_LOCK,
	UNPIN_USER_PAGE_RANGE_DIRTY_LOCK,
	UNPIN_USER_FOLIO,
	UNPIN_FOLIO,
	UNPIN_FOLIOS,
	UNPIN_FUNCTIONS,
};

struct running {
	__u8 in[UNPIN_FUNCTIONS][LEDGER_CONTEXTS];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct running);
} running SEC(".maps");

static __always_inline __u32 current_context(void)
{
	__u32 count = current_preempt_count();

	return count & 0xff0000 ? IN_HARDIRQ : count & 0x100 ? IN_SOFTIRQ : IN_TASK;
}

/*
 * True when this copy is the one for the current context. A copy for a lower
 * context that was interrupted here misses this run, and that is well:
 * counted, so that it can be taken off the misses that the kernel counts.
 */
static __always_inline bool my_turn(__u32 function, __u32 context)
{
	__u32 zero = 0;
	struct running *r;

	if (context == IN_ANY)
		return true;
	if (current_context() != context)
		return false;
	r = bpf_map_lookup_elem(&running, &zero);
	if (!r)
		return false;
	if (context > IN_TASK && r->in[function][IN_TASK])
		__sync_fetch_and_add(&totals.excused[IN_TASK], 1);
	if (context > IN_SOFTIRQ && r->in[function][IN_SOFTIRQ])
		__sync_fetch_and_add(&totals.excused[IN_SOFTIRQ], 1);
	*(volatile __u8 *)&r->in[function][context] = 1;
	return true;
}

static __always_inline void my_turn_ends(__u32 function, __u32 context)
{
	__u32 zero = 0;
	struct running *r;

	if (context == IN_ANY)
		return;
	r = bpf_map_lookup_elem(&running, &zero);
	if (r)
		*(volatile __u8 *)&r->in[function][context] = 0;
}

/* --- pinning ------------------------------------------------------------------------------ */

static __always_inline struct pin_call *call_of_task(bool create)
{
	return bpf_task_storage_get(&calls, bpf_get_current_task_btf(), NULL,
				    create ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0);
}

/*
 * A pin call begins, whose @frame lies on the task's stack further down than
 * those of all that called it.
 */
static __always_inline void call_begins(const struct pin_call *begun)
{
	struct pin_call *call = call_of_task(true);

	if (!call) {
		lose(LOST_NO_TASK, 1);
		return;
	}
	if (call->frame && begun->frame >= call->frame)
		lose(LOST_EXIT, 1);
	*call = *begun;
}

/* It ends. False: its begin was not seen. */
static __always_inline bool call_ends(struct pin_call *c)
{
	struct pin_call *call = call_of_task(false);

	if (!call || !call->frame)
		return false;
	*c = *call;
	call->frame = 0;
	return true;
}

/* Is a task at @frame inside a pin call, so that what it releases was never reported as pinned? */
static __always_inline bool inside_pin_call(__u64 frame)
{
	struct pin_call *call = call_of_task(false);

	if (!call || !call->frame)
		return false;
	if (frame < call->frame) {
		__sync_fetch_and_add(&totals.nested, 1);
		return true;
	}
	/* Further up on the stack: that call is over. */
	call->frame = 0;
	lose(LOST_EXIT, 1);
	return false;
}

/* The call @c of the process @key gave @got pins or an error. */
static __always_inline void pinned(const struct pin_call *c, const struct owner_key *key,
				   struct task_struct *leader, long got, enum walk_form form)
{
	__u64 now = bpf_ktime_get_ns(), pins = 0;
	__u32 owner = owner_of(key, leader, now);
	struct owner_rec *rec;

	__sync_fetch_and_add(&totals.events, 1);
	if (got > 0)
		pins = walk_pages(c->pages, got, form, owner, 0);
	if (owner == OWNER_OTHERS)
		lose(LOST_NO_OWNER, pins);
	rec = owner_rec(owner);
	if (rec)
		owner_called(rec, got, c->wanted, now);
}

static __always_inline int pin_begins(void *ctx, __u64 mm, __u64 wanted, __u64 flags, __u64 pages)
{
	struct pin_call call = {
		.frame = (__u64)ctx, .mm = mm, .wanted = wanted, .flags = flags, .pages = pages,
	};

	call.site = site_of(ctx);
	call_begins(&call);
	return 0;
}

/*
 * @late says what the call was, for when its begin was not seen (it was
 * dropped, or the tool just started).
 */
static __always_inline int pin_ends(void *ctx, long got, const struct pin_call *late,
				    enum walk_form form)
{
	struct task_struct *leader;
	struct owner_key key = {};
	struct pin_call c;

	/*
	 * An int made a long: the compiler would rather compare the shifted half
	 * with 1 << 32, and that range makes verifiers (seen: v6.18) warn of a
	 * bug of their own, which is a panic where one wants that.
	 */
	barrier_var(got);
	if (!call_ends(&c)) {
		if (!late)
			return 0;
		c = *late;
		c.site = site_of(ctx);
	}
	leader = leader_of((void *)c.mm);
	process_of(leader, &key);
	key.site = c.site;
	key.flags = c.flags & foll_longterm ? OWNER_LONGTERM : 0;
	pinned(&c, &key, leader, got, form);
	return 0;
}

/* folio_add_pin() and folio_add_pins(): @pins more of a folio that is pinned already. */
static __always_inline int pins_added(void *ctx, __u64 folio, __u64 pins, bool counted)
{
	struct task_struct *leader = leader_of(NULL);
	struct owner_key key = {};
	struct owner_rec *rec;
	__u32 owner;

	process_of(leader, &key);
	key.site = site_of(ctx);
	owner = owner_of(&key, leader, bpf_ktime_get_ns());
	__sync_fetch_and_add(&totals.events, 1);
	pins = walk_pages(folio, pins, WALK_FOLIO, owner, 0);
	rec = owner_rec(owner);
	if (rec)
		owner_called(rec, pins, pins, bpf_ktime_get_ns());
	if (rec && !counted)
		__sync_fetch_and_add(&rec->extra, pins);
	return 0;
}

/* --- releasing ---------------------------------------------------------------------------- */

/* @nr pages (or folios) from @from on are released: the process @key's, if it has any of them. */
static __always_inline void released(const struct owner_key *key, __u64 from, __u64 nr,
				     enum walk_form form)
{
	__sync_fetch_and_add(&totals.events, 1);
	walk_pages(from, nr, form | WALK_DROP, key->tgid, key->start_ns);
}

/* @nr pages (or folios) from @from on are about to be released. */
static __always_inline int unpin(void *ctx, __u32 function, __u32 context, __u64 from, __u64 nr,
				 enum walk_form form)
{
	struct owner_key key = {};
	bool in_task = context == IN_TASK;

	if (!my_turn(function, context))
		return 0;
	if (context == IN_ANY)
		in_task = current_context() == IN_TASK;
	/* An error code in its place releases nothing (WARN_ON). */
	if ((__s64)nr > 0 && !(in_task && inside_pin_call((__u64)ctx))) {
		if (in_task)
			process_of(leader_of(NULL), &key);
		released(&key, from, nr, form);
	}
	my_turn_ends(function, context);
	return 0;
}

#endif
