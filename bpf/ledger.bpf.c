// SPDX-License-Identifier: GPL-2.0
/*
 * Where pins and releases are seen: fentry and fexit, and kprobe and kretprobe
 * for what these cannot reach. Each program is tried by itself, see
 * tools/lib/attach.c. One object, because the maps and the verified
 * subprograms are shared.
 */
#include "events.bpf.h"
#include "reconcile.bpf.h"
#include "recycle.bpf.h"
#include <linux/ptrace.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

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

#define PIN(name, type, mm_at, wanted_at, flags_at, pages_at)                                           \
	SEC("fentry/" #name)                                                                  \
	int name##_begins(void *ctx)                                                          \
	{                                                                                     \
		return pin_begins(ctx, ARG(ctx, mm_at), ARG(ctx, wanted_at),                  \
				  ARG(ctx, flags_at), ARG(ctx, pages_at));                                           \
	}                                                                                     \
	SEC("fexit/" #name)                                                                   \
	int name##_ends(void *ctx)                                                            \
	{                                                                                     \
		struct pin_call late = {                                                      \
			.mm = ARG(ctx, mm_at), .wanted = ARG(ctx, wanted_at),                 \
			.flags = ARG(ctx, flags_at), .pages = ARG(ctx, pages_at),                  \
		};                                                                            \
		return pin_ends(ctx, (type)ret(ctx), &late, WALK_PAGES);                      \
	}

PIN(pin_user_pages, long, NONE, 1, 2, 3)
PIN(pin_user_pages_fast, int, NONE, 1, 2, 3)
PIN(pin_user_pages_fast_only, int, NONE, 1, 2, 3)
PIN(pin_user_pages_remote, long, 0, 2, 3, 4)
PIN(pin_user_pages_unlocked, long, NONE, 1, 3, 2)

SEC("fentry/memfd_pin_folios")
int memfd_pin_folios_begins(void *ctx)
{
	return pin_begins(ctx, 0, arg(ctx, 4), foll_longterm, arg(ctx, 3));
}

SEC("fexit/memfd_pin_folios")
int memfd_pin_folios_ends(void *ctx)
{
	struct pin_call late = {
		.wanted = arg(ctx, 4), .flags = foll_longterm, .pages = arg(ctx, 3),
	};

	return pin_ends(ctx, ret(ctx), &late, WALK_FOLIOS);
}

SEC("fentry/folio_add_pin")
int folio_add_pin_begins(void *ctx)
{
	return pins_added(ctx, arg(ctx, 0), 1, false);
}

SEC("fexit/folio_add_pins")
int folio_add_pins_ends(void *ctx)
{
	if ((int)ret(ctx))
		return 0;
	return pins_added(ctx, arg(ctx, 0), (__u32)arg(ctx, 1), true);
}

/* --- fentry: releasing, in three copies --------------------------------------------------- */

#define COPY(function, name, suffix, context, from, nr, form)                                 \
	SEC("fentry/" #name)                                                                  \
	int name##_##suffix(void *ctx)                                                        \
	{                                                                                     \
		return unpin(ctx, function, context, from, nr, form);                         \
	}

#define UNPIN(function, name, from, nr, form)                                                 \
	COPY(function, name, task, IN_TASK, from, nr, form)                                   \
	COPY(function, name, softirq, IN_SOFTIRQ, from, nr, form)                             \
	COPY(function, name, hardirq, IN_HARDIRQ, from, nr, form)

UNPIN(UNPIN_USER_PAGE, unpin_user_page, arg(ctx, 0), 1, WALK_RANGE)
UNPIN(UNPIN_USER_PAGES, unpin_user_pages, arg(ctx, 0), arg(ctx, 1), WALK_PAGES)
/* With make_dirty false it calls unpin_user_pages(), which is seen by itself. */
UNPIN(UNPIN_USER_PAGES_DIRTY_LOCK, unpin_user_pages_dirty_lock, arg(ctx, 0),
      (__u8)arg(ctx, 2) ? arg(ctx, 1) : 0, WALK_PAGES)
UNPIN(UNPIN_USER_PAGE_RANGE_DIRTY_LOCK, unpin_user_page_range_dirty_lock, arg(ctx, 0),
      arg(ctx, 1), WALK_RANGE)
UNPIN(UNPIN_USER_FOLIO, unpin_user_folio, arg(ctx, 0), arg(ctx, 1), WALK_FOLIO)
UNPIN(UNPIN_FOLIO, unpin_folio, arg(ctx, 0), 1, WALK_RANGE)
UNPIN(UNPIN_FOLIOS, unpin_folios, arg(ctx, 0), arg(ctx, 1), WALK_FOLIOS)

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

#define KPIN(name, type, mm, wanted, flags, pages, form)                                      \
	SEC("kprobe/" #name)                                                                  \
	int name##_kbegins(struct pt_regs *ctx)                                               \
	{                                                                                     \
		return pin_begins(ctx, REG_##mm(ctx), REG_##wanted(ctx), flags,               \
				  REG_##pages(ctx));                                          \
	}                                                                                     \
	SEC("kretprobe/" #name)                                                               \
	int name##_kends(struct pt_regs *ctx)                                                 \
	{                                                                                     \
		return pin_ends(ctx, (type)PT_REGS_RC(ctx), NULL, form);                      \
	}

KPIN(pin_user_pages, long, NONE, 1, REG_2(ctx), 3, WALK_PAGES)
KPIN(pin_user_pages_fast, int, NONE, 1, REG_2(ctx), 3, WALK_PAGES)
KPIN(pin_user_pages_fast_only, int, NONE, 1, REG_2(ctx), 3, WALK_PAGES)
KPIN(pin_user_pages_remote, long, 0, 2, REG_3(ctx), 4, WALK_PAGES)
KPIN(pin_user_pages_unlocked, long, NONE, 1, REG_3(ctx), 2, WALK_PAGES)
KPIN(memfd_pin_folios, long, NONE, 4, foll_longterm, 3, WALK_FOLIOS)

SEC("kprobe/folio_add_pin")
int folio_add_pin_kbegins(struct pt_regs *ctx)
{
	return pins_added(ctx, REG_0(ctx), 1, false);
}

#define KUNPIN(function, name, nr, form)                                                      \
	SEC("kprobe/" #name)                                                                  \
	int name##_k(struct pt_regs *ctx)                                                     \
	{                                                                                     \
		return unpin(ctx, function, IN_ANY, REG_0(ctx), nr, form);                    \
	}

KUNPIN(UNPIN_USER_PAGE, unpin_user_page, 1, WALK_RANGE)
KUNPIN(UNPIN_USER_PAGES, unpin_user_pages, REG_1(ctx), WALK_PAGES)
KUNPIN(UNPIN_USER_PAGES_DIRTY_LOCK, unpin_user_pages_dirty_lock,
       (__u8)REG_2(ctx) ? REG_1(ctx) : 0, WALK_PAGES)
KUNPIN(UNPIN_USER_PAGE_RANGE_DIRTY_LOCK, unpin_user_page_range_dirty_lock, REG_1(ctx), WALK_RANGE)
KUNPIN(UNPIN_USER_FOLIO, unpin_user_folio, REG_1(ctx), WALK_FOLIO)
KUNPIN(UNPIN_FOLIO, unpin_folio, 1, WALK_RANGE)
KUNPIN(UNPIN_FOLIOS, unpin_folios, REG_1(ctx), WALK_FOLIOS)
