// SPDX-License-Identifier: GPL-2.0
#include "leak_audit.h"
#include "trace_members.h"
#include "vec.h"

struct kept_view {
	struct trace_view view;
	json_t *violations;
};

static void kept_begin(struct trace_view *v, const struct trace_info *info)
{
	v->info = info;
}

static void kept_pin(struct trace_view *v, const struct shown_pin *pin)
{
}

static void kept_unpin(struct trace_view *v, const struct shown_unpin *unpin)
{
}

static void kept_violation(struct trace_view *v, const struct shown_violation *s)
{
	uint64_t us = (s->v->time_ns + (uint64_t)v->info->wall_ns + 500) / 1000;
	json_t *o = json_pack("{s:f, s:o}", "time", (double)us / 1e6,
			      "time_ns", value_count(s->v->time_ns));

	members_violation(o, v, s);
	json_array_append_new(((struct kept_view *)v)->violations, o);
}

static void kept_end(struct trace_view *v, const struct trace_end *end)
{
}

static void kept_free(struct trace_view *v)
{
	json_decref(((struct kept_view *)v)->violations);
	free(v);
}

struct trace_view *leak_audit_view(const struct trace_view_opts *opts)
{
	static const struct trace_view_ops ops = {
		.name = "kept", .begin = kept_begin, .pin = kept_pin, .unpin = kept_unpin,
		.violation = kept_violation, .end = kept_end, .free = kept_free,
	};
	struct kept_view *v = xcalloc(1, sizeof(*v));

	*v = (struct kept_view){
		.view = { .ops = &ops, .opts = *opts }, .violations = json_array(),
	};
	return &v->view;
}

json_t *leak_audit_violations(struct trace_view *v)
{
	struct kept_view *kept = (struct kept_view *)v;
	json_t *violations = kept->violations;

	kept->violations = json_array();
	return violations;
}
