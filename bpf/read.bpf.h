/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading struct pages, and finding quickly those that want a closer look. A
 * thread's slot holds what it reads and what it finds.
 */
#ifndef PINSCOPE_READ_BPF_H
#define PINSCOPE_READ_BPF_H

#include "page.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scan_slot);
} slots SEC(".maps");

/*
 * The functions below that are global (not static) share their data through
 * the slot, so that the verifier can prove each by itself: one after the
 * other they would be more paths than it follows.
 */
static __always_inline struct scan_slot *slot_of(__u32 nr)
{
	return bpf_map_lookup_elem(&slots, &nr);
}

static __always_inline __u64 page_addr(const struct scan_slot *slot, __u64 pfn)
{
	return slot->args.vmemmap + pfn * PAGE_SIZEOF;
}

/* The chunk's struct page @at. The mask is for the verifier of 6.1, which loses track of a product. */
static __always_inline void *chunk_page(struct scan_slot *slot, __u32 at)
{
	return slot->chunk + (at * PAGE_SIZEOF & (SCAN_CHUNK_PAGES * SCAN_MAX_PAGE_SIZEOF - 1));
}

/* The struct page that is looked at; the one after it follows. */
static __always_inline void *page_at(struct scan_slot *slot)
{
	return chunk_page(slot, slot->at);
}

/* Struct pages are there or not by the page of memory that they lie in, or by more of them. */
#define VMEMMAP_PAGE 4096

/* There is no struct page where the scan is: goes on after all those that are missing with it. */
static __always_inline void step_over_hole(struct scan_slot *slot)
{
	__u64 addr = page_addr(slot, slot->args.start);
	__u64 bytes = VMEMMAP_PAGE - (addr & (VMEMMAP_PAGE - 1)), pages, left;

	left = slot->args.end - slot->args.start;
	pages = (bytes + PAGE_SIZEOF - 1) / PAGE_SIZEOF;
	if (pages > left)
		pages = left;
	slot->args.start += pages;
	slot->args.unreadable += pages;
	slot->in_hole = 1;
}

/*
 * Reads @pages struct pages (or up to the end of the range) from the scan's
 * place on into the chunk, or as many as there are before a hole. The chunk is
 * empty when there is none: then the hole has been stepped over.
 */
__noinline int read_chunk(__u32 slot_nr, __u32 pages)
{
	struct scan_slot *slot = slot_of(slot_nr);
	__u64 pfn, left;
	__u32 i;

	if (!slot)
		return 0;
	pfn = slot->args.start;
	left = slot->args.end - pfn;
	slot->chunk_pfn = pfn;
	slot->chunk_pages = left < pages ? left : pages;
	slot->in_hole = 0;
	if (slot->args.read != SCAN_READ_PAGE && slot->chunk_pages == SCAN_CHUNK_PAGES &&
	    !bpf_probe_read_kernel(slot->chunk, SCAN_CHUNK_PAGES * PAGE_SIZEOF,
				   (void *)page_addr(slot, pfn)))
		return 0;

	/* One by one, for where a hole makes the whole chunk unreadable, or not all is wanted. */
	for (i = 0; i < SCAN_CHUNK_PAGES; i++) {
		if (i >= slot->chunk_pages)
			break;
		if (bpf_probe_read_kernel(chunk_page(slot, i), PAGE_SIZEOF,
					  (void *)page_addr(slot, pfn + i))) {
			slot->chunk_pages = i;
			if (!i)
				step_over_hole(slot);
			break;
		}
	}
	return 0;
}

/* What the two searches below return: an index, how many pages in use were passed, a hint. */
#define FOUND_INDEX 0xffff
#define FOUND_USED_SHIFT 16
#define FOUND_USED 0x1fff
#define FOUND_HOLE (1U << 29)		/* no struct page is there */
#define FOUND_REFERENCED (1U << 30)	/* so often that it may be pinned; its neighbours, too */

/* More than enough for one page in use, and too few for a pin. */
static __always_inline bool ordinary(__u32 refs)
{
	return refs - 1 < (1U << PIN_BIAS_SHIFT) - 1;
}

