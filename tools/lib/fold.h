/* SPDX-License-Identifier: GPL-2.0 */
/* Sums over the ledger: what each process, site or driver holds, a folio once in each sum. */
#ifndef PINSCOPE_FOLD_H
#define PINSCOPE_FOLD_H

#include "ledger.h"
#include "snapshot.h"

#define FOLD_NONE UINT32_MAX

/* One way to divide the owner records into classes. */
struct fold {
	const uint32_t *class_of;	/* by number of owner record; FOLD_NONE: in no class */
	struct pin_sum *sums;		/* by class; added to */
	uint64_t *unmapped;		/* the same: bytes that no process maps; NULL: not wanted */
};

/* What is held now, by owner record. */
struct fold_owner {
	uint64_t pins;
	uint64_t oldest_ns;		/* CLOCK_MONOTONIC, none is older; 0: holds nothing */
	uint64_t youngest_ns;		/* the latest time at which a block or folio got its first */
};

/*
 * Goes through the ledger once. Zones, kinds and blocks come from the runs of
 * @snap: a folio that is not among them counts as neither movable nor CMA. @owners
 * has room for the first @nr_owners records, of which alone is spoken. What
 * is unmapped are folios that had the same pins at @scanned_ns, when the runs
 * were read, and were mapped by nobody.
 */
void ledger__fold(const struct ledger *l, const struct snapshot *snap, uint64_t scanned_ns,
		  const struct fold *folds, size_t nr_folds, struct fold_owner *owners,
		  uint32_t nr_owners);

#endif
