// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>

#include "follflags.h"
#include "text.h"
#include "trace_format.h"
#include "trace_members.h"

json_t *value_count(uint64_t v)
{
	return json_integer((json_int_t)(v < INT64_MAX ? v : INT64_MAX));
}

json_t *value_text(const char *text)
{
	char clean[FRAME_TEXT_MAX];

	return text ? json_string(text_clean(text, clean, sizeof(clean))) : json_null();
}

json_t *value_comm(const char *comm)
{
	char clean[COMM_SIZE];

	return json_string(format_comm(comm, clean));
}

json_t *value_frames(char *const *frames, size_t nr)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < nr; i++)
		json_array_append_new(list, value_text(frames[i]));
	return list;
}

json_t *value_site(const struct named_site *site, bool stack)
{
	json_t *o = json_object();

	json_object_set_new(o, "driver", value_text(site->name.driver));
	json_object_set_new(o, "function", value_text(site->name.function));
	if (stack) {
		json_object_set_new(o, "stack", value_frames(site->frames, site->nr_frames));
		json_object_set_new(o, "truncated", json_boolean(site->truncated));
	}
	return o;
}

json_t *value_user_stack(const struct named_ustack *ustack)
{
	return ustack ? value_frames(ustack->frames, ustack->nr_frames) : json_array();
}

static json_t *value_owner(const struct trace_event *ev)
{
	if (!ev->owner)
		return json_null();
	return json_pack("{s:I, s:o}", "pid", (json_int_t)ev->owner, "comm",
			 value_comm(ev->owner_comm));
}

static json_t *value_flags(const struct foll_names *names, uint32_t flags)
{
	json_t *list = json_array();
	unsigned int bit;

	for (bit = 0; bit < FOLL_BITS; bit++) {
		char number[16];

		if (!(flags >> bit & 1))
			continue;
		snprintf(number, sizeof(number), "0x%x", 1u << bit);
		json_array_append_new(list, value_text(names->name[bit][0] ? names->name[bit] :
									     number));
	}
	return list;
}

static void members_call(json_t *o, const struct trace_info *info, const struct trace_event *ev)
{
	bool memfd = ev->function == GUP_memfd_pin_folios;
	/* folio_add_pin() and its like have neither. */
	bool memory = ev->function < GUP_memfd_pin_folios;
	char error[24];

	json_object_set_new(o, "function", json_string(format_function(ev->function)));
	json_object_set_new(o, "address", memory ? value_count(ev->start) : json_null());
	json_object_set_new(o, "offset", memfd ? value_count(ev->start) : json_null());
	json_object_set_new(o, "wanted", value_count(ev->wanted));
	json_object_set_new(o, "got", json_integer(ev->got));
	json_object_set_new(o, "error", value_text(format_error(ev->got, error, sizeof(error))));
	json_object_set_new(o, "flags", json_integer(ev->flags));
	json_object_set_new(o, "flag_names", value_flags(info->flags, ev->flags));
	json_object_set_new(o, "duration_ns",
			    ev->begun_ns ? value_count(call_ns(ev)) : json_null());
}

void members_pin(json_t *o, const struct trace_view *v, const struct shown_pin *pin)
{
	const struct trace_event *ev = pin->ev;

	json_object_set_new(o, "call", pin->nr ? value_count(pin->nr) : json_null());
	json_object_set_new(o, "pid", json_integer(ev->tgid));
	json_object_set_new(o, "tid", json_integer(ev->tid));
	json_object_set_new(o, "comm", value_comm(ev->comm));
	json_object_set_new(o, "uid", json_integer(ev->uid));
	json_object_set_new(o, "cgroup", value_count(ev->cgroup));
	json_object_set_new(o, "owner", value_owner(ev));
	members_call(o, v->info, ev);
	json_object_set_new(o, "pins", value_count(pin->pin ? pin->pin->pins : 0));
	json_object_set_new(o, "bytes", value_count(pin->pin ? pin->pin->bytes : 0));
	json_object_set_new(o, "site", value_site(pin->site, v->opts.kernel_stacks));
	if (v->opts.user_stacks)
		json_object_set_new(o, "user_stack", value_user_stack(pin->ustack));
}

/* --- what an audit finds ---------------------------------------------------------------------- */

static json_t *value_release(const struct shown_violation *s)
{
	const struct trace_event *ev = s->v->release;
	const char *interrupt = ev ? format_interrupt(ev->context) : NULL;

	if (!ev)
		return json_null();
	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:s, s:o, s:o}",
			 "time_ns", value_count(ev->time_ns),
			 "context", interrupt ? interrupt : "task",
			 "pid", interrupt ? json_null() : json_integer(ev->tgid),
			 "tid", interrupt ? json_null() : json_integer(ev->tid),
			 "comm", interrupt ? json_null() : value_comm(ev->comm),
			 "function", format_function(ev->function),
			 "pins", value_count(ev->pins),
			 "site", value_site(s->release_site, true));
}

/* The pin call as in its own line, but with its stack. */
static json_t *value_pin(const struct trace_view *v, const struct shown_violation *s)
{
	struct trace_view with_stack = *v;
	struct shown_pin pin = {
		.ev = s->v->pin, .site = s->site, .ustack = s->ustack, .nr = s->v->nr,
	};
	json_t *o;

	if (!s->v->pin)
		return json_null();
	o = json_object();
	with_stack.opts.kernel_stacks = true;
	members_pin(o, &with_stack, &pin);
	json_object_set_new(o, "time_ns", value_count(s->v->pin->time_ns));
	json_object_set_new(o, "pins", value_count(s->v->pin->pins));
	json_object_del(o, "bytes");
	return o;
}

void members_violation(json_t *o, const struct trace_view *v, const struct shown_violation *s)
{
	json_object_set_new(o, "rule", json_string(audit_rule_name(s->v->rule)));
	json_object_set_new(o, "pins", value_count(s->v->pins));
	json_object_set_new(o, "what", json_string(s->v->what));
	json_object_set_new(o, "pinned", value_pin(v, s));
	json_object_set_new(o, "released", value_release(s));
}

json_t *value_violations(const struct audit *audit, uint32_t rules)
{
	json_t *o = json_object();
	int rule;

	for (rule = 0; rule < AUDIT_RULES; rule++)
		if (rules & AUDIT_BIT(rule))
			json_object_set_new(o, audit_rule_name(rule),
					    value_count(audit__found(audit, rule)));
	return o;
}
