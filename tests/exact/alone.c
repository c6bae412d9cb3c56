// SPDX-License-Identifier: GPL-2.0
/* One scenario by itself, the tool running. */
#include <string.h>
#include <sys/utsname.h>

#include "exact.h"

#define SIM_SECONDS 60

/* By this one, and by no other. */
static void check_driver(const struct snap_proc *p, const char *driver, const char *line)
{
	const char *drivers = p->drivers ? p->drivers : "none";

	if (!ok(!strcmp(drivers, driver), "%s: by %s", line, driver))
		say("drivers: %s", drivers);
}

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
	check_driver(p, driver, line);
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

/* In v6.1 a pin call's own releases are calls nobody sees: made part of it by the compiler. */
static bool calls_itself(void)
{
	struct utsname name;

	return !uname(&name) && strncmp(name.release, "6.1.", 4);
}

/* Pin calls that gave nothing, or less than was asked for. */
static void check_refused(const struct world *w, const struct snap_proc *p, const json_t *said,
			  const char *line)
{
	is(p ? (long long)p->flow.failed : 0, sim_number(said, "failed", -1),
	   "%s: pin calls that failed", line);
	is(p ? (long long)p->flow.partial : 0, sim_number(said, "partial", -1),
	   "%s: pin calls that gave less", line);
	if (json_is_true(json_object_get(said, "undoes")) && calls_itself())
		ok(w->snap->live->nested > w->base_nested,
		   "%s: what is released inside a pin call is seen", line);
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
	if (acquired < 0 || strstr(line, "/mnt/share") || (w->may_miss && world_missed(w)))
		return;
	check_refused(w, p, said, line);
	if (!acquired) {
		is(p ? (long long)p->flow.acquired : 0, 0, "%s: nothing is pinned", line);
		return;
	}
	if (!ok(p, "%s: its process is an owner", line))
		return;
	is((long long)p->flow.acquired - extra, acquired, "%s: pins taken in all calls", line);
	is(p->flow.released, released, "%s: pins released", line);
	check_driver(p, driver, line);
}

/* All that the processes of a scenario ever took and gave back, by the ledger. */
static struct vmstat_pins sums_of(const struct world *w, const json_t *said)
{
	const json_t *pids = json_object_get(said, "pids");
	pid_t owner = (pid_t)sim_number(said, "owner", 0);
	struct vmstat_pins sum = {};
	const struct snap_proc *p;
	size_t i, n = json_array_size(pids);

	for (i = 0; i < (n ? n : 1); i++) {
		p = world_process(w, n ? (pid_t)json_integer_value(json_array_get(pids, i)) : owner);
		sum.acquired += p ? p->flow.acquired : 0;
		sum.released += p ? p->flow.released : 0;
	}
	/* What no counter of the kernel's saw begin. */
	sum.acquired -= w->snap->live->extra - w->base_extra;
	return sum;
}

/*
 * The raw sums are the kernel's. It also counts what it took and gave back inside a call before
 * that succeeded: then it is ahead on both sides by the same.
 */
static void check_raw(struct world *w, const json_t *said, const char *line)
{
	const struct vmstat_pins *kernel = &w->snap->after, sum = sums_of(w, said);
	long long taken = kernel->acquired - w->base_counters.acquired - sum.acquired;
	long long given = kernel->released - w->base_counters.released - sum.released;
	bool retried;

	if (w->may_miss && world_missed(w))
		return;
	retried = sim_number(said, "observed_acquired", 0) !=
		  sim_number(said, "expected_acquired", 0);
	is(given, taken, "%s: the raw sums differ by the same, if they do", line);
	if (retried)
		ok(taken > 0, "%s: the kernel took %lld pins inside calls", line, taken);
	else
		is(taken, 0, "%s: the raw sums are the kernel's", line);
}

/* For the table in docs/exactness.md: what each of the three says. */
static void row(struct world *w, const json_t *said, const char *line)
{
	const struct vmstat_pins *kernel = &w->snap->after, sum = sums_of(w, said);

	say("row: %s | %s | %lld | %lld | %lld | %lld | %lld | %lld | %lld", line,
	    sim_string(said, "driver"), sim_number(said, "expected_pins", 0),
	    (long long)w->snap->live->in_flight - w->base,
	    (long long)kernel->in_flight - w->base_kernel, (long long)sum.acquired,
	    (long long)sum.released,
	    (long long)(kernel->acquired - w->base_counters.acquired),
	    (long long)(kernel->released - w->base_counters.released));
}

static void check_held(struct world *w, struct sim *s)
{
	long long pins = sim_number(s->said, "expected_pins", 0);

	world_look(w, pins);
	is(w->snap->live->in_flight - w->base, pins, "%s: pins in flight", s->line);
	world_check(w, s->line);
	world_check_clean(w, s->line);
	if (pins)
		check_owners(w, s->said, s->line);
	check_raw(w, s->said, s->line);
	row(w, s->said, s->line);
}

/* What a scan would find then, it finds when the next one holds its pins, and at the end. */
static void check_over(struct world *w, const char *line)
{
	world_look(w, 0);
	is(w->snap->live->in_flight, w->base, "%s: nothing stays", line);
	world_compare(w, line);
	world_check_clean(w, line);
}

void run_alone(struct world *w, const char *line)
{
	const char *event;
	struct sim s;

	world_rebase(w);
	sim_start(&s, line);
	s.said = sim_read(&s, SIM_SECONDS);
	if (!s.said) {
		absent_check(line, sim_end(&s, false));
		return;
	}
	absent_works(line);
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
		check_raw(w, s.said, line);
		row(w, s.said, line);
		is(sim_end(&s, false), 0, "%s: pinsim ends", line);
		return;
	}
	is(sim_end(&s, true), 0, "%s: pinsim ends", line);
	check_over(w, line);
}
