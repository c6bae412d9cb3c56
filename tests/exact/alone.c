// SPDX-License-Identifier: GPL-2.0
/* One scenario by itself, the tool running. */
#include <string.h>

#include "exact.h"

#define SIM_SECONDS 60

/* What one process holds, as far as pinsim says. */
static void check_owner(struct world *w, const json_t *said, pid_t pid, const char *line)
{
	const struct snap_proc *p = world_process(w, pid);
	long long pins = sim_number(said, "expected_pins", 0);
	long long bytes = sim_number(said, "expected_bytes", -1);
	const char *driver = sim_string(said, "driver");
	bool longterm = json_is_true(json_object_get(said, "longterm"));
	const json_t *sharers = json_object_get(said, "pids");

	if (!ok(p, "%s: its process is an owner", line))
		return;
	if (json_array_size(sharers) > 1)
		pins /= (long long)json_array_size(sharers);
	is(p->sum.pins, pins, "%s: pins of its process", line);
	if (bytes >= 0)
		is(p->sum.bytes, bytes, "%s: bytes of its process", line);
	is(longterm ? p->flow.longterm : p->flow.shortterm, pins, "%s: all of them %s", line,
	   longterm ? "long-term" : "short-term");
	if (!ok(has_word(p->drivers ? p->drivers : "", driver), "%s: by %s", line, driver))
		say("drivers: %s", p->drivers ? p->drivers : "none");
}

static void check_owners(struct world *w, const json_t *said, const char *line)
{
	const json_t *pids = json_object_get(said, "pids"), *pid;
	size_t i;

	if (json_array_size(pids) > 1)
		json_array_foreach(pids, i, pid)
			check_owner(w, said, (pid_t)json_integer_value(pid), line);
	else
		check_owner(w, said, (pid_t)sim_number(said, "owner", 0), line);
}

/* What went through it, all calls together. */
static void check_flow(struct world *w, const json_t *said, const char *line)
{
	const struct snap_proc *p = world_process(w, (pid_t)sim_number(said, "owner", 0));
	long long acquired = sim_number(said, "expected_acquired", -1);
	long long released = sim_number(said, "expected_released", -1);
	long long extra = (long long)w->snap->live->extra - w->base_extra;
	const char *driver = sim_string(said, "driver");

	/* On 9p without a cache even the writes that prepare the file are direct, and pin. */
	if (acquired < 0 || strstr(line, "/mnt/share"))
		return;
	if (!acquired) {
		is(p ? (long long)p->flow.acquired : 0, 0, "%s: nothing is pinned", line);
		return;
	}
	if (!ok(p, "%s: its process is an owner", line))
		return;
	is((long long)p->flow.acquired - extra, acquired, "%s: pins taken in all calls", line);
	is(p->flow.released, released, "%s: pins released", line);
	if (!ok(has_word(p->drivers ? p->drivers : "", driver), "%s: by %s", line, driver))
		say("drivers: %s", p->drivers ? p->drivers : "none");
}

static void row(struct world *w, const json_t *said, const char *line)
{
	say("row: %s | %s | %lld | %lld | %lld | %lld | %lld | %lld", line,
	    sim_string(said, "driver"), sim_number(said, "expected_pins", 0),
	    (long long)w->snap->live->in_flight - w->base,
	    (long long)w->snap->after.in_flight - w->base_kernel,
	    sim_number(said, "observed_acquired", 0), sim_number(said, "observed_released", 0),
	    sim_number(said, "repeat", 1));
}

static void check_held(struct world *w, struct sim *s)
{
	long long pins = sim_number(s->said, "expected_pins", 0);

	world_look(w, pins);
	is(w->snap->live->in_flight - w->base, pins, "%s: pins in flight", s->line);
	world_check(w, s->line);
	if (pins)
		check_owners(w, s->said, s->line);
	row(w, s->said, s->line);
}

static void check_over(struct world *w, const char *line)
{
	world_look(w, 0);
	is(w->snap->live->in_flight, w->base, "%s: nothing stays", line);
	world_check(w, line);
}

void run_alone(struct world *w, const char *line)
{
	const char *event;
	struct sim s;
	int status;

	world_rebase(w);
	sim_start(&s, line);
	s.said = sim_read(&s, SIM_SECONDS);
	if (!s.said) {
		status = sim_end(&s, false);
		/* The scenario's own word that this kernel has nothing of the kind. */
		ok(status == 77, "%s%s", line, status == 77 ? " # SKIP cannot be had here" : ": pins");
		return;
	}
	if (strstr(line, "--abort")) {
		is(sim_end(&s, false), 137, "%s: pinsim is killed", line);
		check_over(w, line);
		return;
	}
	event = sim_string(s.said, "event");
	if (!strcmp(event, "pinned"))
		check_held(w, &s);
	else
		ok(!strcmp(event, "done"), "%s: pinsim says what it did", line);
	if (!strcmp(event, "done")) {
		check_over(w, line);
		check_flow(w, s.said, line);
		row(w, s.said, line);
		is(sim_end(&s, false), 0, "%s: pinsim ends", line);
		return;
	}
	is(sim_end(&s, true), 0, "%s: pinsim ends", line);
	check_over(w, line);
}
