// SPDX-License-Identifier: GPL-2.0
/*
 * Reads struct page by PFN and reports what is pinned. Needs no history and
 * no hook: a SEC("syscall") program that user space runs again and again,
 * each time for a time budget, going on where the run before stopped.
 */
#include "page.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define MAX_FOLIO_ORDER 30
#define MAX_BUDDY_ORDER 13	/* of a free block: MAX_PAGE_ORDER, arm64 with 64K pages */

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

/* Reads @pages struct pages (or up to the end of the range) from @pfn on into the chunk. */
__noinline int read_chunk(__u32 slot_nr, __u64 pfn, __u32 pages)
{
	struct scan_slot *slot = slot_of(slot_nr);
	__u64 left;
	__u32 i;

	if (!slot)
		return 0;
	left = slot->args.end - pfn;
	slot->chunk_pfn = pfn;
	slot->chunk_pages = left < pages ? left : pages;
	if (slot->args.read != SCAN_READ_PAGE && slot->chunk_pages == SCAN_CHUNK_PAGES &&
	    !bpf_probe_read_kernel(slot->chunk, SCAN_CHUNK_PAGES * PAGE_SIZEOF,
				   (void *)page_addr(slot, pfn)))
		return 0;

	/* One by one, for where a hole makes the whole chunk unreadable, or not all is wanted. */
	for (i = 0; i < SCAN_CHUNK_PAGES; i++) {
		if (i >= slot->chunk_pages)
			break;
		if (bpf_probe_read_kernel(chunk_page(slot, i), PAGE_SIZEOF,
					  (void *)page_addr(slot, pfn + i)))
			slot->args.unreadable++;	/* the helper has zeroed it */
	}
	return 0;
}

/* What the two searches below return: an index, how many pages in use were passed, a hint. */
#define FOUND_INDEX 0xffff
#define FOUND_USED_SHIFT 16
#define FOUND_USED 0x3fff
#define FOUND_REFERENCED (1U << 30)	/* so often that it may be pinned; its neighbours, too */

/* More than enough for one page in use, and too few for a pin. */
static __always_inline bool ordinary(__u32 refs)
{
	return refs - 1 < (1U << PIN_BIAS_SHIFT) - 1;
}

/* The struct page at @addr, for direct loads; one that faults gives 0. */
static __always_inline const struct page *cast(__u64 addr)
{
	return bpf_rdonly_cast((void *)addr, bpf_core_type_id_kernel(struct page));
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

	if (!slot || !bpf_rdonly_cast)
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
		slot->run.mappings = large_mappings(addr, pages, order, hugetlb);
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
		if (slot->args.read == SCAN_READ_CAST && !(slot->args.flags & SCAN_FIRST) &&
		    slot->args.end - slot->args.start >= SCAN_CAST_PAGES) {
			found = skip_ordinary(slot_nr, slot->args.start);
			passed(slot, found);
			if ((found & FOUND_INDEX) == SCAN_CAST_PAGES)
				return 0;
			/* Pinned pages have pinned neighbours; of any other, one look is enough. */
			if (!(found & FOUND_REFERENCED))
				pages = 2;
		}
		slot->args.flags &= ~SCAN_FIRST;
		read_chunk(slot_nr, slot->args.start, pages);
	}
	from = slot->args.start - slot->chunk_pfn;
	found = next_candidate(slot_nr, from);
	slot->at = found & FOUND_INDEX;
	passed(slot, found - from);
	return slot->at < slot->chunk_pages;
}

static long scan_step(__u32 i, __u32 *slot_nr)
{
	struct scan_slot *slot = slot_of(*slot_nr);
	const void *page;
	__u32 refs;
	__u64 pfn;

	if (!slot || slot->args.start >= slot->args.end ||
	    (!(i & 7) && bpf_ktime_get_ns() > slot->deadline))
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
			slot->run.pins = small_pins(&slot->run, page);
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
	if (slot->args.read == SCAN_READ_CAST && !bpf_rdonly_cast)
		slot->args.read = SCAN_READ_BULK;
	slot->deadline = bpf_ktime_get_ns() + slot->args.budget_ns;
	slot->chunk_pages = 0;
	bpf_loop(1 << 20, scan_step, &slot_nr, 0);
	return 0;
}

/* struct page of the first page in a file's page cache, of the file open as @fd. */
static __always_inline __u64 first_folio(__s32 fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct file **fds = BPF_CORE_READ(task, files, fdt, fd), *file = NULL;

	bpf_probe_read_kernel(&file, sizeof(file), fds + fd);
	/* A single entry at index 0 stands in the root itself (lib/xarray.c). */
	return (__u64)BPF_CORE_READ(file, f_mapping, i_pages.xa_head);
}

#define NUMBER(type, name) (ENUM_EXISTS(type, name) ? (__s32)ENUM(type, name) : -1)

/*
 * The memory-section table, if it is the one that user space takes it for: a
 * section's section_mem_map is, apart from flag bits, the address of the
 * struct page of PFN 0 (sparse_encode_mem_map(), mm/sparse.c).
 */
static __noinline __u64 find_sections(__u64 vmemmap, __u64 pfn, __u32 shift, __u32 page_size)
{
	const char symbol[] = "mem_section";
	__u64 addr = 0, table = 0, root = 0, map = 0;
	__u32 size = bpf_core_type_size(struct mem_section);
	__u64 section = pfn >> (shift & 63), per_root = page_size / size;

	if (!per_root || bpf_kallsyms_lookup_name(symbol, sizeof(symbol), 0, &addr) || !addr)
		return 0;
	bpf_probe_read_kernel(&table, sizeof(table), (void *)addr);
	bpf_probe_read_kernel(&root, sizeof(root), (void *)(table + section / per_root * 8));
	bpf_probe_read_kernel(&map, sizeof(map),
			      (void *)(root + section % per_root * size +
				       bpf_core_field_offset(struct mem_section,
							     section_mem_map)));
	return (map & ~63ULL) == (vmemmap & ~63ULL) ? table : 0;
}

SEC("syscall")
int scan_setup(struct scan_setup *s)
{
	__s32 memfd = s->memfd;
	__u64 folio = first_folio(memfd);

	s->page_sizeof = PAGE_SIZEOF;
	s->max_numnodes = max_numnodes();
	s->folio = folio;
	s->mem_section = find_sections(folio - s->memfd_pfn * PAGE_SIZEOF, s->memfd_pfn,
				       s->section_shift, s->page_size);
	s->zone_dma = NUMBER(zone_type, ZONE_DMA);
	s->zone_dma32 = NUMBER(zone_type, ZONE_DMA32);
	s->zone_normal = NUMBER(zone_type, ZONE_NORMAL);
	s->zone_movable = NUMBER(zone_type, ZONE_MOVABLE);
	s->zone_device = NUMBER(zone_type, ZONE_DEVICE);
	s->mt_unmovable = NUMBER(migratetype, MIGRATE_UNMOVABLE);
	s->mt_movable = NUMBER(migratetype, MIGRATE_MOVABLE);
	s->mt_reclaimable = NUMBER(migratetype, MIGRATE_RECLAIMABLE);
	s->mt_highatomic = NUMBER(migratetype, MIGRATE_HIGHATOMIC);
	s->mt_cma = NUMBER(migratetype, MIGRATE_CMA);
	s->mt_isolate = NUMBER(migratetype, MIGRATE_ISOLATE);
	return 0;
}
