// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "oracle.h"
#include "vec.h"

enum { PAGES, FOLIOS, RANGE, FOLIO, DROP = 8 };	/* as enum walk_form; a release */

#define FRAME 0xffffc90000004000ULL
#define NESTED_FRAME (FRAME - 0x200)
#define OUTER_FRAME (FRAME + 0x200)

#define check(o, what, got, wanted) \
	do { \
		int64_t got_ = (got), wanted_ = (wanted); \
		if (got_ != wanted_) \
			fail_msg("seed %lu, call %lu: %s: %ld instead of %ld", (o)->seed, \
				 (o)->calls, what, got_, wanted_); \
	} while (0)

void oracle_open(struct oracle *o, struct world *w, uint64_t seed)
{
	memset(o, 0, sizeof(*o));
	o->w = w;
	o->seed = seed;
	o->nr_owners = OWNER_OTHERS + 1;
	o->nr_blocks = w->pages >> LEDGER_BLOCK_SHIFT;
	o->folio_of = xcalloc(w->pages, sizeof(*o->folio_of));
	o->block = xcalloc(o->nr_blocks, sizeof(*o->block));
	o->pins = xcalloc(ORACLE_FOLIOS, sizeof(*o->pins));
	o->hold = xcalloc(ORACLE_FOLIOS, sizeof(*o->hold));
	o->small = xcalloc(o->nr_blocks, sizeof(*o->small));
}

void oracle_close(struct oracle *o)
{
	free(o->folio_of);
	free(o->block);
	free(o->pins);
	free(o->hold);
	free(o->small);
}

void oracle_add_folio(struct oracle *o, uint32_t pfn, uint32_t order)
{
	uint32_t b = pfn >> LEDGER_BLOCK_SHIFT, i;

	assert_true(o->nr_folios < ORACLE_FOLIOS);
	if (order)
		world_folio(o->w, pfn, order);
	if (!o->block[b].nr)
		o->block[b].first = o->nr_folios;
	o->block[b].nr++;
	o->folio[o->nr_folios].pfn = pfn;
	o->folio[o->nr_folios].order = order;
	for (i = 0; i < 1U << order; i++)
		o->folio_of[pfn + i] = o->nr_folios + 1;
	o->nr_folios++;
}

static uint32_t folio_at(const struct oracle *o, uint32_t pfn)
{
	assert_true(pfn < o->w->pages && o->folio_of[pfn]);
	return o->folio_of[pfn] - 1;
}

static uint32_t block_of(const struct oracle *o, uint32_t folio)
{
	return o->folio[folio].pfn >> LEDGER_BLOCK_SHIFT;
}

uint32_t oracle_pins(const struct oracle *o, uint32_t pfn)
{
	uint32_t f = folio_at(o, pfn), i, sum = 0;

	for (i = 1; i < o->nr_owners; i++)
		sum += o->pins[f][i];
	return sum;
}

uint32_t oracle_owner(const struct oracle *o, const struct owner_key *key)
{
	uint32_t i;

	for (i = OWNER_OTHERS + 1; i < o->nr_owners; i++)
		if (!memcmp(&o->owner[i].key, key, sizeof(*key)))
			return i;
	return 0;
}

/* --- what the ledger says ---------------------------------------------------------------------- */

static uint32_t seen[LEDGER_BLOCK_PAGES][ORACLE_OWNERS];

static void see_claim(const struct oracle *o, uint32_t block, const struct ledger_claim *c)
{
	uint32_t owner = c->word >> CLAIM_OWNER_SHIFT, pfn = block << LEDGER_BLOCK_SHIFT, f;
	uint64_t bits = c->pins;

	check(o, "a claim in use by nobody", c->word & (CLAIM_USERS | CLAIM_MOVING), 0);
	if (!c->pins)
		return;
	if (!owner || owner >= o->nr_owners)
		fail_msg("seed %lu, call %lu: pins of an unknown owner %u", o->seed, o->calls,
			 owner);
	if (c->place != PLACE_BITS) {
		f = folio_at(o, pfn + (c->place & PLACE_OFFSET));
		check(o, "order of a folio", c->place >> PLACE_ORDER_SHIFT, o->folio[f].order);
		check(o, "head of a folio", pfn + (c->place & PLACE_OFFSET), o->folio[f].pfn);
		seen[f - o->block[block].first][owner] += c->pins;
		return;
	}
	for (; bits; bits &= bits - 1) {
		f = folio_at(o, pfn + __builtin_ctzll(bits));
		check(o, "order of a small page", 0, o->folio[f].order);
		seen[f - o->block[block].first][owner]++;
	}
}

