// SPDX-License-Identifier: GPL-2.0
/*
 * Trace events as chrome://tracing and Perfetto read them: each pin call is an
 * async pair from its end until the last of its pins is released, in the
 * process whose memory it is. Written as it comes, in CLOCK_MONOTONIC.
 */
#include <inttypes.h>
#include <search.h>
#include <string.h>

#include "trace_format.h"
#include "trace_members.h"
#include "vec.h"

/* A pin call whose pair is open. */
struct open_call {
	uint64_t nr;
	uint64_t bytes;		/* that it counts for in its process */
};

/* By its number alone, as the viewers have it: one that comes after it takes over its track. */
struct process {
	uint32_t pid;
	char comm[COMM_SIZE];
	uint64_t bytes;
};

struct chrome_view {
	struct trace_view view;
	void *calls, *processes;	/* trees of tsearch(3) */
	bool more;			/* an event has been written */
};

/* Begins an event, which the caller ends. */
static FILE *event(struct chrome_view *c, char phase, uint32_t pid, const char *name)
{
	FILE *out = c->view.out;

	fprintf(out, "%s{\"ph\":\"%c\",\"pid\":%u,\"name\":\"%s\"", c->more ? ",\n" : "\n", phase,
		pid, name);
	c->more = true;
	return out;
}

/* By hand: a double has not enough digits for microseconds with three decimals. */
static void at_time(FILE *out, uint64_t ns)
{
	fprintf(out, ",\"ts\":%" PRIu64 ".%03u", ns / 1000, (unsigned int)(ns % 1000));
}