/*
 * May the programs use direct loads? User space tries: with true, the programs
 * do not load on a kernel without bpf_rdonly_cast(). Asking for the function's
 * address would be simpler, but in a light skeleton that bpftool made with a
 * libbpf before v1.2, no kernel has it.
 */
const volatile bool direct_loads = true;

/* The struct page at @addr, for direct loads; one that faults gives 0. */
static __always_inline const struct page *cast(__u64 addr)
{
	return bpf_rdonly_cast((void *)addr, bpf_core_type_id_kernel(struct page));
}

/*
 * Is @addr, where a load gave 0, without memory? Asked once for each page of
 * struct pages, for it takes far longer than a load. Memory that the kernel
 * has not initialised yet is zero as well.
 */
static __always_inline bool is_hole(__u64 addr, bool first)
{
	__u32 word;

	return (first || (addr & (VMEMMAP_PAGE - 1)) < PAGE_SIZEOF) &&
	       bpf_probe_read_kernel(&word, sizeof(word), (void *)addr);
}

/*
 * Looks through SCAN_CAST_PAGES pages and passes over those that are small and
 * in use by a few, which nearly all are. This is the scan's inner loop: one
 * load for such a page. A large folio is noticed by its first tail, which has
 * no references of its own and follows a page that has.
 */
__noinline int skip_ordinary(__u32 slot_nr, __u64 pfn)
{
	struct scan_slot *slot = slot_of(slot_nr);
	__u32 i, refs, unused, after_used;
	__u64 addr;

	if (!slot || !direct_loads)
		return 0;
	addr = page_addr(slot, pfn);
	/* 0, but the verifier must not know: it would follow each sum by itself. */
	unused = after_used = slot->zero;
	for (i = 0; i < SCAN_CAST_PAGES; i++, addr += PAGE_SIZEOF) {
		refs = cast(addr)->_refcount.counter;
		if (ordinary(refs)) {
			after_used = 1;
			continue;
		}
		if (refs)
			return i | (i - unused) << FOUND_USED_SHIFT | FOUND_REFERENCED;
		if (page_is_buddy(cast(addr)->page_type))
			return i | (i - unused) << FOUND_USED_SHIFT;
		if (after_used && PFLAGS(cast(addr - PAGE_SIZEOF)) & PGFLAG(head))
			return (i - 1) | (i - 1 - unused) << FOUND_USED_SHIFT;
		if (is_hole(addr, !i))
			return i | (i - unused) << FOUND_USED_SHIFT | FOUND_HOLE;
		after_used = 0;
		unused++;
	}
	/* A head that is the last page shows no tail: leave it for the next time. */
	if (after_used && PFLAGS(cast(addr - PAGE_SIZEOF)) & PGFLAG(head))
		return (i - 1) | (i - 1 - unused) << FOUND_USED_SHIFT;
	return i | (i - unused) << FOUND_USED_SHIFT;
}

/*
 * Index in the chunk of the first page from @from on that wants a closer look:
 * free, large, or referenced often enough to be pinned.
 */
__noinline int next_candidate(__u32 slot_nr, __u32 from)
{
	struct scan_slot *slot = slot_of(slot_nr);
	const void *page;
	__u32 at, pages, refs, used = 0;

	if (!slot)
		return 0;
	pages = slot->chunk_pages;
	for (at = from; at < SCAN_CHUNK_PAGES; at++) {
		if (at >= pages)
			break;
		page = chunk_page(slot, at);
		refs = P32(page, _refcount);
		if (ordinary(refs) && !(PFLAGS(page) & PGFLAG(head))) {
			used++;
			continue;
		}
		/*
		 * Free, but not a free block's first page: nothing to step over. The
		 * first one in a chunk is looked at: it may be a large folio's tail.
		 */
		if (!refs && at && !page_is_buddy(P32(page, page_type)))
			continue;
		break;
	}
	return at | used << FOUND_USED_SHIFT;
}

#endif
