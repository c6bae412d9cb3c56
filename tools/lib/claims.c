// SPDX-License-Identifier: GPL-2.0
#include "claims.h"
#include "vec.h"

#define FIRST_BITS 10

void claims_init(struct claims *cs)
{
	*cs = (struct claims){ .bits = FIRST_BITS };
	cs->chains = xcalloc(1U << FIRST_BITS, sizeof(*cs->chains));
	*vec_push(cs->pool, cs->nr, cs->cap) = (struct claim){};
}

void claims_free(struct claims *cs)
{
	free(cs->chains);
	free(cs->pool);
}

size_t claims_memory(const struct claims *cs)
{
	return cs->cap * sizeof(*cs->pool) + (sizeof(*cs->chains) << cs->bits);
}

static void chain_append(struct claims *cs, uint32_t nr)
{
	struct claim *c = claim_at(cs, nr);
	struct claim_list *chain = claims_chain(cs, c->pfn, c->order);

	c->older = chain->last;
	c->newer = 0;
	if (chain->last)
		claim_at(cs, chain->last)->newer = nr;
	else
		chain->first = nr;
	chain->last = nr;
}

/* Each chain becomes two, in which the oldest is still the first. */
static void grow(struct claims *cs)
{
	size_t nr = (size_t)1 << cs->bits, k;
	struct claim_list *chains = cs->chains;
	uint32_t i, newer;

	cs->bits++;
	cs->chains = xcalloc(2 * nr, sizeof(*cs->chains));
	for (k = 0; k < nr; k++)
		for (i = chains[k].first; i; i = newer) {
			newer = claim_at(cs, i)->newer;
			chain_append(cs, i);
		}
	free(chains);
}

static uint32_t get_spare(struct claims *cs)
{
	uint32_t nr = cs->spare;

	if (nr) {
		cs->spare = claim_at(cs, nr)->newer;
		return nr;
	}
	vec_push(cs->pool, cs->nr, cs->cap);
	return cs->nr - 1;
}

void claims_add(struct claims *cs, struct claim_list *of_call, const struct claim *like)
{
	uint32_t nr = get_spare(cs);
	struct claim *c = claim_at(cs, nr);

	if (cs->used++ >> cs->bits)
		grow(cs);
	*c = *like;
	c->before = of_call->last;
	c->after = 0;
	if (of_call->last)
		claim_at(cs, of_call->last)->after = nr;
	else
		of_call->first = nr;
	of_call->last = nr;
	chain_append(cs, nr);
}

void claims_drop(struct claims *cs, struct claim_list *of_call, uint32_t nr)
{
	struct claim *c = claim_at(cs, nr);
	struct claim_list *chain = claims_chain(cs, c->pfn, c->order);

	*(c->older ? &claim_at(cs, c->older)->newer : &chain->first) = c->newer;
	*(c->newer ? &claim_at(cs, c->newer)->older : &chain->last) = c->older;
	*(c->before ? &claim_at(cs, c->before)->after : &of_call->first) = c->after;
	*(c->after ? &claim_at(cs, c->after)->before : &of_call->last) = c->before;
	c->newer = cs->spare;
	cs->spare = nr;
	cs->used--;
}
