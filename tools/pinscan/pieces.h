/* SPDX-License-Identifier: GPL-2.0 */
/* Pinned memory along the page frames, in pieces that are of one kind and of the same owners. */
#ifndef PINSCOPE_PIECES_H
#define PINSCOPE_PIECES_H

#include <jansson.h>

#include "ranges.h"
#include "snapshot.h"

/* Neighbouring folios of one run with the same owners. */
struct piece {
	const struct pin_run *run;
	uint64_t pfn, end;	/* base pages */
	uint64_t folios;
	uint64_t first;		/* of them: index as into snapshot.owner[] */
	uint32_t owner;
	bool shared;
};

/* Calls for each piece in @range: small pages are cut to it, a large folio stands whole. */
void pieces_each(const struct snapshot *snap, const struct pfn_range *range,
		 void (*call)(void *arg, const struct piece *piece), void *arg);

/* Base pages of @range that are pinned. */
uint64_t pieces_held(const struct snapshot *snap, const struct pfn_range *range);

/* "qemu[812], vpp[900], +3 more", "(unmapped)"; the caller frees it. */
char *piece_whose(const struct snapshot *snap, const struct piece *p);

/* The PIDs of all that map it. */
json_t *piece_pids(const struct snapshot *snap, const struct piece *p);

#endif
