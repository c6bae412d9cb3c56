// SPDX-License-Identifier: GPL-2.0
/*
 * Reads struct page by PFN and reports what is pinned. Needs no history and
 * no hook: a SEC("syscall") program that user space runs again and again,
 * each time for a time budget, going on where the run before stopped.
 */
#include "read.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define MAX_FOLIO_ORDER 30
#define MAX_BUDDY_ORDER 13	/* of a free block: MAX_PAGE_ORDER, arm64 with 64K pages */

/* Order of the large folio whose head page lies at @head; 0 when it is none (any more). */
static __always_inline __u64 order_at(struct scan_slot *slot, __u64 head)
{
	__u32 order;

	if (bpf_probe_read_kernel(slot->pair, 2 * PAGE_SIZEOF, (void *)head) ||
	    !(PFLAGS(slot->pair) & PGFLAG(head)))
		return 0;
	order = folio_order_of(slot->pair);
	return order <= MAX_FOLIO_ORDER ? order : 0;
}

/* Where to go on after the tail page @pfn of the folio that begins at address @head. */
static __always_inline __u64 after_tail(struct scan_slot *slot, __u64 pfn, __u64 head)
{
	__u64 head_pfn = (head - slot->args.vmemmap) / PAGE_SIZEOF, next;

	if (head_pfn >= pfn) {
		slot->args.raced++;
		return pfn + 1;
	}
	if (slot->args.flags & SCAN_WHOLE_FOLIOS) {
		slot->args.flags &= ~SCAN_WHOLE_FOLIOS;
		return head_pfn;
	}
	next = head_pfn + (1ULL << (order_at(slot, head) & 31));
	return next > pfn ? next : pfn + 1;
}

/* A page that no one references: free, or the tail of a large folio. */
__noinline int look_at_unreferenced(__u32 slot_nr)
{
	struct scan_slot *slot = slot_of(slot_nr);
	__u64 pfn, head, order;
	const void *page;

	if (!slot)
		return 0;
	pfn = slot->run.pfn;
	page = page_at(slot);
	order = P64(page, private);
	/* Read without the zone's lock: believe only what can be. */
	if (page_is_buddy(P32(page, page_type)) && order <= MAX_BUDDY_ORDER &&
	    !(pfn & ((1ULL << order) - 1))) {
		slot->args.free_pages += 1ULL << order;
		slot->next = pfn + (1ULL << order);
		return 0;
	}
	head = page_head(page_addr(slot, pfn), *(const __u64 *)(page + page_info_offset()));
	if (head)
		slot->next = after_tail(slot, pfn, head);
	return 0;
}

/* Head page of a large folio. */
__noinline int look_at_large(__u32 slot_nr)
{
	struct scan_slot *slot = slot_of(slot_nr);
	__u64 addr, head, pfn;
	__s32 refs, pins;
	void *pages;
	bool hugetlb;
	__u32 order;

	if (!slot)
		return 0;
	pfn = slot->run.pfn;
	addr = page_addr(slot, pfn);
	pages = page_at(slot);
	/* Its second page may lie beyond what the chunk has. */
	if (slot->at + 1 >= slot->chunk_pages &&
	    bpf_probe_read_kernel(pages + PAGE_SIZEOF, PAGE_SIZEOF,
				  (void *)(addr + PAGE_SIZEOF))) {
		slot->args.raced++;
		return 0;
	}
	refs = P32(pages, _refcount);
	order = folio_order_of(pages);
	head = page_head(addr + PAGE_SIZEOF,
			 *(const __u64 *)(pages + PAGE_SIZEOF + page_info_offset()));
	/* A fake head: hugetlb's optimised vmemmap repeated the head page (6.1, 6.12). */
	if (head && head < addr) {
		slot->next = after_tail(slot, pfn, head);
		return 0;
	}
	if (head != addr || !order || order > MAX_FOLIO_ORDER) {
		slot->args.raced++;
		return 0;
	}
	slot->args.folios++;
	slot->next = pfn + (1ULL << order);
	pins = FOLIO_FIELD(pages, __s32, folio, _pincount);
	if (pins > 0 && pins <= refs) {
		hugetlb = folio_is_hugetlb(pages);
		slot->run.order = order;
		slot->run.pins = pins;
		slot->run.kind = hugetlb ? PIN_HUGETLB : 0;
		slot->run.mappings = large_mappings(slot, addr, pages, order, hugetlb);
	}
	return 0;
}

/* Do @a and @b differ in nothing but place? */
static __always_inline bool alike(const struct pin_run *a, const struct pin_run *b)
{
	return a->mapping == b->mapping && a->cgroup == b->cgroup && a->pins == b->pins &&
	       a->mappings == b->mappings && a->node == b->node && a->order == b->order &&
	       a->kind == b->kind && a->zone == b->zone && a->block == b->block;
}

