/* SPDX-License-Identifier: GPL-2.0 */
/* From the address of a struct page to the folio it belongs to. */
#ifndef PINSCOPE_FOLIO_BPF_H
#define PINSCOPE_FOLIO_BPF_H

#include "kernel_types.h"

/* Set by user space before loading: see tools/lib/calibrate.h. */
const volatile __u64 vmemmap;
const volatile __u64 zero_pfn;
const volatile __u32 page_size = 4096;

#define FOLIO_UNREADABLE ~0ULL
#define FOLIO_ORDER 0xff
#define FOLIO_PFN_SHIFT 8

static __always_inline __u64 pfn_of(__u64 page)
{
	return (page - vmemmap) / PAGE_SIZEOF;
}

/*
 * The eight bytes at @addr; false where there is nothing to read. A direct
 * load, where the kernel has that, takes them for the flags of a struct page,
 * because that is a number, and gives 0 where there is nothing.
 */
static __always_inline bool word_at(__u64 addr, __u64 *word)
{
	if (bpf_rdonly_cast) {
		*word = *(const __u64 *)bpf_rdonly_cast((void *)addr,
							bpf_core_type_id_kernel(struct page));
		return true;
	}
	return !bpf_probe_read_kernel(word, sizeof(*word), (void *)addr);
}

static __always_inline bool head_of_next(__u64 page, __u64 *head)
{
	__u64 info;

	if (!word_at(page + PAGE_SIZEOF + page_info_offset(), &info))
		return false;
	*head = page_head(page + PAGE_SIZEOF, info);
	return true;
}

static __always_inline __u32 order_of(__u64 head)
{
	__u8 order = 0;
	__u64 word = 0;

	if (bpf_core_field_exists(struct folio___v61, _folio_order)) {
		bpf_probe_read_kernel(&order, sizeof(order),
				      (void *)(head + bpf_core_field_offset(struct folio___v61,
									    _folio_order)));
		return order;
	}
	word_at(head + bpf_core_field_offset(struct folio, _flags_1), &word);
	return word & 0xff;
}

/*
 * PFN of the first page of the folio that @page (an address) belongs to, and
 * its order: PFN << FOLIO_PFN_SHIFT | order. The caller holds a reference, so
 * the folio stays what it is. FOLIO_UNREADABLE if there is no such page.
 */
__noinline __u64 folio_at(__u64 page)
{
	__u64 flags, info, head;

	if (!word_at(page, &flags) || !word_at(page + page_info_offset(), &info))
		return FOLIO_UNREADABLE;
	head = page_head(page, info);
	if (!head) {
		if (!(flags & PGFLAG(head)))
			return pfn_of(page) << FOLIO_PFN_SHIFT;
		/* A fake head: hugetlb's optimised vmemmap repeated the head page (6.1, 6.12). */
		if (!head_of_next(page, &head))
			return FOLIO_UNREADABLE;
		if (!head || head > page)
			head = page;
	}
	return pfn_of(head) << FOLIO_PFN_SHIFT | order_of(head);
}

#endif
