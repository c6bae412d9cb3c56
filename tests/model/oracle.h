/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A plain model of the ledger: for each folio, how many pins each owner has.
 * Every call goes to the ledger and to the model, and what the ledger then
 * says of the blocks that were touched must be what the model allows:
 *
 * - a pin call adds what it got, to its owner's and nobody else's; what found
 *   no room is counted as lost;
 * - a release takes what was released, from owners that pinned by the driver
 *   that releases (after them those whose driver is not known, or all if the
 *   release's is not), among these from owners of the releasing process, among
 *   these from short-term ones, among these from the oldest. An owner's small
 *   pages in a block count as old as the oldest of them may be: since it had
 *   none there. Where driver and process leave a choice, that is a guess.
 */
#ifndef PINSCOPE_TESTS_ORACLE_H
#define PINSCOPE_TESTS_ORACLE_H

#include "world.h"

#define ORACLE_OWNERS 1024
#define ORACLE_FOLIOS 1024
#define ORACLE_NONE ~0U		/* a page of an array that is NULL */

struct oracle_hold {
	uint64_t newest;	/* when the last pin was taken */
	uint64_t since;		/* the first one, since there were none (large folios) */
};

struct oracle_owner {
	struct owner_key key;
	uint32_t driver;	/* enum code_driver */
	uint64_t acquired, released, peak, calls, failed, partial;
	uint64_t guessed_least, guessed_most;
};

struct oracle {
	struct world *w;
	uint64_t seed, calls;
	uint32_t nr_folios, nr_owners, nr_blocks;
	struct { uint32_t pfn, order; } folio[ORACLE_FOLIOS];
	uint32_t *folio_of;	/* by PFN; a number plus 1 */
	struct { uint32_t first, nr; bool done; } *block;	/* its folios */
	uint32_t (*pins)[ORACLE_OWNERS];		/* by folio */
	struct oracle_hold (*hold)[ORACLE_OWNERS];
	/* By block: an owner's pins of small pages, and since when it has any. */
	struct { uint32_t pins; uint64_t since; } (*small)[ORACLE_OWNERS];
	struct oracle_owner owner[ORACLE_OWNERS];
	uint64_t events, nested, exits, unmatched, no_owner, room;
	int64_t in_flight;
	bool abandoned;		/* the last call's end is not seen */
	bool may_lose;		/* pins may find no room */
	/* Of the call that goes on: pins by folio, and which these are. */
	uint32_t count[ORACLE_FOLIOS];
	uint32_t touched[MODEL_PAGES], nr_touched;
};

/* The folios are given in order of their PFNs; they need not be all of memory. */
void oracle_open(struct oracle *o, struct world *w, uint64_t seed);
void oracle_add_folio(struct oracle *o, uint32_t pfn, uint32_t order);
void oracle_close(struct oracle *o);

/*
 * A pin call by process and site @key that wanted @wanted and got @got of
 * @pfns (form WALK_PAGES; WALK_FOLIOS: heads; WALK_FOLIO: the one folio, @got
 * times). @got may be an error code.
 */
struct oracle_call {
	struct owner_key key;
	const uint32_t *pfns;
	uint32_t wanted;
	int64_t got;
	uint32_t form;
	uint32_t driver;	/* of a release; below DRIVER_FIRST: not known */
};
void oracle_pin(struct oracle *o, const struct oracle_call *c);
/* The same in two; in between the task may release what it has not been given. */
void oracle_pin_begins(struct oracle *o, const struct oracle_call *c);
void oracle_nested_release(struct oracle *o, const struct oracle_call *c);
void oracle_pin_ends(struct oracle *o, const struct oracle_call *c);
/* Its end is never seen: what the task does next is further up on the stack. */
void oracle_pin_abandoned(struct oracle *o, const struct oracle_call *c);

/* A release of @got of @pfns, by the process of @key or, with tgid 0, by nobody. */
void oracle_release(struct oracle *o, const struct oracle_call *c);

/* Gives entries and owner records back that hold nothing. */
void oracle_recycle(struct oracle *o);

/* Everything, not only what the last call touched. */
void oracle_check(const struct oracle *o);

/* Pins of a page, by all owners. */
uint32_t oracle_pins(const struct oracle *o, uint32_t pfn);
/* The driver that sites are made to be of: of some it is not known (0). */
uint32_t oracle_driver(const struct owner_key *key);
/* Number of the owner record that has this key; 0: there is none yet. */
uint32_t oracle_owner(const struct oracle *o, const struct owner_key *key);

#endif
