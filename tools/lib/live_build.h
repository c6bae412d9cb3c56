/* SPDX-License-Identifier: GPL-2.0 */
/* From the ledger's records to processes, sites and drivers of a snapshot. */
#ifndef PINSCOPE_LIVE_BUILD_H
#define PINSCOPE_LIVE_BUILD_H

#include "ledger.h"
#include "live_ustacks.h"
#include "snapshot.h"

struct live_builder;

struct live_wants {
	bool holds;			/* fill in live.holds[] ... */
	const char *cgroup;		/* ... and their in_cgroup; NULL: not */
	bool lines;			/* source lines in live.sites[].frames */
	struct live_ustacks *ustacks;	/* fill in live.sites[].ustack by these; NULL: not */
};

/*
 * @l and what @wants names must outlive it. Without names of functions
 * (kallsyms hidden) sites are addresses.
 */
struct live_builder *live_builder__new(struct ledger *l, const struct live_wants *wants);
void live_builder__free(struct live_builder *b);

/* "no function names: ..." when sites cannot be named; NULL. */
const char *live_builder__trouble(const struct live_builder *b);

/*
 * Fills in @snap->live (made when there is none) and the processes of @snap:
 * sums and flows are the ledger's of this moment, whatever was there before.
 * @seconds: since the last call, for the rates; 0: no rates.
 */
void live_builder__fill(struct live_builder *b, struct snapshot *snap, double seconds);

/* Frees what it filled in. Part of snapshot__free(). */
void snap_live_free(struct snap_live *live);

#endif
