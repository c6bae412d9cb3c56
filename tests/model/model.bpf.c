// SPDX-License-Identifier: GPL-2.0
/*
 * Drives the ledger with made-up calls on made-up struct pages. Raw tracepoint
 * programs, because BPF_PROG_RUN runs them as the kernel runs those on pin
 * calls: under rcu_read_lock().
 */
#include "events.bpf.h"
#include "reconcile.bpf.h"
#include "recycle.bpf.h"
#include "ustack.bpf.h"
#include "model.h"

char LICENSE[] SEC("license") = "GPL";

/* The made-up array of struct pages; this kernel's must be of that size. */
struct made_up_page {
	__u64 words[8];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct made_up_page);
} memory SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MODEL_THREADS);
	__type(key, __u32);
	__type(value, struct model_step);
} steps SEC(".maps");

/* The threads', then one for each CPU's interrupts. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MODEL_THREADS + MODEL_CPUS);
	__type(key, __u32);
	__type(value, struct storm);
} storms SEC(".maps");

struct model_layout layout;

SEC("syscall")
int model_setup(void *ctx)
{
	__u32 zero = 0;

	layout.memory = (__u64)bpf_map_lookup_elem(&memory, &zero);
	layout.steps = (__u64)bpf_map_lookup_elem(&steps, &zero);
	layout.page_sizeof = PAGE_SIZEOF;
	layout.head_flag = PGFLAG(head);
	layout.info_offset = page_info_offset();
	layout.order_offset = bpf_core_field_exists(struct folio___v61, _folio_order) ?
				      bpf_core_field_offset(struct folio___v61, _folio_order) :
				      bpf_core_field_offset(struct folio, _flags_1);
	return 0;
}

static __always_inline struct model_step *step_of(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 thread = ctx->args[0];

	return bpf_map_lookup_elem(&steps, &thread);
}

SEC("raw_tp")
int model_begin(struct bpf_raw_tracepoint_args *ctx)
{
	struct model_step *s = step_of(ctx);
	struct pin_call call = {};

	if (!s)
		return 0;
	call.frame = s->frame;
	call.wanted = s->nr;
	call.pages = s->from;
	call.function = s->form == WALK_FOLIOS ? GUP_memfd_pin_folios : GUP_pin_user_pages;
	call_begins(&call);
	return 0;
}

SEC("raw_tp")
int model_end(struct bpf_raw_tracepoint_args *ctx)
{
	struct model_step *s = step_of(ctx);
	struct pin_call call = {};
	struct owner_key key;

	if (!s || !call_ends(&call))
		return 0;
	key = s->key;
	pinned(&call, &key, NULL, s->got, s->form);
	call_over();
	return 0;
}

SEC("raw_tp")
int model_release(struct bpf_raw_tracepoint_args *ctx)
{
	struct model_step *s = step_of(ctx);
	struct releaser by = {};

	if (!s || (s->in_task && inside_pin_call(s->frame)))
		return 0;
	if (s->in_task) {
		by.tgid = s->key.tgid;
		by.start_ns = s->key.start_ns;
	}
	by.driver = s->driver;
	released(&by, s->from, s->nr, s->form);
	return 0;
}

/* folio_add_pin() for as many pins as the step has. */
SEC("raw_tp")
int model_add(struct bpf_raw_tracepoint_args *ctx)
{
	struct model_step *s = step_of(ctx);
	struct owner_key key;

	if (!s)
		return 0;
	key = s->key;
	added(&key, NULL, GUP_folio_add_pin, s->from, s->nr);
	return 0;
}

/* Pins the pages of a step and releases them, many times: for bench/. */
SEC("raw_tp")
int model_pairs(struct bpf_raw_tracepoint_args *ctx)
{
	struct model_step *s = step_of(ctx);
	struct releaser by = {};
	__u32 i;

	if (s) {
		by.tgid = s->key.tgid;
		by.start_ns = s->key.start_ns;
	}
	/* Not with bpf_loop(): no more than eight calls may be nested. */
	for (i = 0; s && i < MODEL_PAIRS && i < s->pairs; i++) {
		walk_add(s->from, s->nr, s->form, s->owner);
		walk_drop(s->from, s->nr, s->form, &by);
	}
	return 0;
}

