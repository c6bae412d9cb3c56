/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many pins a folio has, by the rules of folio_maybe_dma_pinned() and
 * folio_expected_ref_count() (include/linux/mm.h), made exact: large folios
 * count their pins in _pincount, a pin of a small page adds
 * GUP_PIN_COUNTING_BIAS (1024) to its _refcount.
 */
#ifndef PINSCOPE_PINS_BPF_H
#define PINSCOPE_PINS_BPF_H

#include "kernel_types.h"

#define PIN_BIAS_SHIFT 10	/* GUP_PIN_COUNTING_BIAS = 1 << 10 */
#define MAPPING_ANON 1UL

#define OFF(field) bpf_core_field_offset(struct page, field)
#define P32(page, field) (*(const __u32 *)((page) + OFF(field)))
#define P64(page, field) (*(const __u64 *)((page) + OFF(field)))

/* A struct page has flags as unsigned long or as memdesc_flags_t: the same 8 bytes first. */
#define PFLAGS(page) (*(const __u64 *)(page))

/* Pins of a small page whose _refcount is at least 1024; 0: none. @mappings: those by page tables. */
static __always_inline __u32 small_pins(const void *page, __u32 *mappings)
{
	__u64 flags = PFLAGS(page), mapping = P64(page, mapping);
	__u32 refs = P32(page, _refcount), base = 0;

	if (flags & PGFLAG(reserved) || page_has_type(P32(page, page_type)))
		return 0;
	if (ENUM_EXISTS(pageflags___slab, PG_slab) &&
	    flags & (1UL << ENUM(pageflags___slab, PG_slab)))
		return 0;

	*mappings = P32(page, _mapcount) + 1;
	base = *mappings;
	if (mapping & MAPPING_ANON)
		base += !!(flags & PGFLAG(swapcache));
	else if (mapping)
		base++;					/* the page cache's reference */
	if (flags & (PGFLAG(private) | PGFLAG(private_2)))
		base++;
	return refs > base ? (refs - base) >> PIN_BIAS_SHIFT : 0;
}

#endif
