/* SPDX-License-Identifier: GPL-2.0 */
/* From the pages of one call to a list of runs, and what is told of it to user space. */
#ifndef PINSCOPE_LIST_BPF_H
#define PINSCOPE_LIST_BPF_H

#include "pages.bpf.h"
#include "trace.h"

/* Its size is user space's to set before loading. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 12);
} ring SEC(".maps");

/* The reader looks often enough by itself; it is woken when so many bytes wait. */
const volatile __u64 ring_wakes = 1;

struct trace_totals traced;

/* False: the buffer is full. */
static __always_inline bool send(const struct trace_event *ev)
{
	__u32 nr = ev->nr_runs;
	__u64 flags = BPF_RB_NO_WAKEUP;

	if (nr > TRACE_RUNS)
		return false;
	if (bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) >= ring_wakes)
		flags = BPF_RB_FORCE_WAKEUP;
	return !bpf_ringbuf_output(&ring, (void *)ev,
				   __builtin_offsetof(struct trace_event, runs) + nr * 8, flags);
}

/* There is no other way to do it without a record that is read. */
static __always_inline void wake_reader(void)
{
	void *nothing = bpf_ringbuf_reserve(&ring, 8, 0);

	if (nothing)
		bpf_ringbuf_discard(nothing, BPF_RB_FORCE_WAKEUP);
}

struct listing {
	struct pages pages;
	struct trace_event *ev;
	__u64 first;		/* PFN of the run that is being counted */
	__u64 count;		/* its pins; 0: none is */
	__u32 order;
};

/* Global, not static, so that it is verified once and not from each place. */
__noinline int add_run(struct trace_event *ev, __u64 first, __u64 count, __u32 order)
{
	__u32 at, type;

	if (!ev)
		return 0;
	at = ev->nr_runs;
	if (at >= TRACE_RUNS) {
		type = ev->type;
		ev->type = TRACE_RUNS_ONLY;
		/* When it is dropped the reader sees: ev->pins goes on. */
		send(ev);
		ev->type = type;
		at = 0;
	}
	ev->runs[at] = RUN_WORD(first, count, order);
	ev->nr_runs = at + 1;
	ev->pins += count;
	return 0;
}

static __always_inline int list_run(struct listing *l)
{
	if (l->count)
		add_run(l->ev, l->first, l->count, l->order);
	l->count = unknown_zero();
	return 0;
}

static __always_inline void list_page(struct listing *l, __u64 page)
{
	__u64 pfn = pfn_of(page), folio, head;
	__u32 order;

	if (pfn == zero_pfn)
		return;		/* the kernel hands it out, but pins it not */
	if (l->count && l->order && pfn >= l->first && pfn - l->first < 1ULL << (l->order & 31) &&
	    l->count < RUN_MAX_COUNT) {
		l->count++;
		return;
	}
	folio = folio_at(page);
	if (folio == FOLIO_UNREADABLE) {
		lose(LOST_UNREADABLE, 1);
		return;
	}
	head = folio >> FOLIO_PFN_SHIFT;
	order = folio & FOLIO_ORDER;
	if (!order && !l->order && l->count && head == l->first + l->count &&
	    l->count < RUN_MAX_COUNT) {
		l->count++;
		return;
	}
	list_run(l);
	l->first = head;
	l->order = order;
	l->count = 1;
}

static long list_each(__u32 i, struct listing *l)
{
	__u64 page = page_of(&l->pages, i);

	if (page)
		list_page(l, page);
	return 0;
}

/* In a run of small pages each has one pin. */
static __always_inline __u64 most_pins(const struct listing *l)
{
	return l->order ? RUN_MAX_COUNT : 1;
}

/* Many pins of one folio: as many at once as one run has room for. */
static long list_pins(__u32 i, struct listing *l)
{
	__u64 most = most_pins(l), left = l->pages.nr - i * most;

	l->count = left < most ? left : most;
	list_run(l);
	return 0;
}

static __always_inline void list_folio(struct listing *l)
{
	__u64 folio = folio_at(l->pages.from);

	if (folio == FOLIO_UNREADABLE) {
		lose(LOST_UNREADABLE, l->pages.nr);
		return;
	}
	l->first = folio >> FOLIO_PFN_SHIFT;
	l->order = folio & FOLIO_ORDER;
	bpf_loop((l->pages.nr + most_pins(l) - 1) / most_pins(l), list_pins, l, 0);
}

/* Puts the @nr pages (or folios) of one call into @ev, sending it on as often as it is full. */
static __noinline int list_pages(struct trace_event *ev, __u64 from, __u64 nr, __u32 how)
{
	struct listing l = { .pages = PAGES(from, nr, how), .ev = ev };

	l.first = unknown_zero();
	l.count = unknown_zero();
	l.order = unknown_zero();
	if (nr > WALK_MOST)
		lose(LOST_UNREADABLE, nr - WALK_MOST);
	if ((how & WALK_FORM) == WALK_FOLIO)
		list_folio(&l);
	else
		bpf_loop(l.pages.nr, list_each, &l, 0);
	return list_run(&l);
}

#endif
