/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tells the ledger's programs which driver has pinned and which releases, so
 * that of two that have the same page the right one is taken it from: see
 * bpf/releaser.bpf.h.
 */
#ifndef PINSCOPE_DRIVER_NUMBERS_H
#define PINSCOPE_DRIVER_NUMBERS_H

#include "drivers.h"
#include "ledger.h"

/* To be zero at first. */
struct driver_numbers {
	char **names;
	size_t nr, cap;
	uint64_t code_seen;	/* addresses that have been named */
};

void driver_numbers__clear(struct driver_numbers *d);

/* The number of @site's driver: enum code_driver, DRIVER_NONE when it has no name that releases share. */
uint32_t driver_numbers__of(struct driver_numbers *d, const struct site_name *site);

/*
 * Names the code that programs have come across since the last time. Reads
 * @syms anew where a name is missing; NULL: nothing can be named.
 */
void driver_numbers__name_code(struct driver_numbers *d, struct ledger *l, struct kallsyms *syms);

#endif
