/* SPDX-License-Identifier: GPL-2.0 */
/* Attribution: whose page tables map the pinned folios. */
#ifndef PINSCOPE_OWNERS_H
#define PINSCOPE_OWNERS_H

#include "snapshot.h"
#include "tasks.h"

/* What attribution found out beside the owners themselves. */
struct owners_report {
	uint64_t looked_at;	/* processes whose page tables were read */
	uint64_t denied;	/* that we may not look at */
	uint64_t vanished;	/* that exited meanwhile */
	uint64_t too_sparse;	/* VMAs of more than a TiB that could not be read */
	int first_error;	/* errno of the first that was denied */
};

/*
 * Fills @snap's procs[], owner[], is_shared[] and its sums from its runs[]:
 * first the processes that have ever pinned, then, while pinned folios have
 * more mappings than were found, the others. With @all_owners, others[] too.
 */
void owners_find(struct snapshot *snap, const struct task_list *tasks, bool all_owners,
		 struct owners_report *report);

/* Index of the folio that holds @pfn, or UINT64_MAX; *@run gives its run. */
uint64_t snapshot__folio_at(const struct snapshot *snap, uint64_t pfn, size_t *run);

#endif
