/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where pins and releases are seen: fentry and fexit, and kprobe and kretprobe
 * for what these cannot reach. Each program is tried by itself, see
 * tools/lib/attach.c. They only fetch arguments: what a call means, say
 * pin_begins(), pin_ends(), pins_added() and unpin() of whoever includes this.
 */
#ifndef PINSCOPE_ENTRIES_BPF_H
#define PINSCOPE_ENTRIES_BPF_H

#include "calls.bpf.h"
#include <linux/ptrace.h>
#include <bpf/bpf_tracing.h>

static __always_inline __u64 arg(void *ctx, __u32 n)
{
	__u64 value = 0;

	bpf_get_func_arg(ctx, n, &value);
	return value;
}

static __always_inline long ret(void *ctx)
{
	__u64 value = 0;

	bpf_get_func_ret(ctx, &value);
	return value;
}

/* --- fentry, fexit: pinning --------------------------------------------------------------- */

/* Positions of the arguments, by function; NONE: has no such argument. */
#define NONE 15
#define ARG(ctx, n) ((n) == NONE ? 0 : arg(ctx, n))

#define CALL(ctx, name, mm_at, start_at, wanted_at, flags_at, pages_at)                       \
	{                                                                                     \
		.mm = ARG(ctx, mm_at), .start = ARG(ctx, start_at),                           \
		.wanted = ARG(ctx, wanted_at), .flags = ARG(ctx, flags_at),                   \
		.pages = ARG(ctx, pages_at), .function = GUP_##name,                          \
	}

