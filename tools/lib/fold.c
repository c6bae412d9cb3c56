// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "fold.h"
#include "vec.h"

/* A claim, copied: the kernel goes on changing it. */
struct claim {
	uint64_t pins, since;
	uint32_t owner, place;
};

struct folding {
	const struct ledger *ledger;
	const struct snapshot *snap;
	uint64_t scanned_ns;
	const struct fold *folds;
	size_t nr_folds;
	struct fold_owner *owners;
	uint32_t nr_owners;
	struct claim *claims;		/* of one block */
	size_t nr, cap;
	size_t run;			/* index of the run that was found last */
};

/* Index of the first of the snapshot's runs that ends behind @pfn. */
static size_t run_at(struct folding *f, uint64_t pfn)
{
	const struct pin_run *runs = f->snap->runs;
	size_t low = 0, high = f->snap->nr_runs;

	if (f->run < high && runs[f->run].pfn <= pfn &&
	    pfn < runs[f->run].pfn + pin_run_pages(&runs[f->run]))
		return f->run;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (runs[mid].pfn + pin_run_pages(&runs[mid]) <= pfn)
			low = mid + 1;
		else
			high = mid;
	}
	f->run = low;
	return low;
}

/* Bytes of @folios folios from @pfn on, in run @i, that no process maps. */
static uint64_t unmapped_bytes(const struct folding *f, size_t i, uint64_t pfn, uint64_t folios)
{
	const struct pin_run *run = &f->snap->runs[i];
	uint64_t at = f->snap->first[i] + ((pfn - run->pfn) >> run->order), k, nr = 0;

	for (k = 0; k < folios; k++)
		nr += f->snap->owner[at + k] == OWNER_UNMAPPED;
	return (nr << run->order) * f->snap->page_size;
}

/*
 * Adds @folios folios of @order from @pfn on to @sum, as what the snapshot says
 * they are; to *@unmapped, unless NULL, what nobody maps.
 */
static void add_folios(struct folding *f, struct pin_sum *sum, uint64_t *unmapped, uint64_t pfn,
		       uint64_t folios, uint32_t order)
{
	while (folios) {
		size_t i = run_at(f, pfn);
		const struct pin_run *run = i < f->snap->nr_runs ? &f->snap->runs[i] : NULL;
		uint64_t n = folios;

		if (run && run->pfn <= pfn && run->order == order) {
			struct pin_run copy = *run;
			uint64_t left = (run->pfn + pin_run_pages(run) - pfn) >> order;

			n = left < folios ? left : folios;
			copy.pins = 0;
			pin_sum_add(sum, f->snap, &copy, n);
			if (unmapped && run->kind != PIN_BIAS)
				*unmapped += unmapped_bytes(f, i, pfn, n);
		} else {
			if (run && run->pfn > pfn && (run->pfn - pfn) >> order < folios)
				n = (run->pfn - pfn + (1ULL << order) - 1) >> order;
			else if (run && run->pfn <= pfn)
				n = 1;
			sum->folios += n;
			sum->bytes += (n << order) * f->snap->page_size;
			sum->by_order[order < SNAP_ORDERS ? order : SNAP_ORDERS - 1] += n;
		}
		pfn += n << order;
		folios -= n;
	}
}

static void add_bits(struct folding *f, struct pin_sum *sum, uint64_t *unmapped, uint64_t base,
		     uint64_t bits)
{
	while (bits) {
		unsigned int first = __builtin_ctzll(bits), n = 64 - first;

		if (~(bits >> first))
			n = __builtin_ctzll(~(bits >> first));
		add_folios(f, sum, unmapped, base + first, n, 0);
		bits = first + n >= 64 ? 0 : bits & ~0ULL << (first + n);
	}
}

/* Small pages of claim @c, as bits. */
static uint64_t small_pages(const struct claim *c)
{
	if (c->place == PLACE_BITS)
		return c->pins;
	return c->place < LEDGER_BLOCK_PAGES ? 1ULL << c->place : 0;
}

static uint64_t pins_of(const struct claim *c)
{
	return c->place == PLACE_BITS ? (uint64_t)__builtin_popcountll(c->pins) : c->pins;
}

