/* SPDX-License-Identifier: GPL-2.0 */
/* "pinscan --memlock": what each counter says of a process, beside what is pinned. */
#ifndef PINSCOPE_MEMLOCK_H
#define PINSCOPE_MEMLOCK_H

#include <jansson.h>
#include <stdio.h>

#include "procinfo.h"
#include "scan_view.h"

struct memlock_line {
	struct procinfo declared;
	struct pin_sum pinned;		/* zero for a process that has nothing pinned */
	int64_t change;			/* of pinned.bytes since the scan before; 0 without one */
	bool has_cap;			/* CAP_IPC_LOCK: the limit does not bind it */
	uint64_t pin_headroom;		/* bytes until VmPin reaches the limit; RLIM_INFINITY */
	uint64_t lck_headroom;		/* the same for VmLck */
};

/*
 * Lines for the processes that @view's filter wants: those that have pins, had
 * some in the scan before, or declare some; by PID, the others, too. The caller
 * frees *@lines. 0 or -errno.
 */
int memlock_collect(const struct snapshot *snap, const struct scan_view *view,
		    struct memlock_line **lines, size_t *nr);

void memlock_text(const struct scan_view *view, const struct memlock_line *lines, size_t nr,
		  FILE *out);
json_t *memlock_json(const struct snapshot *snap, const struct scan_view *view,
		     const struct memlock_line *lines, size_t nr);

#endif
