/* SPDX-License-Identifier: GPL-2.0 */
/* The struct pages of one call, one after the other. */
#ifndef PINSCOPE_PAGES_BPF_H
#define PINSCOPE_PAGES_BPF_H

#include "folio.bpf.h"
#include "totals.bpf.h"

/* What the pages of a call are given as. */
enum walk_form {
	WALK_PAGES,	/* an array of struct page pointers; NULL entries are none */
	WALK_FOLIOS,	/* an array of struct folio pointers, one pin each */
	WALK_RANGE,	/* neighbouring struct pages */
	WALK_FOLIO,	/* one folio, that many pins */
	WALK_FORM = 7,
	WALK_DIRTY = 16,	/* or-ed in: the call marks them dirty */
};

#define WALK_CHUNK 8		/* pointers read at once: v6.1 wants the stack of all calls in 512 bytes */
#define WALK_MOST (1U << 23)	/* bpf_loop() takes no more; the kernel's own limit is far below */

struct pages {
	__u64 from, nr;
	__u64 chunk[WALK_CHUNK];
	__u32 how;		/* enum walk_form */
};

#define PAGES(first, number, form) \
	{ .from = (first), .nr = (number) < WALK_MOST ? (number) : WALK_MOST, .how = (form) }

/* Address of the call's struct page @i; 0: none, or the array is not readable. */
static __always_inline __u64 page_of(struct pages *p, __u32 i)
{
	__u64 left = p->nr - i;
	__u32 form = p->how & WALK_FORM;

	if (form == WALK_FOLIO)
		return p->from;
	if (form == WALK_RANGE)
		return p->from + i * (__u64)PAGE_SIZEOF;
	if (!(i & (WALK_CHUNK - 1))) {
		if (left > WALK_CHUNK)
			left = WALK_CHUNK;
		if (bpf_probe_read_kernel(p->chunk, left * 8, (void *)(p->from + i * 8ULL))) {
			__builtin_memset(p->chunk, 0, sizeof(p->chunk));
			lose(LOST_UNREADABLE, left);
		}
	}
	return p->chunk[i & (WALK_CHUNK - 1)];
}

#endif