/* Fills @seen with who holds what of the block. */
static void see_block(const struct oracle *o, uint32_t block)
{
	uint32_t i, at, nr = 0;

	for (i = 0; i < o->block[block].nr; i++)
		memset(seen[i], 0, o->nr_owners * sizeof(seen[i][0]));
	if (block >= o->w->blocks)
		return;
	at = o->w->directory[block / LEDGER_DIR_SLOTS].first[block % LEDGER_DIR_SLOTS];
	while (at) {
		const struct ledger_entry *e = &o->w->pool[at];

		check(o, "block of an entry", e->block, block);
		for (i = 0; i < LEDGER_CLAIMS; i++)
			see_claim(o, block, &e->claims[i]);
		at = e->next;
		if (++nr > LEDGER_MAX_CHAIN)
			fail_msg("seed %lu, call %lu: endless chain", o->seed, o->calls);
	}
}

/* --- pinning ----------------------------------------------------------------------------------- */

/* Which folios a call means, and how often. */
static void count_folios(struct oracle *o, const struct oracle_call *c)
{
	uint32_t form = c->form & ~DROP;
	int64_t i;

	o->nr_touched = 0;
	for (i = 0; i < c->got; i++) {
		uint32_t pfn = c->pfns[form == FOLIO ? 0 : i], f;

		if (pfn == ORACLE_NONE || pfn == WORLD_ZERO_PFN)
			continue;
		f = folio_at(o, pfn);
		if (!o->count[f]++)
			o->touched[o->nr_touched++] = f;
	}
}

static void forget_counts(struct oracle *o)
{
	uint32_t i;

	for (i = 0; i < o->nr_touched; i++)
		o->count[o->touched[i]] = 0;
}

/* Calls @each for every block that was touched, once, with @seen filled. */
static void each_block(struct oracle *o, void (*each)(struct oracle *, uint32_t block, void *),
		       void *arg)
{
	uint32_t i, block;

	for (i = 0; i < o->nr_touched; i++)
		o->block[block_of(o, o->touched[i])].done = false;
	for (i = 0; i < o->nr_touched; i++) {
		block = block_of(o, o->touched[i]);
		if (o->block[block].done)
			continue;
		o->block[block].done = true;
		see_block(o, block);
		each(o, block, arg);
	}
}

struct gain {
	uint32_t owner;
	uint64_t gained, lost;
};

/* Of a folio that the call did not touch, all must have what they had. */
static bool as_before(struct oracle *o, uint32_t f, const uint32_t *now)
{
	uint32_t k;

	if (o->count[f])
		return false;
	if (memcmp(now, o->pins[f], o->nr_owners * sizeof(*now)))
		for (k = 1; k < o->nr_owners; k++)
			check(o, "pins of a page that was not touched", now[k], o->pins[f][k]);
	return true;
}

static void pinned_in(struct oracle *o, uint32_t block, void *arg)
{
	uint32_t i, k, f, got;
	struct gain *g = arg;

	for (i = 0; i < o->block[block].nr; i++) {
		f = o->block[block].first + i;
		if (as_before(o, f, seen[i]))
			continue;
		for (k = 1; k < o->nr_owners; k++)
			if (k != g->owner)
				check(o, "pins of another owner", seen[i][k], o->pins[f][k]);
		k = g->owner;
		got = seen[i][k] - o->pins[f][k];
		if (got > o->count[f])
			fail_msg("seed %lu, call %lu: PFN %u has %u pins of %u, had %u, got %u",
				 o->seed, o->calls, o->folio[f].pfn, seen[i][k], k,
				 o->pins[f][k], o->count[f]);
		g->gained += got;
		g->lost += o->count[f] - got;
		if (!got)
			continue;
		if (!o->pins[f][k])
			o->hold[f][k].since = o->calls;
		o->hold[f][k].newest = o->calls;
		o->pins[f][k] += got;
		if (o->folio[f].order)
			continue;
		if (!o->small[block][k].pins)
			o->small[block][k].since = o->calls;
		o->small[block][k].pins += got;
	}
}

static void set_step(struct oracle *o, const struct oracle_call *c)
{
	struct model_step *s = &o->w->steps[0];
	int64_t i;

	s->key = c->key;
	s->driver = c->driver;
	s->got = c->got;
	s->nr = c->wanted;
	s->form = c->form & ~DROP;
	s->frame = FRAME;
	if ((c->form & ~DROP) == RANGE || (c->form & ~DROP) == FOLIO) {
		s->from = world_page(o->w, c->pfns[0]);
		return;
	}
	s->from = world_array(o->w, 0);
	for (i = 0; i < c->got; i++)
		s->pages[i] = c->pfns[i] == ORACLE_NONE ? 0 : world_page(o->w, c->pfns[i]);
}

