// SPDX-License-Identifier: GPL-2.0
/*
 * Drives the tracer with made-up pin calls and releases, of made-up struct
 * pages: all that its programs do from where they have fetched their arguments,
 * the stack included. Raw tracepoint programs, for the reason that
 * model.bpf.c has.
 */
#include "trace.bpf.c"
#include "feed.h"

/* The made-up array of struct pages; this kernel's must be of that size. */
struct made_up_page {
	__u64 words[8];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FEED_THREADS * FEED_ARRAYS * FEED_PAGES);
	__type(key, __u32);
	__type(value, struct made_up_page);
} memory SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, FEED_THREADS * FEED_ARRAYS);
	__type(key, __u32);
	__type(value, struct feed_array);
} arrays SEC(".maps");

struct feed_layout layout;
struct feed_thread threads[FEED_THREADS];

SEC("syscall")
int feed_setup(void *ctx)
{
	__u32 zero = 0;

	layout.memory = (__u64)bpf_map_lookup_elem(&memory, &zero);
	layout.arrays = (__u64)bpf_map_lookup_elem(&arrays, &zero);
	layout.page_sizeof = PAGE_SIZEOF;
	return 0;
}

/* A call that pins all of an array, and its release: by thread args[0], with its array args[1]. */
SEC("raw_tp")
int feed_pair(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 thread = ctx->args[0] & (FEED_THREADS - 1), at;
	struct feed_thread *t = &threads[thread];
	struct pin_call call = {};
	__u64 nr = t->nr;

	at = thread * FEED_ARRAYS + ctx->args[1] % FEED_ARRAYS;
	call.pages = layout.arrays + at * sizeof(struct feed_array);
	call.start = 0x7f0000000000ULL + at * sizeof(struct feed_array);
	call.wanted = t->wanted ? t->wanted : nr;
	call.flags = foll_longterm;
	call.function = t->function ? t->function : GUP_pin_user_pages_fast;
	pin_begins(ctx, &call);
	pin_ends(ctx, nr, NULL, WALK_PAGES);
	/* Not by unpin(): whether this is an interrupt, not every kernel lets a program ask. */
	if (!inside_pin_call((__u64)ctx))
		report_unpin(ctx, GUP_unpin_user_pages, IN_TASK, call.pages, nr, WALK_PAGES);
	t->pairs++;
	t->pins += nr;
	t->unpins += nr;
	return 0;
}
