/* SPDX-License-Identifier: GPL-2.0 */
/* Reading the ledger's maps, which are shared with the kernel: sums, and who holds what. */
#ifndef PINSCOPE_LEDGER_VIEW_H
#define PINSCOPE_LEDGER_VIEW_H

#include <stdint.h>

#include "../../bpf/ledger.h"

struct ledger_view {
	const struct ledger_totals *totals;
	const struct owner_rec *owners;
	const struct ledger_entry *pool;
	uint32_t nr_entries, nr_owners;		/* sizes of the maps */
	int64_t base;				/* see ledger__rebase() */
};

/* Records resp. entries are numbered from 1 on; these are the ends. */
uint32_t ledger_view__owners_used(const struct ledger_view *v);
uint32_t ledger_view__entries_used(const struct ledger_view *v);

/* Pins that found no room, less releases that found no pin. */
int64_t ledger_view__unplaced(const struct ledger_view *v);

/* Pins in flight: those of all owners, and those that found no room, less what is unmatched. */
int64_t ledger_view__in_flight(const struct ledger_view *v);

/* Pins taken by all records in use, and those that found no room. */
uint64_t ledger_view__acquired(const struct ledger_view *v);

/* Pins by folio_add_pin(), released ones included: the kernel's counters leave out their begin. */
uint64_t ledger_view__extra(const struct ledger_view *v);

/*
 * For each page or folio of an entry that has pins: the owner record's number,
 * pins, first PFN and order. Returns how many were given to @each.
 */
struct ledger_pin {
	uint64_t pfn;
	uint64_t pins;
	uint64_t since_ns;
	uint32_t owner;
	uint32_t order;
	uint32_t folios;	/* neighbours with @pins each */
};
void ledger_view__each(const struct ledger_view *v,
		       void (*each)(const struct ledger_pin *pin, void *arg), void *arg);

#endif
