// SPDX-License-Identifier: GPL-2.0
#include "ledger_view.h"

uint32_t ledger_view__owners_used(const struct ledger_view *v)
{
	uint32_t used = v->totals->owners_used;

	return used < v->nr_owners ? used : v->nr_owners;
}

uint32_t ledger_view__entries_used(const struct ledger_view *v)
{
	uint32_t used = v->totals->entries_used;

	return used < v->nr_entries ? used : v->nr_entries;
}

int64_t ledger_view__unplaced(const struct ledger_view *v)
{
	const struct ledger_totals *t = v->totals;

	return v->base + t->lost[LOST_NO_ENTRY] + t->lost[LOST_TOO_MANY] + t->lost[LOST_BEYOND] -
	       t->lost[LOST_UNMATCHED];
}

int64_t ledger_view__in_flight(const struct ledger_view *v)
{
	int64_t sum = ledger_view__unplaced(v);
	uint32_t i, nr = ledger_view__owners_used(v);

	for (i = 1; i < nr; i++)
		sum += v->owners[i].acquired - v->owners[i].released;
	return sum;
}

uint64_t ledger_view__acquired(const struct ledger_view *v)
{
	const struct ledger_totals *t = v->totals;
	uint64_t sum = t->lost[LOST_NO_ENTRY] + t->lost[LOST_TOO_MANY] + t->lost[LOST_BEYOND];
	uint32_t i, nr = ledger_view__owners_used(v);

	for (i = 1; i < nr; i++)
		sum += v->owners[i].acquired;
	return sum;
}

uint64_t ledger_view__extra(const struct ledger_view *v)
{
	uint32_t i, nr = ledger_view__owners_used(v);
	uint64_t sum = 0;

	for (i = 1; i < nr; i++)
		sum += v->owners[i].extra;
	return sum;
}

/* Runs of set bits become one struct ledger_pin each. */
static void each_bits(const struct ledger_claim *c, struct ledger_pin *pin, uint64_t base,
		      void (*each)(const struct ledger_pin *, void *), void *arg)
{
	uint64_t bits = c->pins;

	while (bits) {
		unsigned int first = __builtin_ctzll(bits), n;

		n = ~(bits >> first) ? __builtin_ctzll(~(bits >> first)) : 64;
		pin->pfn = base + first;
		pin->folios = n;
		each(pin, arg);
		bits &= n + first >= 64 ? 0 : ~0ULL << (first + n);
	}
}

void ledger_view__each(const struct ledger_view *v,
		       void (*each)(const struct ledger_pin *pin, void *arg), void *arg)
{
	uint32_t nr = ledger_view__entries_used(v), i, k;

	for (i = 1; i < nr; i++) {
		const struct ledger_entry *e = &v->pool[i];
		uint64_t base = (uint64_t)e->block << LEDGER_BLOCK_SHIFT;

		for (k = 0; k < LEDGER_CLAIMS; k++) {
			struct ledger_claim c = *(volatile const struct ledger_claim *)&e->claims[k];
			struct ledger_pin pin = {
				.pins = 1, .since_ns = c.since,
				.owner = c.word >> CLAIM_OWNER_SHIFT,
			};

			if (!c.pins)
				continue;
			if (c.place == PLACE_BITS) {
				each_bits(&c, &pin, base, each, arg);
				continue;
			}
			pin.pins = c.pins;
			pin.pfn = base + (c.place & PLACE_OFFSET);
			pin.order = c.place >> PLACE_ORDER_SHIFT;
			pin.folios = 1;
			each(&pin, arg);
		}
	}
}
