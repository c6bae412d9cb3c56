// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "driver_numbers.h"
#include "vec.h"

void driver_numbers__clear(struct driver_numbers *d)
{
	while (d->nr)
		free(d->names[--d->nr]);
	free(d->names);
	*d = (struct driver_numbers){};
}

uint32_t driver_numbers__of(struct driver_numbers *d, const struct site_name *site)
{
	size_t i;

	if (!site_has_driver(site))
		return DRIVER_NONE;
	for (i = 0; i < d->nr && strcmp(d->names[i], site->driver); i++)
		;
	if (i == d->nr)
		*vec_push(d->names, d->nr, d->cap) = xstrdup(site->driver);
	return DRIVER_FIRST + i;
}

struct naming {
	struct driver_numbers *numbers;
	struct kallsyms *syms;
	bool reloaded;
};

/* What has no name is a program of ours, or a trampoline: newer than the symbols. */
static uint32_t driver_of(uint64_t ip, void *arg)
{
	struct naming *naming = arg;
	struct fail fail;
	struct site_name name;

	site_name(naming->syms, &ip, 1, &name);
	if (name.missed && !naming->reloaded) {
		naming->reloaded = true;
		if (!kallsyms__reload(naming->syms, &fail))
			site_name(naming->syms, &ip, 1, &name);
	}
	if (name.missed || name.frame < 0)
		return DRIVER_PASS;
	return driver_numbers__of(naming->numbers, &name);
}

void driver_numbers__name_code(struct driver_numbers *d, struct ledger *l, struct kallsyms *syms)
{
	struct naming naming = { .numbers = d, .syms = syms };
	uint64_t seen = ledger__totals(l)->code;

	if (!syms || seen == d->code_seen)
		return;
	ledger__name_code(l, driver_of, &naming);
	d->code_seen = seen;
}
