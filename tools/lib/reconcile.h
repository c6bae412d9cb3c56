/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Brings the ledger in line with what struct page says, while events go on:
 * for the pins that were there before it began, and after a program run was
 * missed.
 */
#ifndef PINSCOPE_RECONCILE_H
#define PINSCOPE_RECONCILE_H

#include "ledger.h"
#include "scan.h"
#include "snapshot.h"

struct reconciled {
	uint64_t added, removed;	/* pins, changed in the ledger */
	uint64_t no_room;		/* pins that the ledger is too small for */
	uint64_t folios;		/* that differed */
	unsigned int rounds;
	bool settled;			/* the last round found nothing to change, but for those */
};

/*
 * Compares all pinned folios of @ranges, and all that the ledger has, with
 * struct page. A difference counts only when it stays: pins under way show in
 * one place before the other. Pins that the ledger lacks become those of
 * the process that maps them by @snap (NULL: unknown), marked @why. 0, or -1
 * with @fail filled.
 */
int reconcile(struct ledger *l, struct scanner *scanner, const struct pfn_ranges *ranges,
	      const struct snapshot *snap, enum owner_flags why, struct reconciled *res,
	      struct fail *fail);

#endif