/* --- many at once ------------------------------------------------------------------------- */

static __always_inline struct storm *storm_of(__u32 slot)
{
	return bpf_map_lookup_elem(&storms, &slot);
}

static __always_inline __u64 storm_random(struct storm *s)
{
	__u64 x = s->seed;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	s->seed = x;
	return x * 0x2545f4914f6cdd1dULL;
}

static __always_inline __u32 storm_owner(struct storm *s, __u64 random, __u64 now)
{
	struct owner_key key = {};

	if (!s->keys)
		return s->first_owner + random % (s->owners ? s->owners : 1);
	key.tgid = 1000 + random % s->keys;
	key.start_ns = 7;
	return owner_of(&key, 0, now);
}

/* Up to eight neighbours. Of those to be released, what this thread holds. */
static __always_inline __u64 storm_mask(struct storm *s, __u32 block, __u64 random, bool drop)
{
	__u32 at = random & (LEDGER_BLOCK_PAGES - 1), nr = (random >> 6 & 7) + 1, i;
	__u64 mask = 0;

	for (i = 0; i < 8; i++) {
		__u32 bit = (at + i) & (LEDGER_BLOCK_PAGES - 1);
		__u32 place = (block * LEDGER_BLOCK_PAGES + bit) & (STORM_SMALL - 1);
		__u64 take = i < nr;

		take &= !drop | (s->held[place] > 0);
		s->held[place] += drop ? -take : take;
		mask |= take << bit;
	}
	return mask;
}

static long storm_step(__u32 i, __u32 *slot)
{
	struct storm *s = storm_of(*slot);
	__u64 random, amount, now = bpf_ktime_get_ns(), left;
	struct releaser by = { .start_ns = 7 };
	__u32 block, place, owner, folio;
	bool drop;

	if (!s)
		return 1;
	s->steps++;
	random = storm_random(s);
	drop = random % 100 < s->drain;
	random = storm_random(s);
	block = random % (STORM_BLOCKS + 1);
	random = storm_random(s);
	if (block < STORM_BLOCKS) {
		place = PLACE_BITS;
		amount = storm_mask(s, block, random, drop);
	} else {
		folio = random & (STORM_FOLIOS - 1);
		place = folio << 4 | 4 << PLACE_ORDER_SHIFT;
		amount = (random >> 8 & 3) + 1;
		folio += STORM_SMALL;
		if (drop && (__s64)amount > s->held[folio])
			amount = s->held[folio] > 0 ? s->held[folio] : 0;
		s->held[folio] += drop ? -amount : amount;
	}
	if (!amount)
		return 0;
	random = storm_random(s);
	owner = storm_owner(s, random, now);
	if (drop) {
		by.tgid = random >> 32 & 1 ? 1000 : 0;
		s->missing += ledger_drop(block, place, amount, &by);
		return 0;
	}
	left = ledger_add(block, place, owner, amount, now);
	if (left)
		add_each(block, left, owner, now);
	return 0;
}

SEC("raw_tp")
int model_storm(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 slot = ctx->args[0];
	struct storm *s = storm_of(slot);

	if (s && slot < MODEL_THREADS)
		bpf_loop(s->rounds, storm_step, &slot, 0);
	return 0;
}

/* On each CPU, in interrupts, in the middle of the above. */
SEC("perf_event")
int model_storm_irq(void *ctx)
{
	__u32 slot = MODEL_THREADS + bpf_get_smp_processor_id();
	struct storm *s = storm_of(slot);

	if (s)
		bpf_loop(s->rounds, storm_step, &slot, 0);
	return 0;
}

/* --- user stacks, of what the kernel lets us see: a system call ------------------------------ */

__u32 ustack_tid;
__u64 ustack_call;	/* its number */
__u64 ustack_id;
__u64 ustack_runs, ustack_fresh;

SEC("?tp_btf/sys_enter")
int model_ustack(__u64 *ctx)
{
	bool fresh = false;

	if ((__u32)bpf_get_current_pid_tgid() != ustack_tid || ctx[1] != ustack_call)
		return 0;
	ustack_id = ustack_of(ctx, &fresh);
	ustack_runs++;
	ustack_fresh += fresh;
	return 0;
}
