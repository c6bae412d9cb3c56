// SPDX-License-Identifier: GPL-2.0
/* One object a line: docs/schema/pintrace.schema.json. */
#include "trace_format.h"
#include "trace_members.h"
#include "vec.h"

/* Raised when a member changes its meaning or goes away, not when one is added. */
#define PINTRACE_SCHEMA 1

/* What each line begins with. */
static json_t *line(const struct trace_view *v, const char *type, uint64_t ns)
{
	/* To the microsecond: a double has room for no more. */
	uint64_t us = (ns + (uint64_t)v->info->wall_ns + 500) / 1000;

	return json_pack("{s:s, s:f, s:o}", "type", type, "time", (double)us / 1e6,
			 "time_ns", value_count(ns));
}

static void write_line(const struct trace_view *v, json_t *o)
{
	json_dumpf(o, v->out, JSON_COMPACT | JSON_REAL_PRECISION(16));
	fputc('\n', v->out);
	json_decref(o);
}

static void json_begin(struct trace_view *v, const struct trace_info *info)
{
	json_t *o;

	v->info = info;
	o = line(v, "begin", info->began_ns);
	json_object_set_new(o, "schema", json_integer(PINTRACE_SCHEMA));
	json_object_set_new(o, "tool", json_string("pintrace"));
	json_object_set_new(o, "kernel", value_text(info->kernel));
	json_object_set_new(o, "machine", value_text(info->machine));
	json_object_set_new(o, "page_size", json_integer(info->page_size));
	write_line(v, o);
}

static void json_pin(struct trace_view *v, const struct shown_pin *pin)
{
	json_t *o = line(v, "pin", pin->ev->time_ns);

	members_pin(o, v, pin);
	write_line(v, o);
}

static json_t *part_json(const struct shown_unpin *unpin, size_t i)
{
	const struct paired_part *part = &unpin->parts[i];
	const struct paired_pin *pin = part->pin;
	const struct trace_event *ev;

	if (!pin)
		return json_pack("{s:n, s:o, s:n, s:n, s:b, s:n, s:n, s:n}",
				 "call", "pins", value_count(part->pins), "held_ns", "left",
				 "guessed", part->guessed, "pid", "comm", "driver");
	ev = &pin->ev;
	return json_pack("{s:o, s:o, s:o, s:o, s:b, s:I, s:o, s:o}",
			 "call", value_count(pin->nr),
			 "pins", value_count(part->pins),
			 "held_ns", value_count(held_ns(pin, unpin->ev->time_ns)),
			 "left", value_count(pin->left),
			 "guessed", part->guessed,
			 "pid", (json_int_t)(ev->owner ? ev->owner : ev->tgid),
			 "comm", value_comm(ev->owner ? ev->owner_comm : ev->comm),
			 "driver", value_text(unpin->sites[i]->name.driver));
}

static json_t *parts_json(const struct shown_unpin *unpin)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < unpin->nr_parts; i++)
		json_array_append_new(list, part_json(unpin, i));
	return list;
}

static void json_unpin(struct trace_view *v, const struct shown_unpin *unpin)
{
	const struct trace_event *ev = unpin->ev;
	const char *interrupt = format_interrupt(ev->context);
	json_t *o = line(v, "unpin", ev->time_ns);

	/* The interrupted task has nothing to do with it. */
	json_object_set_new(o, "context", json_string(interrupt ? interrupt : "task"));
	json_object_set_new(o, "pid", interrupt ? json_null() : json_integer(ev->tgid));
	json_object_set_new(o, "tid", interrupt ? json_null() : json_integer(ev->tid));
	json_object_set_new(o, "comm", interrupt ? json_null() : value_comm(ev->comm));
	json_object_set_new(o, "function", json_string(format_function(ev->function)));
	json_object_set_new(o, "pins", value_count(ev->pins));
	json_object_set_new(o, "dirty", json_boolean(ev->flags & 1));
	json_object_set_new(o, "site", unpin->site ? value_site(unpin->site, v->opts.kernel_stacks)
						   : json_null());
	json_object_set_new(o, "parts", parts_json(unpin));
	write_line(v, o);
}

static void json_violation(struct trace_view *v, const struct shown_violation *s)
{
	json_t *o = line(v, "violation", s->v->time_ns);

	members_violation(o, v, s);
	write_line(v, o);
}

/* --- the end ---------------------------------------------------------------------------------- */

struct held {
	const struct trace_end *end;
	uint64_t calls, pins, bytes;
};

static void add_held(struct paired_pin *pin, void *arg)
{
	struct held *held = arg;

	if (!held->end->wanted(held->end->arg, pin))
		return;
	held->calls++;
	held->pins += pin->left;
	held->bytes += pin->bytes;
}

static json_t *seen_json(const struct trace_totals *t)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}",
			 "calls", value_count(t->calls),
			 "pins", value_count(t->pinned),
			 "filtered_calls", value_count(t->filtered),
			 "releases", value_count(t->releases),
			 "unpins", value_count(t->released));
}

static json_t *lost_json(const struct trace_health *h)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "dropped_calls", value_count(h->totals.dropped_calls),
			 "dropped_pins", value_count(h->totals.dropped_pins),
			 "dropped_releases", value_count(h->totals.dropped_releases),
			 "dropped_unpins", value_count(h->totals.dropped_unpins),
			 "dropped_exits", value_count(h->totals.dropped_exits),
			 "missed_runs", value_count(h->missed_runs),
			 "not_followed", value_count(h->follow_lost),
			 "unreadable", value_count(h->lost[LOST_UNREADABLE]),
			 "no_task", value_count(h->lost[LOST_NO_TASK]),
			 "no_site", value_count(h->lost[LOST_NO_SITE]),
			 "exit", value_count(h->lost[LOST_EXIT]));
}

static void json_end(struct trace_view *v, const struct trace_end *end)
{
	json_t *o = line(v, "end", end->ended_ns);
	struct held held = { .end = end };

	pairs__each(end->pairs, add_held, &held);
	json_object_set_new(o, "held", json_pack("{s:o, s:o, s:o}",
						 "calls", value_count(held.calls),
						 "pins", value_count(held.pins),
						 "bytes", value_count(held.bytes)));
	json_object_set_new(o, "seen", seen_json(&end->health->totals));
	json_object_set_new(o, "lost", lost_json(end->health));
	if (end->audit)
		json_object_set_new(o, "violations", value_violations(end->audit, end->rules));
	write_line(v, o);
}

static void json_free_view(struct trace_view *v)
{
	free(v);
}

struct trace_view *view_json(FILE *out, const struct trace_view_opts *opts)
{
	static const struct trace_view_ops ops = {
		.name = "json", .begin = json_begin, .pin = json_pin, .unpin = json_unpin,
		.violation = json_violation, .end = json_end, .free = json_free_view,
	};
	struct trace_view *v = xcalloc(1, sizeof(*v));

	*v = (struct trace_view){ .ops = &ops, .opts = *opts, .out = out };
	return v;
}
