// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <jansson.h>
#include <math.h>

#include "pinstat.h"

/* Raised when a member changes its meaning or goes away, not when one is added. */
#define PINSTAT_SCHEMA 1

/* More digits would be noise. */
static double micro(double v)
{
	return round(v * 1e6) / 1e6;
}

static json_t *rates_json(const struct pinstat_rates *r)
{
	if (!r->known)
		return json_null();
	return json_pack("{s:s, s:f, s:f, s:f, s:f}",
			 "since", r->since_boot ? "boot" : "last",
			 "seconds", micro(r->seconds),
			 "acquired_per_s", micro(r->per_s.acquired),
			 "released_per_s", micro(r->per_s.released),
			 "net_per_s", micro(r->per_s.net));
}

/* The members that the machine and each node have in common. */
static int add_pins(json_t *o, const struct vmstat_pins *p, const struct pinstat_rates *r)
{
	/* The reader lets nothing above INT64_MAX through. */
	return json_object_set_new(o, "acquired", json_integer((json_int_t)p->acquired)) ||
	       json_object_set_new(o, "released", json_integer((json_int_t)p->released)) ||
	       json_object_set_new(o, "in_flight", json_integer(p->in_flight)) ||
	       json_object_set_new(o, "rates", rates_json(r));
}

static int add_nodes(json_t *o, const struct pinstat_sample *s, const struct pinstat_rates *rates)
{
	json_t *list = json_array();
	size_t i;

	if (json_object_set_new(o, "nodes", list))
		return -1;
	for (i = 0; i < s->n_nodes; i++) {
		json_t *node = json_pack("{s:i}", "node", s->nodes[i].id);

		if (json_array_append_new(list, node) ||
		    add_pins(node, &s->nodes[i].pins, &rates[i]))
			return -1;
	}
	return 0;
}

int pinstat_json(FILE *out, const struct pinstat_sample *s, const struct pinstat_rates *total,
		 const struct pinstat_rates *nodes)
{
	json_t *o = json_pack("{s:i, s:s, s:f, s:s, s:b}",
			      "schema", PINSTAT_SCHEMA,
			      "tool", "pinstat",
			      "time", micro(s->wall),
			      "unit", "pins",
			      "refreshed", s->refreshed);
	int err = 0;

	if (!o || add_pins(o, &s->total, total) || (s->n_nodes && add_nodes(o, s, nodes))) {
		err = -ENOMEM;
	} else {
		json_dumpf(o, out, JSON_REAL_PRECISION(15));
		fputc('\n', out);
	}
	json_decref(o);
	return err;
}