void oracle_pin_begins(struct oracle *o, const struct oracle_call *c)
{
	o->calls++;
	o->exits += o->abandoned;
	o->abandoned = false;
	set_step(o, c);
	world_begin(o->w, 0);
}

static uint64_t lost_room(const struct oracle *o)
{
	const uint64_t *lost = (const uint64_t *)o->w->totals->lost;

	return lost[LOST_NO_ENTRY] + lost[LOST_TOO_MANY] + lost[LOST_BEYOND];
}

/* A record that was not in use: the next one, or one that was given back. */
static uint32_t new_owner(struct oracle *o, const struct owner_key *key)
{
	const struct ledger_totals *t = o->w->totals;
	uint32_t i, nr = ledger_view__owners_used(&o->w->view);

	for (i = OWNER_OTHERS + 1; i < nr; i++) {
		if (memcmp(&o->w->owners[i].key, key, sizeof(*key)))
			continue;
		if (i < o->nr_owners)
			check(o, "a record in use given out", o->owner[i].calls, 0);
		else
			o->nr_owners++;
		assert_true(i < o->nr_owners && o->nr_owners < ORACLE_OWNERS);
		o->owner[i].key = *key;
		/* As user space does once it has the site's name. */
		o->owner[i].driver = o->w->owners[i].driver = oracle_driver(key);
		return i;
	}
	check(o, "room for another owner", o->w->view.nr_owners - o->nr_owners, 0);
	check(o, "records that were given back", t->owners_recycled - t->owners_taken, 0);
	return OWNER_OTHERS;
}

void oracle_pin_ends(struct oracle *o, const struct oracle_call *c)
{
	struct gain g = { .owner = oracle_owner(o, &c->key) };
	struct oracle_owner *owner;
	uint32_t i;

	set_step(o, c);
	world_end(o->w, 0);
	if (!g.owner)
		g.owner = new_owner(o, &c->key);
	count_folios(o, c);
	each_block(o, pinned_in, &g);
	for (i = 0; i < o->nr_touched; i++) {
		o->in_flight += o->count[o->touched[i]];
		if (g.owner == OWNER_OTHERS)
			o->no_owner += o->count[o->touched[i]];
	}
	forget_counts(o);
	o->room += g.lost;
	check(o, "pins without room", lost_room(o), o->room);
	if (!o->may_lose)
		check(o, "pins without room", o->room, 0);

	owner = &o->owner[g.owner];
	owner->acquired += g.gained;
	if (owner->acquired - owner->released > owner->peak)
		owner->peak = owner->acquired - owner->released;
	owner->calls++;
	owner->failed += c->got <= 0;
	/* memfd_pin_folios() is told how many there is room for. */
	owner->partial += c->got > 0 && c->got < c->wanted && c->form != FOLIOS;
	o->events++;
	check(o, "acquired", o->w->owners[g.owner].acquired, owner->acquired);
}

void oracle_pin(struct oracle *o, const struct oracle_call *c)
{
	oracle_pin_begins(o, c);
	oracle_pin_ends(o, c);
}

/* --- releasing --------------------------------------------------------------------------------- */

static bool same_process(const struct owner_key *a, const struct owner_key *b)
{
	return b->tgid && a->tgid == b->tgid && a->start_ns == b->start_ns;
}

static uint64_t held_since(const struct oracle *o, uint32_t f, uint32_t owner)
{
	return o->folio[f].order ? o->hold[f][owner].since : o->small[block_of(o, f)][owner].since;
}

uint32_t oracle_driver(const struct owner_key *key)
{
	return key->tgid % 5 == 1 ? 0 : DRIVER_FIRST + key->site % 3;
}

struct loss {
	const struct oracle_call *call;
	uint64_t unmatched;
};

/* How well an owner goes with a release: driver, then process, then term. */
static uint32_t rank_of(const struct oracle *o, uint32_t owner, const struct oracle_call *c)
{
	const struct oracle_owner *own = &o->owner[owner];
	bool known = c->driver >= DRIVER_FIRST && own->driver;
	uint32_t driver = !known ? 1 : own->driver == c->driver ? 2 : 0;

	return driver << 2 | same_process(&own->key, &c->key) << 1 |
	       !(own->key.flags & OWNER_LONGTERM);
}

/* Does but the term speak for the one and against the other? */
static bool as_good(uint32_t rank, uint32_t other)
{
	return rank >> 1 == other >> 1;
}