static void member(FILE *out, const char *key, json_t *value)
{
	fprintf(out, ",\"%s\":", key);
	json_dumpf(value, out, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(value);
}

/* --- processes -------------------------------------------------------------------------------- */

static int by_pid(const void *a, const void *b)
{
	const struct process *x = a, *y = b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static uint32_t pid_of(const struct trace_event *ev)
{
	return ev->owner ? ev->owner : ev->tgid;
}

static struct process *find_process(const struct chrome_view *c, const struct trace_event *ev)
{
	struct process key = { .pid = pid_of(ev) };
	struct process **found = tfind(&key, &c->processes, by_pid);

	return found ? *found : NULL;
}

/* The process that pins now, under the name that it has now. */
static struct process *show_process(struct chrome_view *c, const struct trace_event *ev)
{
	struct process *p = find_process(c, ev);
	char comm[COMM_SIZE];
	FILE *out;

	format_owner(ev, comm);
	if (p && !strcmp(p->comm, comm))
		return p;
	if (!p) {
		p = xcalloc(1, sizeof(*p));
		p->pid = pid_of(ev);
		tsearch(p, &c->processes, by_pid);
	}
	memcpy(p->comm, comm, sizeof(comm));
	out = event(c, 'M', p->pid, "process_name");
	member(out, "args", json_pack("{s:s}", "name", comm));
	fputc('}', out);
	return p;
}

static void count_bytes(struct chrome_view *c, struct process *p, uint64_t ns, uint64_t before,
			uint64_t now)
{
	FILE *out;

	if (before == now)
		return;
	p->bytes += now - before;
	out = event(c, 'C', p->pid, "pinned bytes");
	at_time(out, ns);
	fprintf(out, ",\"args\":{\"bytes\":%" PRIu64 "}}", p->bytes);
}

/* --- calls ------------------------------------------------------------------------------------ */

static int by_nr(const void *a, const void *b)
{
	const struct open_call *x = a, *y = b;

	return x->nr < y->nr ? -1 : x->nr > y->nr;
}

static struct open_call *call_of(const struct chrome_view *c, const struct paired_pin *pin)
{
	struct open_call key = { .nr = pin->nr };
	struct open_call **found = tfind(&key, &c->calls, by_nr);

	return found ? *found : NULL;
}

/* Either end of a pair; what tells the pairs apart. */
static FILE *pair_end(struct chrome_view *c, char phase, const struct paired_pin *pin,
		      const struct named_site *site, uint64_t ns)
{
	uint32_t pid = pid_of(&pin->ev);
	FILE *out = event(c, phase, pid, format_function(pin->ev.function));

	at_time(out, ns);
	fprintf(out, ",\"tid\":%u,\"id\":%" PRIu64, pid, pin->nr);
	member(out, "cat", value_text(site->name.driver));
	return out;
}

static void chrome_pin(struct trace_view *v, const struct shown_pin *pin)
{
	struct chrome_view *c = (struct chrome_view *)v;
	struct process *p = show_process(c, pin->ev);
	json_t *args = json_object();
	struct open_call *call;
	FILE *out;

	members_pin(args, v, pin);
	if (!pin->pin) {
		out = event(c, 'i', p->pid, format_function(pin->ev->function));
		at_time(out, pin->ev->time_ns);
		fprintf(out, ",\"tid\":%u,\"s\":\"p\"", p->pid);
		member(out, "cat", value_text(pin->site->name.driver));
	} else {
		out = pair_end(c, 'b', pin->pin, pin->site, pin->ev->time_ns);
	}
	member(out, "args", args);
	fputc('}', out);
	if (!pin->pin)
		return;
	call = xcalloc(1, sizeof(*call));
	call->nr = pin->pin->nr;
	call->bytes = pin->pin->bytes;
	tsearch(call, &c->calls, by_nr);
	count_bytes(c, p, pin->ev->time_ns, 0, call->bytes);
}

static void close_pair(struct chrome_view *c, const struct paired_pin *pin,
		       const struct named_site *site, uint64_t ns, json_t *args)
{
	FILE *out = pair_end(c, 'e', pin, site, ns);

	member(out, "args", args);
	fputc('}', out);
}

static json_t *released_by(const struct trace_event *ev)
{
	const char *interrupt = format_interrupt(ev->context);

	return json_pack("{s:o}", "released_by",
			 interrupt ? json_string(interrupt) : value_comm(ev->comm));
}

static void chrome_unpin(struct trace_view *v, const struct shown_unpin *unpin)
{
	struct chrome_view *c = (struct chrome_view *)v;
	size_t i;

	for (i = 0; i < unpin->nr_parts; i++) {
		const struct paired_pin *pin = unpin->parts[i].pin;
		struct open_call *call = pin ? call_of(c, pin) : NULL;
		uint64_t bytes, ns = unpin->ev->time_ns;

		if (!call)
			continue;	/* of no pin call that was seen */
		bytes = pin->left ? pin->bytes : 0;
		count_bytes(c, find_process(c, &pin->ev), ns, call->bytes, bytes);
		call->bytes = bytes;
		if (pin->left)
			continue;
		close_pair(c, pin, unpin->sites[i], ns, released_by(unpin->ev));
		tdelete(call, &c->calls, by_nr);
		free(call);
	}
}

static void chrome_begin(struct trace_view *v, const struct trace_info *info)
{
	v->info = info;
	fputs("{\"traceEvents\":[", v->out);
}

struct ending {
	struct chrome_view *c;
	const struct trace_end *end;
};

static void close_held(struct paired_pin *pin, void *arg)
{
	const struct ending *e = arg;

	if (call_of(e->c, pin))
		close_pair(e->c, pin, e->end->site(e->end->arg, &pin->ev), e->end->ended_ns,
			   json_pack("{s:b}", "still_held", 1));
}

static void chrome_end(struct trace_view *v, const struct trace_end *end)
{
	struct ending ending = { (struct chrome_view *)v, end };

	pairs__each(end->pairs, close_held, &ending);
	fputs("\n],\"displayTimeUnit\":\"ns\"}\n", v->out);
}

static void chrome_free(struct trace_view *v)
{
	struct chrome_view *c = (struct chrome_view *)v;

	tdestroy(c->calls, free);
	tdestroy(c->processes, free);
	free(c);
}

struct trace_view *view_chrome(FILE *out, const struct trace_view_opts *opts)
{
	static const struct trace_view_ops ops = {
		.name = "chrome", .begin = chrome_begin, .pin = chrome_pin,
		.unpin = chrome_unpin, .end = chrome_end, .free = chrome_free,
	};
	struct chrome_view *c = xcalloc(1, sizeof(*c));

	c->view = (struct trace_view){ .ops = &ops, .opts = *opts, .out = out };
	return &c->view;
}
