// SPDX-License-Identifier: GPL-2.0
/* What an audit finds, as text: the rule and its numbers, the pin call, the release, their stacks. */
#include <inttypes.h>

#include "text.h"
#include "trace_format.h"
#include "vec.h"

static void print_frames(FILE *out, char *const *frames, size_t nr)
{
	char frame[FRAME_TEXT_MAX];
	size_t i;

	for (i = 0; i < nr; i++)
		fprintf(out, "        %s\n", text_clean(frames[i], frame, sizeof(frame)));
}

static void print_task(const struct trace_view *v, const struct trace_event *ev)
{
	const char *interrupt = format_interrupt(ev->context);
	char stamp[40], comm[COMM_SIZE];

	fputs(format_stamp(v->opts.time, v->info, ev->time_ns, ev->time_ns, stamp, sizeof(stamp)),
	      v->out);
	if (interrupt)
		fprintf(v->out, "%s ", interrupt);
	else
		fprintf(v->out, "%u %s ", ev->tgid, format_comm(ev->comm, comm));
}

static void print_pin(struct trace_view *v, const struct shown_violation *s)
{
	const struct trace_event *ev = s->v->pin;
	char call[CALL_TEXT_MAX], result[128], driver[FRAME_TEXT_MAX], comm[COMM_SIZE];

	fputs("    pinned: ", v->out);
	print_task(v, ev);
	fprintf(v->out, "%s = %s %s", format_call(v->info, ev, call, sizeof(call)),
		format_result(ev, result, sizeof(result)),
		text_clean(s->site->name.driver, driver, sizeof(driver)));
	if (s->v->nr)
		fprintf(v->out, " #%" PRIu64, s->v->nr);
	if (ev->owner && ev->owner != ev->tgid)
		fprintf(v->out, " of %u %s", ev->owner, format_comm(ev->owner_comm, comm));
	fputc('\n', v->out);
	print_frames(v->out, s->site->frames, s->site->nr_frames);
	if (s->ustack)
		print_frames(v->out, s->ustack->frames, s->ustack->nr_frames);
}

static void print_release(struct trace_view *v, const struct shown_violation *s)
{
	const struct trace_event *ev = s->v->release;

	fputs("    released: ", v->out);
	print_task(v, ev);
	fprintf(v->out, "%s of %" PRIu64 "\n", format_function(ev->function), (uint64_t)ev->pins);
	print_frames(v->out, s->release_site->frames, s->release_site->nr_frames);
}

static void print_violation(struct trace_view *v, const struct shown_violation *s)
{
	fprintf(v->out, "violation of %s: %s\n", audit_rule_name(s->v->rule), s->v->what);
	if (s->v->pin)
		print_pin(v, s);
	if (s->v->release)
		print_release(v, s);
}

static void violations_begin(struct trace_view *v, const struct trace_info *info)
{
	v->info = info;
}

static void violations_pin(struct trace_view *v, const struct shown_pin *pin)
{
}

static void violations_unpin(struct trace_view *v, const struct shown_unpin *unpin)
{
}

static void violations_end(struct trace_view *v, const struct trace_end *end)
{
	const char *before = " ";
	int rule;

	fputs("violations:", v->out);
	for (rule = 0; rule < AUDIT_RULES; rule++) {
		uint64_t n = audit__found(end->audit, rule);

		if (!n)
			continue;
		fprintf(v->out, "%s%s %" PRIu64, before, audit_rule_name(rule), n);
		before = ", ";
	}
	fputs(*before == ',' ? "\n" : " none\n", v->out);
}

static void violations_free(struct trace_view *v)
{
	free(v);
}

struct trace_view *view_violations(FILE *out, const struct trace_view_opts *opts)
{
	static const struct trace_view_ops ops = {
		.name = "violations", .begin = violations_begin, .pin = violations_pin,
		.unpin = violations_unpin, .violation = print_violation, .end = violations_end,
		.free = violations_free,
	};
	struct trace_view *v = xcalloc(1, sizeof(*v));

	*v = (struct trace_view){ .ops = &ops, .opts = *opts, .out = out };
	return v;
}
