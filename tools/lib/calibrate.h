/* SPDX-License-Identifier: GPL-2.0 */
/* What a scan must know of the running kernel, found by trying things on our own memory. */
#ifndef PINSCOPE_CALIBRATE_H
#define PINSCOPE_CALIBRATE_H

#include <stdint.h>

#include "../../bpf/scan.h"
#include "fail.h"

struct page_array {
	uint64_t base;			/* address of the struct page of PFN 0 */
	uint64_t mem_section;		/* see scan_setup; 0: pageblock types cannot be read */
	uint64_t zero_pfn;		/* of the zero page */
	unsigned int section_shift;	/* log2 of the base pages in a memory section */
	unsigned int pageblock_order;
	unsigned int pmd_order;		/* of a THP that one PMD maps; 0: no THP */
	struct scan_setup kernel;	/* the kernel's own numbers for zones and blocks */
};

/*
 * Finds the page array without kallsyms: a memfd's page is both in our own
 * pagemap, by PFN, and in its file's page cache, by struct page. @setup_fd is
 * the program scan_setup. 0, or -1 with @fail filled.
 */
int page_array_find(int setup_fd, struct page_array *array, struct fail *fail);

/* PFN of the huge zero folio, which this allocates; UINT64_MAX: there is none. */
uint64_t find_huge_zero_pfn(void);

/*
 * The bit of mm->flags that FOLL_PIN sets (MMF_HAS_PINNED, since
 * v5.14), as a mask: the one that an own process_vm_readv() adds. @flags_of_self
 * reads our own mm->flags. 0 when that shows nothing.
 */
uint64_t has_pinned_mask(uint64_t (*flags_of_self)(void *), void *arg);

#endif