#define PIN(name, type, ...)                                                                  \
	SEC("fentry/" #name)                                                                  \
	int name##_begins(void *ctx)                                                          \
	{                                                                                     \
		struct pin_call call = CALL(ctx, name, __VA_ARGS__);                          \
                                                                                              \
		return pin_begins(ctx, &call);                                                \
	}                                                                                     \
	SEC("fexit/" #name)                                                                   \
	int name##_ends(void *ctx)                                                            \
	{                                                                                     \
		struct pin_call late = CALL(ctx, name, __VA_ARGS__);                          \
                                                                                              \
		return pin_ends(ctx, (type)ret(ctx), &late, WALK_PAGES);                      \
	}

/* (mm, start, nr_pages, gup_flags, pages) */
PIN(pin_user_pages, long, NONE, 0, 1, 2, 3)
PIN(pin_user_pages_fast, int, NONE, 0, 1, 2, 3)
PIN(pin_user_pages_fast_only, int, NONE, 0, 1, 2, 3)
PIN(pin_user_pages_remote, long, 0, 1, 2, 3, 4)
PIN(pin_user_pages_unlocked, long, NONE, 0, 1, 3, 2)

static __always_inline struct pin_call memfd_call(void *ctx)
{
	return (struct pin_call){
		.start = arg(ctx, 1), .wanted = arg(ctx, 4), .flags = foll_longterm,
		.pages = arg(ctx, 3), .function = GUP_memfd_pin_folios,
	};
}

SEC("fentry/memfd_pin_folios")
int memfd_pin_folios_begins(void *ctx)
{
	struct pin_call call = memfd_call(ctx);

	return pin_begins(ctx, &call);
}

SEC("fexit/memfd_pin_folios")
int memfd_pin_folios_ends(void *ctx)
{
	struct pin_call late = memfd_call(ctx);

	return pin_ends(ctx, ret(ctx), &late, WALK_FOLIOS);
}

SEC("fentry/folio_add_pin")
int folio_add_pin_begins(void *ctx)
{
	return pins_added(ctx, GUP_folio_add_pin, arg(ctx, 0), 1);
}

SEC("fexit/folio_add_pins")
int folio_add_pins_ends(void *ctx)
{
	if ((int)ret(ctx))
		return 0;
	return pins_added(ctx, GUP_folio_add_pins, arg(ctx, 0), (__u32)arg(ctx, 1));
}

/* --- fentry: releasing ----------------------------------------------------------------------- */

/*
 * What is attached three times, see struct running, decides only whose turn it
 * is; the program that does the work is attached to nothing and called by all
 * three. So it is verified once, and that is most of what starting takes. Each
 * function has its own: programs of different arguments call no others
 * (28ead3eaabc1, v6.12).
 */
#define COPY(name, suffix, context)                                                           \
	SEC("fentry/" #name)                                                                  \
	int name##_##suffix(void *ctx)                                                        \
	{                                                                                     \
		if (!my_turn(GUP_##name, context))                                            \
			return 0;                                                             \
		bpf_tail_call(ctx, &name##_call, 0);                                          \
		lose(LOST_UNREADABLE, 1);                                                     \
		my_turn_ends(GUP_##name, context);                                            \
		return 0;                                                                     \
	}

#define UNPIN(name, from, nr, form, dirty)                                                    \
	struct {                                                                              \
		__uint(type, BPF_MAP_TYPE_PROG_ARRAY);                                        \
		__uint(max_entries, 1);                                                       \
		__type(key, __u32);                                                           \
		__type(value, __u32);                                                         \
	} name##_call SEC(".maps");                                                           \
	COPY(name, task, IN_TASK)                                                             \
	COPY(name, softirq, IN_SOFTIRQ)                                                       \
	COPY(name, hardirq, IN_HARDIRQ)                                                       \
	SEC("fentry/" #name)                                                                  \
	int name##_works(void *ctx)                                                           \
	{                                                                                     \
		unpin(ctx, GUP_##name, from, nr, (form) | ((dirty) ? WALK_DIRTY : 0));        \
		my_turn_ends(GUP_##name, current_context());                                  \
		return 0;                                                                     \
	}

UNPIN(unpin_user_page, arg(ctx, 0), 1, WALK_RANGE, false)
UNPIN(unpin_user_pages, arg(ctx, 0), arg(ctx, 1), WALK_PAGES, false)
/* With make_dirty false it calls unpin_user_pages(), which is seen by itself. */
UNPIN(unpin_user_pages_dirty_lock, arg(ctx, 0), (__u8)arg(ctx, 2) ? arg(ctx, 1) : 0, WALK_PAGES,
      true)
UNPIN(unpin_user_page_range_dirty_lock, arg(ctx, 0), arg(ctx, 1), WALK_RANGE, (__u8)arg(ctx, 2))
UNPIN(unpin_user_folio, arg(ctx, 0), arg(ctx, 1), WALK_FOLIO, false)
UNPIN(unpin_folio, arg(ctx, 0), 1, WALK_RANGE, false)
UNPIN(unpin_folios, arg(ctx, 0), arg(ctx, 1), WALK_FOLIOS, false)

/* --- kprobe, kretprobe -------------------------------------------------------------------- */

/*
 * Where there is no trampoline: arm64 before v6.4 (2aa6ac03516d), and in v6.1
 * functions of more than six arguments, pin_user_pages_remote(). The first six
 * are in registers. No two kprobe programs run on one CPU at the same time, so
 * copies by context would be of no use.
 */
#define REG_0(ctx) PT_REGS_PARM1(ctx)
#define REG_1(ctx) PT_REGS_PARM2(ctx)
#define REG_2(ctx) PT_REGS_PARM3(ctx)
#define REG_3(ctx) PT_REGS_PARM4(ctx)
#define REG_4(ctx) PT_REGS_PARM5(ctx)
#define REG_NONE(ctx) 0
#define REG_LONGTERM(ctx) foll_longterm

#define KPIN(name, type, mm_in, start_in, wanted_in, flags_in, pages_in, form)                \
	SEC("kprobe/" #name)                                                                  \
	int name##_kbegins(struct pt_regs *ctx)                                               \
	{                                                                                     \
		struct pin_call call = {                                                      \
			.mm = REG_##mm_in(ctx), .start = REG_##start_in(ctx),                 \
			.wanted = REG_##wanted_in(ctx), .flags = REG_##flags_in(ctx),         \
			.pages = REG_##pages_in(ctx), .function = GUP_##name,                 \
		};                                                                            \
                                                                                              \
		return pin_begins(ctx, &call);                                                \
	}                                                                                     \
	SEC("kretprobe/" #name)                                                               \
	int name##_kends(struct pt_regs *ctx)                                                 \
	{                                                                                     \
		return pin_ends(ctx, (type)PT_REGS_RC(ctx), NULL, form);                      \
	}

KPIN(pin_user_pages, long, NONE, 0, 1, 2, 3, WALK_PAGES)
KPIN(pin_user_pages_fast, int, NONE, 0, 1, 2, 3, WALK_PAGES)
KPIN(pin_user_pages_fast_only, int, NONE, 0, 1, 2, 3, WALK_PAGES)
KPIN(pin_user_pages_remote, long, 0, 1, 2, 3, 4, WALK_PAGES)
KPIN(pin_user_pages_unlocked, long, NONE, 0, 1, 3, 2, WALK_PAGES)
KPIN(memfd_pin_folios, long, NONE, 1, 4, LONGTERM, 3, WALK_FOLIOS)

SEC("kprobe/folio_add_pin")
int folio_add_pin_kbegins(struct pt_regs *ctx)
{
	return pins_added(ctx, GUP_folio_add_pin, REG_0(ctx), 1);
}

/* Its arguments are gone when it returns. */
SEC("kprobe/folio_add_pins")
int folio_add_pins_kbegins(struct pt_regs *ctx)
{
	struct pin_call call = {
		.frame = (__u64)ctx, .pages = REG_0(ctx), .wanted = (__u32)REG_1(ctx),
		.function = GUP_folio_add_pins,
	};

	call_begins(&call);
	return 0;
}

SEC("kretprobe/folio_add_pins")
int folio_add_pins_kends(struct pt_regs *ctx)
{
	struct pin_call call;

	if (!call_ends(&call)) {
		lose(LOST_EXIT, 1);
		return 0;
	}
	if (!(int)PT_REGS_RC(ctx))
		pins_added(ctx, GUP_folio_add_pins, call.pages, call.wanted);
	call_over();
	return 0;
}

#define KUNPIN(name, nr, form, dirty)                                                         \
	SEC("kprobe/" #name)                                                                  \
	int name##_k(struct pt_regs *ctx)                                                     \
	{                                                                                     \
		return unpin(ctx, GUP_##name, REG_0(ctx), nr,                                 \
			     (form) | ((dirty) ? WALK_DIRTY : 0));                            \
	}

KUNPIN(unpin_user_page, 1, WALK_RANGE, false)
KUNPIN(unpin_user_pages, REG_1(ctx), WALK_PAGES, false)
KUNPIN(unpin_user_pages_dirty_lock, (__u8)REG_2(ctx) ? REG_1(ctx) : 0, WALK_PAGES, true)
KUNPIN(unpin_user_page_range_dirty_lock, REG_1(ctx), WALK_RANGE, (__u8)REG_2(ctx))
KUNPIN(unpin_user_folio, REG_1(ctx), WALK_FOLIO, false)
KUNPIN(unpin_folio, 1, WALK_RANGE, false)
KUNPIN(unpin_folios, REG_1(ctx), WALK_FOLIOS, false)

#endif