/* Was it one that could have been another's? Between the least and the most of such. */
static void count_guesses(struct oracle *o, uint32_t f, const uint32_t *now, const uint32_t *rank,
			  uint32_t owner)
{
	uint32_t lost = o->pins[f][owner] - now[owner], i, rivals = 0, remain = 0;

	for (i = 1; i < o->nr_owners; i++) {
		if (i == owner || !as_good(rank[i], rank[owner]))
			continue;
		rivals += o->pins[f][i];
		remain += now[i];
	}
	o->owner[owner].guessed_least += remain ? lost : 0;
	o->owner[owner].guessed_most += rivals ? lost : 0;
}

static void released_folio(struct oracle *o, uint32_t f, const uint32_t *now, struct loss *l)
{
	uint32_t rank[ORACLE_OWNERS], i, k, lost = 0;
	bool loses[ORACLE_OWNERS];

	for (i = 1; i < o->nr_owners; i++) {
		if (now[i] > o->pins[f][i])
			fail_msg("seed %lu, call %lu: a release gave %u pins of PFN %u to owner %u",
				 o->seed, o->calls, now[i] - o->pins[f][i], o->folio[f].pfn, i);
		rank[i] = rank_of(o, i, l->call);
		loses[i] = now[i] < o->pins[f][i];
		lost += o->pins[f][i] - now[i];
	}
	if (lost > o->count[f])
		fail_msg("seed %lu, call %lu: %u pins of PFN %u went, %u were released", o->seed,
			 o->calls, lost, o->folio[f].pfn, o->count[f]);
	if (lost < o->count[f] && oracle_pins(o, o->folio[f].pfn) > lost)
		fail_msg("seed %lu, call %lu: %u pins of PFN %u went, %u were released, %u held",
			 o->seed, o->calls, lost, o->folio[f].pfn, o->count[f],
			 oracle_pins(o, o->folio[f].pfn));
	l->unmatched += o->count[f] - lost;
	if (!lost)
		return;
	for (i = 1; i < o->nr_owners; i++) {
		if (!loses[i])
			continue;
		for (k = 1; k < o->nr_owners; k++) {
			if (!now[k] || k == i)
				continue;
			if (rank[i] < rank[k])
				fail_msg("seed %lu, call %lu: PFN %u taken from owner %u (rank %u), not from %u (%u)",
					 o->seed, o->calls, o->folio[f].pfn, i, rank[i], k, rank[k]);
			if (rank[i] == rank[k] && held_since(o, f, i) > o->hold[f][k].newest)
				fail_msg("seed %lu, call %lu: PFN %u taken from owner %u, not from the older %u",
					 o->seed, o->calls, o->folio[f].pfn, i, k);
		}
		count_guesses(o, f, now, rank, i);
	}
}

static void released_in(struct oracle *o, uint32_t block, void *arg)
{
	uint32_t i, k, f, lost;

	for (i = 0; i < o->block[block].nr; i++) {
		f = o->block[block].first + i;
		if (!as_before(o, f, seen[i]))
			released_folio(o, f, seen[i], arg);
	}
	for (i = 0; i < o->block[block].nr; i++) {
		f = o->block[block].first + i;
		for (k = 1; k < o->nr_owners && o->count[f]; k++) {
			lost = o->pins[f][k] - seen[i][k];
			o->pins[f][k] = seen[i][k];
			o->owner[k].released += lost;
			if (!o->folio[f].order)
				o->small[block][k].pins -= lost;
		}
	}
}

static void release_step(struct oracle *o, const struct oracle_call *c, uint64_t frame)
{
	o->calls++;
	set_step(o, c);
	o->w->steps[0].nr = c->got;
	o->w->steps[0].in_task = !!c->key.tgid;
	o->w->steps[0].frame = frame;
	world_release(o->w, 0);
}

static void check_release(struct oracle *o, const struct oracle_call *c)
{
	struct loss l = { .call = c };
	uint32_t i;

	count_folios(o, c);
	each_block(o, released_in, &l);
	for (i = 0; i < o->nr_touched; i++)
		o->in_flight -= o->count[o->touched[i]];
	forget_counts(o);
	o->unmatched += l.unmatched;
	o->events++;
	check(o, "unmatched", o->w->totals->lost[LOST_UNMATCHED], o->unmatched);
}

void oracle_release(struct oracle *o, const struct oracle_call *c)
{
	if (c->key.tgid) {
		o->exits += o->abandoned;
		o->abandoned = false;
	}
	release_step(o, c, OUTER_FRAME);
	check_release(o, c);
}

void oracle_nested_release(struct oracle *o, const struct oracle_call *c)
{
	release_step(o, c, NESTED_FRAME);
	if (!c->key.tgid) {		/* an interrupt is in nobody's call */
		check_release(o, c);
		return;
	}
	o->nested++;
	check(o, "nested", o->w->totals->nested, o->nested);
}

