// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pinstat.h"

static double now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec + ts.tv_nsec / 1e9;
}

int pinstat_take(struct pinstat_sample *s, bool refresh)
{
	int err;

	memset(s, 0, sizeof(*s));
	if (refresh)
		s->refresh_err = vmstat_refresh();
	s->refreshed = refresh && !s->refresh_err;
	err = vmstat_read(&s->total);
	s->mono = now(CLOCK_MONOTONIC);
	s->wall = now(CLOCK_REALTIME);
	return err;
}

bool pinstat_negative(const struct pinstat_sample *s)
{
	size_t i;

	for (i = 0; i < s->n_nodes; i++)
		if (s->nodes[i].pins.in_flight < 0)
			return true;
	return s->total.in_flight < 0;
}

static const struct vmstat_node *find_node(const struct pinstat_sample *s, int id)
{
	size_t i;

	for (i = 0; i < s->n_nodes; i++)
		if (s->nodes[i].id == id)
			return &s->nodes[i];
	return NULL;
}

static void rate(struct pinstat_rates *r, bool since_boot, double seconds,
		 const struct vmstat_pins *before, const struct vmstat_pins *pins)
{
	static const struct vmstat_pins zero;

	r->since_boot = since_boot;
	r->seconds = seconds;
	if (since_boot)
		before = &zero;
	/* A node that came online meanwhile has no reading before. */
	if (before)
		r->known = vmstat_rates(before, pins, seconds, &r->per_s);
}

struct pinstat_rates *pinstat_rates(const struct pinstat_sample *prev,
				    const struct pinstat_sample *s)
{
	struct pinstat_rates *r = calloc(s->n_nodes + 1, sizeof(*r));
	const struct vmstat_node *node;
	double seconds;
	size_t i;

	if (!r)
		return NULL;
	if (prev)
		seconds = s->mono - prev->mono;
	else if (vmstat_uptime(&seconds))
		seconds = 0;	/* vmstat_rates() then knows none */
	rate(&r[0], !prev, seconds, prev ? &prev->total : NULL, &s->total);
	for (i = 0; i < s->n_nodes; i++) {
		node = prev ? find_node(prev, s->nodes[i].id) : NULL;
		rate(&r[i + 1], !prev, seconds, node ? &node->pins : NULL, &s->nodes[i].pins);
	}
	return r;
}
