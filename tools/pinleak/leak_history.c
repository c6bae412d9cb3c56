// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "leak_history.h"
#include "vec.h"

static void forget_half(struct leak_history *h)
{
	size_t i, k;

	for (i = 0; i < h->nr / 2; i++) {
		h->seconds[i] = h->seconds[2 * i + 1];
		for (k = 0; k < h->nr_series; k++)
			h->series[k].bytes[i] = h->series[k].bytes[2 * i + 1];
	}
	for (k = 0; k < h->nr_series; k++)
		memset(h->series[k].bytes + i, 0, (HISTORY_LOOKS - i) * sizeof(uint64_t));
	h->nr = i;
	h->every *= 2;
}

void leak_history_look(struct leak_history *h, double seconds)
{
	size_t k;

	if (!h->every)
		h->every = 1;
	if (h->passing)
		h->nr--;
	else if (h->nr == HISTORY_LOOKS)
		forget_half(h);
	for (k = 0; k < h->nr_series; k++)
		h->series[k].bytes[h->nr] = 0;
	h->seconds[h->nr++] = seconds;
	h->passing = ++h->since < h->every;
	if (!h->passing)
		h->since = 0;
}

void leak_history_add(struct leak_history *h, const struct live_site *site, uint64_t bytes)
{
	struct leak_series *s;
	size_t i;

	for (i = 0; i < h->nr_series; i++) {
		if (h->series[i].site == site->id) {
			h->series[i].bytes[h->nr - 1] += bytes;
			return;
		}
	}
	s = vec_push(h->series, h->nr_series, h->cap_series);
	*s = (struct leak_series){
		.site = site->id,
		.name = xasprintf("%s: %s", site->driver, site->summary),
		.bytes = xcalloc(HISTORY_LOOKS, sizeof(uint64_t)),
	};
	s->bytes[h->nr - 1] = bytes;
}

void leak_history_free(struct leak_history *h)
{
	size_t i;

	for (i = 0; i < h->nr_series; i++) {
		free(h->series[i].name);
		free(h->series[i].bytes);
	}
	free(h->series);
}