/*
 * The folio is pinned: find out the rest and add it to the last run where it
 * continues that. Returns 1 when there is no room: user space empties the
 * slot and the folio comes again.
 */
__noinline int emit(__u32 slot_nr)
{
	struct scan_slot *slot = slot_of(slot_nr);
	struct pin_run *last;
	__u32 n;

	if (!slot)
		return 1;
	describe(slot, page_at(slot));
	n = slot->args.runs;
	if (n && n <= SCAN_RUNS) {
		last = &slot->runs[n - 1];
		if (last->pfn + ((__u64)last->folios << (last->order & 31)) == slot->run.pfn &&
		    alike(last, &slot->run)) {
			last->folios++;
			return 0;
		}
	}
	if (n >= SCAN_RUNS)
		return 1;
	slot->run.folios = 1;
	slot->runs[n] = slot->run;
	slot->args.runs = n + 1;
	return 0;
}

static __always_inline void passed(struct scan_slot *slot, __u32 found)
{
	slot->args.start += found & FOUND_INDEX;
	slot->args.pages += found & FOUND_INDEX;
	slot->args.folios += found >> FOUND_USED_SHIFT & FOUND_USED;
}

/* Goes to the next page that wants a closer look, and has it in the chunk; 0: not there yet. */
static __always_inline __u32 advance(struct scan_slot *slot, __u32 slot_nr)
{
	__u32 found, pages = SCAN_CHUNK_PAGES, from;

	if (slot->args.start - slot->chunk_pfn >= slot->chunk_pages) {
		/* A hole goes on, most often: where loads fault, one is enough. */
		if (slot->in_hole) {
			pages = 2;
		} else if (slot->args.read == SCAN_READ_CAST && !(slot->args.flags & SCAN_FIRST) &&
			   slot->args.end - slot->args.start >= SCAN_CAST_PAGES) {
			found = skip_ordinary(slot_nr, slot->args.start);
			passed(slot, found);
			if (found & FOUND_HOLE)
				step_over_hole(slot);
			if (found & FOUND_HOLE || (found & FOUND_INDEX) == SCAN_CAST_PAGES)
				return 0;
			/* Pinned pages have pinned neighbours; of any other, one look is enough. */
			if (!(found & FOUND_REFERENCED))
				pages = 2;
		}
		slot->args.flags &= ~SCAN_FIRST;
		read_chunk(slot_nr, pages);
		if (!slot->chunk_pages)
			return 0;
	}
	from = slot->args.start - slot->chunk_pfn;
	found = next_candidate(slot_nr, from);
	slot->at = found & FOUND_INDEX;
	passed(slot, found - from);
	return slot->at < slot->chunk_pages;
}

/* Reading the clock takes as long as many a step: not before each. */
static __always_inline bool time_is_up(struct scan_slot *slot)
{
	if (slot->unclocked) {
		slot->unclocked--;
		return false;
	}
	slot->unclocked = 7;
	return bpf_ktime_get_ns() > slot->deadline;
}

static long scan_step(__u32 i, __u32 *slot_nr)
{
	struct scan_slot *slot = slot_of(*slot_nr);
	const void *page;
	__u32 refs;
	__u64 pfn;

	if (!slot || slot->args.start >= slot->args.end || time_is_up(slot))
		return 1;
	if (!advance(slot, *slot_nr))
		return 0;

	pfn = slot->args.start;
	slot->run.pfn = pfn;
	slot->run.pins = 0;
	slot->run.order = 0;
	slot->run.kind = 0;
	slot->next = pfn + 1;
	slot->args.pages++;
	page = page_at(slot);
	refs = P32(page, _refcount);
	if ((__s32)refs <= 0) {
		look_at_unreferenced(*slot_nr);
	} else if (PFLAGS(page) & PGFLAG(head)) {
		look_at_large(*slot_nr);
	} else {
		slot->args.folios++;
		if (pfn != slot->args.zero_pfn)
			slot->run.pins = small_pins(page, &slot->run.mappings);
	}
	if (slot->run.pins && emit(*slot_nr))
		return 1;
	slot->args.start = slot->next;
	return 0;
}

SEC("syscall")
int scan_run(struct scan_ctx *ctx)
{
	__u32 slot_nr = ctx->slot;
	struct scan_slot *slot = slot_of(slot_nr);

	if (!slot)
		return 1;
	if (slot->args.read == SCAN_READ_CAST && !direct_loads)
		slot->args.read = SCAN_READ_BULK;
	slot->deadline = bpf_ktime_get_ns() + slot->args.budget_ns;
	slot->chunk_pages = 0;
	slot->unclocked = 0;
	slot->in_hole = 0;
	bpf_loop(1 << 20, scan_step, &slot_nr, 0);
	return 0;
}