/* Adds claim @i to its class, without the folios that a claim before it had already. */
static void fold_claim(struct folding *f, const struct fold *fold, size_t i, uint64_t base)
{
	const struct claim *c = &f->claims[i];
	uint32_t class = fold->class_of[c->owner];
	uint64_t bits = small_pages(c), *unmapped = NULL;
	size_t k;

	if (class == FOLD_NONE)
		return;
	fold->sums[class].pins += pins_of(c);
	if (fold->unmapped && c->since <= f->scanned_ns)
		unmapped = &fold->unmapped[class];
	for (k = 0; k < i; k++) {
		if (fold->class_of[f->claims[k].owner] != class)
			continue;
		if (f->claims[k].place == c->place && !bits)
			return;
		bits &= ~small_pages(&f->claims[k]);
		if (small_pages(c) && !bits)
			return;
	}
	if (small_pages(c))
		add_bits(f, &fold->sums[class], unmapped, base, bits);
	else
		add_folios(f, &fold->sums[class], unmapped, base + (c->place & PLACE_OFFSET), 1,
			   c->place >> PLACE_ORDER_SHIFT);
}

static void gather(struct folding *f, uint32_t nr)
{
	uint32_t size = ledger__entries_size(f->ledger), links, k;

	f->nr = 0;
	for (links = 0; nr && nr < size && links < LEDGER_MAX_CHAIN; links++) {
		const struct ledger_entry *e = ledger__entry(f->ledger, nr);

		for (k = 0; k < LEDGER_CLAIMS; k++) {
			struct ledger_claim c =
				*(volatile const struct ledger_claim *)&e->claims[k];

			if (!c.pins || c.word & CLAIM_MOVING ||
			    ((int64_t)c.pins < 0 && c.place != PLACE_BITS))
				continue;
			*vec_push(f->claims, f->nr, f->cap) = (struct claim){
				c.pins, c.since, c.word >> CLAIM_OWNER_SHIFT, c.place
			};
		}
		nr = *(volatile const uint32_t *)&e->next;
	}
}

static void fold_block(struct folding *f, uint32_t nr)
{
	uint64_t base = (uint64_t)ledger__entry(f->ledger, nr)->block << LEDGER_BLOCK_SHIFT;
	size_t i, k, n = 0;

	gather(f, nr);
	/* Records that came up after the caller looked have no class yet. */
	for (i = 0; i < f->nr; i++)
		if (f->claims[i].owner && f->claims[i].owner < f->nr_owners)
			f->claims[n++] = f->claims[i];
	f->nr = n;
	for (i = 0; i < f->nr; i++) {
		struct fold_owner *o = &f->owners[f->claims[i].owner];

		o->pins += pins_of(&f->claims[i]);
		if (!o->oldest_ns || f->claims[i].since < o->oldest_ns)
			o->oldest_ns = f->claims[i].since;
		if (f->claims[i].since > o->youngest_ns)
			o->youngest_ns = f->claims[i].since;
		for (k = 0; k < f->nr_folds; k++)
			fold_claim(f, &f->folds[k], i, base);
	}
}

void ledger__fold(const struct ledger *l, const struct snapshot *snap, uint64_t scanned_ns,
		  const struct fold *folds, size_t nr_folds, struct fold_owner *owners,
		  uint32_t nr_owners)
{
	struct folding f = {
		.ledger = l, .snap = snap, .scanned_ns = scanned_ns, .folds = folds,
		.nr_folds = nr_folds, .owners = owners, .nr_owners = nr_owners,
	};
	uint32_t used = ledger__entries_used(l), size = ledger__entries_size(l), i, next;
	uint8_t *is_next = xcalloc(size, 1);

	/* A chain is looked at as a whole, from its first entry on. */
	for (i = 1; i < used; i++) {
		next = *(volatile const uint32_t *)&ledger__entry(l, i)->next;
		if (next < size)
			is_next[next] = 1;
	}
	for (i = 1; i < used; i++)
		if (!is_next[i])
			fold_block(&f, i);
	free(f.claims);
	free(is_next);
}
