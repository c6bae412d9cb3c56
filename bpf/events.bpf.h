/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a pin or unpin call means for the ledger, however it was noticed. The
 * thin entries in entries.bpf.h only fetch arguments.
 */
#ifndef PINSCOPE_EVENTS_BPF_H
#define PINSCOPE_EVENTS_BPF_H

#include "caller.bpf.h"
#include "calls.bpf.h"
#include "owner.bpf.h"
#include "walk.bpf.h"

/* --- pinning ------------------------------------------------------------------------------ */

/* The call @c of the process @key gave @got pins or an error. */
static __always_inline void pinned(const struct pin_call *c, struct owner_key *key,
				   struct task_struct *leader, long got, enum walk_form form)
{
	__u64 now = bpf_ktime_get_ns(), pins = 0;
	__u32 owner = owner_of(key, (__u64)leader, now);

	__sync_fetch_and_add(&totals.events, 1);
	if (got > 0)
		pins = walk_add(c->pages, got, form, owner);
	if (owner == OWNER_OTHERS)
		lose(LOST_NO_OWNER, pins);
	owner_called(owner, got, gave_less(c, got), now);
}

static __always_inline int pin_begins(void *ctx, struct pin_call *call)
{
	call->frame = (__u64)ctx;
	call->site = place_try(ctx, call->function);
	call_begins(call);
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
	bool begun;

	/*
	 * An int made a long: the compiler would rather compare the shifted half
	 * with 1 << 32, and that range makes verifiers (seen: v6.18) warn of a
	 * bug of their own, which is a panic where one wants that.
	 */
	barrier_var(got);
	begun = call_ends(&c);
	if (!begun) {
		if (!late) {
			lose(LOST_EXIT, 1);
			return 0;
		}
		c = *late;
	}
	if (!c.site)
		c.site = place_of(ctx, c.function);
	leader = leader_of((void *)c.mm);
	process_of(leader, &key);
	key.site = c.site;
	key.flags = (c.flags & foll_longterm ? OWNER_LONGTERM : 0) | cgroup_mark();
	pinned(&c, &key, leader, got, form);
	if (begun)
		call_over();
	return 0;
}

/*
 * folio_add_pin() and folio_add_pins(): @pins more of a folio that is pinned
 * already. No call that pins: fs/direct-io.c does it for each page of one.
 */
static __always_inline void added(struct owner_key *key, struct task_struct *leader,
				  __u32 function, __u64 folio, __u64 pins)
{
	__u64 now = bpf_ktime_get_ns(), got;
	__u32 owner = owner_of(key, (__u64)leader, now);
	struct owner_rec *rec;

	__sync_fetch_and_add(&totals.events, 1);
	rec = owner_rec(owner);
	owner_gained(owner, now);
	/* No kernel counts it. First, so that who compares meanwhile does not miss pins in it. */
	if (rec && function == GUP_folio_add_pin)
		__sync_fetch_and_add(&rec->extra, pins);
	got = walk_add(folio, pins, WALK_FOLIO, owner);
	if (rec && function == GUP_folio_add_pin)
		__sync_fetch_and_add(&rec->extra, got - pins);
	if (owner == OWNER_OTHERS)
		lose(LOST_NO_OWNER, got);
}

static __always_inline int pins_added(void *ctx, __u32 function, __u64 folio, __u64 pins)
{
	struct task_struct *leader = leader_of(NULL);
	struct owner_key key = {};

	process_of(leader, &key);
	key.site = place_of(ctx, function);
	key.flags = cgroup_mark();
	added(&key, leader, function, folio, pins);
	return 0;
}

/* --- releasing ---------------------------------------------------------------------------- */

/* @nr pages (or folios) from @from on are released. */
static __always_inline void released(struct releaser *by, __u64 from, __u64 nr,
				     enum walk_form form)
{
	__sync_fetch_and_add(&totals.events, 1);
	walk_drop(from, nr, form, by);
}

/* @nr pages (or folios) from @from on are about to be released. */
static __always_inline int unpin(void *ctx, __u32 function, __u64 from, __u64 nr,
				 enum walk_form form)
{
	bool in_task = current_context() == IN_TASK;
	struct task_struct *leader;
	struct releaser by = {};

	/* An error code in its place releases nothing (WARN_ON). */
	if ((__s64)nr <= 0 || (in_task && inside_pin_call((__u64)ctx)))
		return 0;
	leader = in_task ? leader_of(NULL) : NULL;
	if (leader) {
		by.tgid = BPF_CORE_READ(leader, tgid);
		by.start_ns = BPF_CORE_READ(leader, start_boottime);
	}
	released(&by, from, nr, form);
	return 0;
}

#endif