void oracle_pin_abandoned(struct oracle *o, const struct oracle_call *c)
{
	oracle_pin_begins(o, c);
	o->abandoned = true;
}

/* --- giving back ------------------------------------------------------------------------------- */

void oracle_recycle(struct oracle *o)
{
	uint32_t used = o->nr_owners, k, f, blocks = 0, b, i;

	check(o, "giving back", recycler__run_now(&o->w->recycler), 0);
	for (k = OWNER_OTHERS + 1; k < used; k++) {
		const struct owner_rec *rec = &o->w->owners[k];

		if (!(rec->key.flags & OWNER_UNUSED) || !o->owner[k].calls)
			continue;
		check(o, "pins of a record given back",
		      o->owner[k].acquired - o->owner[k].released, 0);
		for (f = 0; f < o->nr_folios; f++)
			check(o, "pins of a record given back", o->pins[f][k], 0);
		o->owner[k] = (struct oracle_owner){ .key.flags = OWNER_UNUSED };
	}
	/* Nothing runs meanwhile: every block without pins has lost its entries. */
	for (b = 0; b < o->nr_blocks && b < o->w->blocks; b++) {
		uint32_t pins = 0;

		for (i = 0; i < o->block[b].nr; i++)
			pins += oracle_pins(o, o->folio[o->block[b].first + i].pfn);
		check(o, "an entry for a block without pins",
		      !!o->w->directory[b / LEDGER_DIR_SLOTS].first[b % LEDGER_DIR_SLOTS],
		      pins && o->w->directory[b / LEDGER_DIR_SLOTS].first[b % LEDGER_DIR_SLOTS]);
		blocks += !!pins;
	}
	if (!blocks)
		check(o, "entries in use", recycler__entries(&o->w->recycler), 1);
}

/* --- all of it --------------------------------------------------------------------------------- */

static void add_up(const struct ledger_pin *pin, void *arg)
{
	int64_t *sums = arg;

	sums[pin->owner] += pin->pins * pin->folios;
}

void oracle_check(const struct oracle *o)
{
	static int64_t sums[ORACLE_OWNERS];
	const struct owner_rec *rec = o->w->owners;
	const struct ledger_totals *t = o->w->totals;
	uint32_t b, i, k;

	for (b = 0; b < o->nr_blocks; b++) {
		if (!o->block[b].nr)
			continue;
		see_block(o, b);
		for (i = 0; i < o->block[b].nr; i++)
			for (k = 1; k < o->nr_owners; k++)
				check(o, "pins held", seen[i][k],
				      o->pins[o->block[b].first + i][k]);
	}
	memset(sums, 0, sizeof(sums));
	ledger_view__each(&o->w->view, add_up, sums);
	check(o, "owner records", ledger_view__owners_used(&o->w->view), o->nr_owners);
	for (k = 1; k < o->nr_owners; k++) {
		const struct oracle_owner *owner = &o->owner[k];

		check(o, "acquired", rec[k].acquired, owner->acquired);
		check(o, "released", rec[k].released, owner->released);
		check(o, "held", sums[k], owner->acquired - owner->released);
		check(o, "peak", rec[k].peak, owner->peak);
		check(o, "calls", rec[k].calls, owner->calls);
		check(o, "failed", rec[k].failed, owner->failed);
		check(o, "partial", rec[k].partial, owner->partial);
		if (rec[k].guessed < owner->guessed_least || rec[k].guessed > owner->guessed_most)
			fail_msg("seed %lu, call %lu: %llu releases guessed, not %lu to %lu", o->seed,
				 o->calls, rec[k].guessed, owner->guessed_least,
				 owner->guessed_most);
		if (k > OWNER_OTHERS && memcmp(&rec[k].key, &owner->key, sizeof(owner->key)))
			fail_msg("seed %lu, call %lu: key of owner %u", o->seed, o->calls, k);
	}
	check(o, "in flight", ledger_view__in_flight(&o->w->view), o->in_flight);
	check(o, "events", t->events, o->events);
	check(o, "nested", t->nested, o->nested);
	check(o, "pin calls under way", t->begun - t->ended, o->abandoned);
	check(o, "calls without an end", t->lost[LOST_EXIT], o->exits);
	check(o, "unmatched", t->lost[LOST_UNMATCHED], o->unmatched);
	check(o, "without an owner", t->lost[LOST_NO_OWNER], o->no_owner);
	check(o, "unreadable", t->lost[LOST_UNREADABLE], 0);
}
