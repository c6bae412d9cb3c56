// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <math.h>
#include <time.h>

#include "health.h"
#include "leak_view.h"
#include "live_json.h"
#include "text.h"

/* More digits would be noise. */
static double micro(double v)
{
	return round(v * 1e6) / 1e6;
}

static json_t *integer(uint64_t v)
{
	return json_integer((json_int_t)(v < INT64_MAX ? v : INT64_MAX));
}

static json_t *text_json(const char *text)
{
	char clean[4096];

	return json_string(text_clean(text, clean, sizeof(clean)));
}

static json_t *frames_json(char *const *frames, size_t nr)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < nr; i++)
		json_array_append_new(list, text_json(frames[i]));
	return list;
}

/* Nobody knows of pins that were found in memory. */
static json_t *longterm_json(uint32_t flags)
{
	if (flags & (OWNER_BEFORE | OWNER_REPAIRED))
		return json_null();
	return json_boolean(flags & OWNER_LONGTERM);
}

static void process_json(json_t *o, const struct snap_proc *p)
{
	json_object_set_new(o, "pid", p->pid ? json_integer(p->pid) : json_null());
	json_object_set_new(o, "uid", p->uid == (uid_t)-1 ? json_null() : json_integer(p->uid));
	json_object_set_new(o, "comm", text_json(p->comm));
	json_object_set_new(o, "exited", json_boolean(p->exited));
}

static void site_json(json_t *o, const struct live_site *site)
{
	char id[24];

	snprintf(id, sizeof(id), "%016" PRIx64, site->id);
	json_object_set_new(o, "site", json_string(id));
	json_object_set_new(o, "driver", text_json(site->driver));
	json_object_set_new(o, "detail", text_json(site->detail));
	json_object_set_new(o, "function", text_json(site->function));
	json_object_set_new(o, "frames", frames_json(site->frames, site->nr_frames));
	json_object_set_new(o, "truncated", json_boolean(site->truncated));
	json_object_set_new(o, "user_frames", !site->ustack ? json_null() :
			    frames_json(site->ustack->frames, site->ustack->nr_frames));
}

static json_t *row_json(const struct leak_model *m, const struct leak_row *row)
{
	const struct live_hold *h = row->hold;
	json_t *o = json_pack("{s:s, s:s, s:o}", "class", leak_class_name(row->class),
			      "unsuppressed_class", leak_class_name(row->was),
			      "suppressed_by", row->by ? text_json(row->by->name) : json_null());

	process_json(o, row->proc);
	site_json(o, row->site);
	json_object_set_new(o, "longterm", longterm_json(h->flags));
	json_object_set_new(o, "pins", integer(h->sum->pins));
	json_object_set_new(o, "pinned_bytes", integer(h->sum->bytes));
	json_object_set_new(o, "folios", integer(h->sum->folios));
	json_object_set_new(o, "unmapped_bytes", integer(h->unmapped_bytes));
	json_object_set_new(o, "acquired", integer(h->acquired));
	json_object_set_new(o, "released", integer(h->released));
	json_object_set_new(o, "grown_pins", json_integer(row->grown_pins));
	json_object_set_new(o, "grown_bytes", json_integer(row->grown_bytes));
	json_object_set_new(o, "oldest_seconds", json_real(micro(leak_oldest(m, row))));
	json_object_set_new(o, "youngest_seconds", json_real(micro(leak_youngest(m, row))));
	json_object_set_new(o, "age_is_least", json_boolean(leak_age_is_least(row)));
	json_object_set_new(o, "baseline_pins",
			    m->baseline ? integer(row->baseline_pins) : json_null());
	return o;
}

static json_t *rows_json(const struct leak_model *m)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < m->nr_shown; i++)
		json_array_append_new(list, row_json(m, &m->rows[i]));
	return list;
}

static json_t *classes_json(const struct leak_model *m)
{
	json_t *o = json_object();
	int i;

	for (i = 0; i < LEAK_CLASSES; i++)
		json_object_set_new(o, leak_class_name((enum leak_class)i),
				    json_pack("{s:o, s:o, s:o}",
					      "rows", integer(m->classes[i].rows),
					      "pins", integer(m->classes[i].pins),
					      "pinned_bytes", integer(m->classes[i].bytes)));
	return o;
}

static json_t *filters_json(const struct leak_opts *opts)
{
	json_t *o = filter_json(&opts->filter);

	json_object_set_new(o, "cgroup", opts->cgroup ? text_json(opts->cgroup) : json_null());
	json_object_set_new(o, "drivers", filter_drivers_json(&opts->filter));
	json_object_set_new(o, "min_bytes", integer(opts->least));
	json_object_set_new(o, "max_bytes",
			    opts->most == UINT64_MAX ? json_null() : integer(opts->most));
	json_object_set_new(o, "top", opts->top == UINT64_MAX ? json_null() : integer(opts->top));
	return o;
}

static json_t *command_json(char *const *command)
{
	json_t *list;

	if (!command)
		return json_null();
	for (list = json_array(); *command; command++)
		json_array_append_new(list, text_json(*command));
	return list;
}

static json_t *notes_json(const struct snapshot *snap)
{
	json_t *list = json_array();
	const char *note;
	size_t i;

	for (i = 0; (note = health_note(snap, i)); i++)
		json_array_append_new(list, json_string(note));
	return list;
}

void leak_view_json(const struct leak_model *m, char *const *command, json_t *audit, FILE *out)
{
	struct timespec now;
	json_t *o;

	clock_gettime(CLOCK_REALTIME, &now);
	o = json_pack("{s:i, s:s, s:f, s:o, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		      "schema", PINLEAK_SCHEMA,
		      "tool", "pinleak",
		      "time", micro((double)now.tv_sec + (double)now.tv_nsec / 1e9),
		      "look", integer(m->looks),
		      "seconds", micro(leak_model__seconds(m)),
		      "command", command_json(command),
		      "older_seconds", m->opts.older_ns == UINT64_MAX ? json_null() :
				       json_real((double)m->opts.older_ns / 1e9),
		      "filters", filters_json(&m->opts),
		      "classes", classes_json(m),
		      "hidden_rows", integer(m->nr_hidden),
		      "unknown_pins", integer(m->unknown),
		      "rows", rows_json(m),
		      "live", live_json(m->snap),
		      "notes", notes_json(m->snap));
	if (audit)
		json_object_set_new(o, "audit", audit);
	json_dumpf(o, out, JSON_COMPACT | JSON_REAL_PRECISION(16));
	fputc('\n', out);
	json_decref(o);
}
