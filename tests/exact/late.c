// SPDX-License-Identifier: GPL-2.0
/* All scenarios hold their pins already when the tool is started. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "exact.h"
#include "vec.h"

#define SIM_SECONDS 60
#define KILL_ONE_IN 3

/* Starts one; false: this kernel has nothing of the kind. */
static bool start(struct sim *s, const char *line)
{
	sim_start(s, line);
	s->said = sim_read(s, SIM_SECONDS);
	if (s->said) {
		absent_works(line);
		return ok(!strcmp(sim_string(s->said, "event"), "pinned"), "%s: holds", line);
	}
	absent_check(line, sim_end(s, false));
	return false;
}

static void check_mapped(struct world *w, const struct sim *s)
{
	const struct snap_proc *p = world_process(w, (pid_t)sim_number(s->said, "owner", 0));

	/* Whose pins these are is told by who maps them: there is nothing else to tell it. */
	if (!json_is_true(json_object_get(s->said, "mapped")) ||
	    json_array_size(json_object_get(s->said, "pids")) > 1)
		return;
	is(p ? (long long)p->sum.pins : 0, sim_number(s->said, "expected_pins", 0),
	   "%s: pins of its process, late", s->line);
	is(p ? (long long)p->sum.bytes : 0, sim_number(s->said, "expected_bytes", -1),
	   "%s: bytes of its process, late", s->line);
}

void run_late(char **lines, size_t nr, const struct source_opts *opts)
{
	struct sim *sims = xcalloc(nr, sizeof(*sims));
	size_t i, n = 0;
	long long pins = 0;
	struct world w;
	bool killed;

	for (i = 0; i < nr; i++) {
		if (!start(&sims[n], lines[i]))
			continue;
		pins += sim_number(sims[n].said, "expected_pins", 0);
		n++;
	}
	world_open(&w, opts);
	check_ways(&w, opts);
	w.base -= pins;
	world_look(&w, pins);
	is(w.snap->live->in_flight - w.base, pins, "late: all pins are found");
	world_check(&w, "late");
	world_check_clean(&w, "late");
	say("late: %zu scenarios held %lld pins, the ledger found %lld, the kernel counts the same "
	    "but for %lld", n, pins, (long long)w.snap->live->in_flight - w.base,
	    (long long)w.snap->live->difference);
	for (i = 0; i < n; i++)
		check_mapped(&w, &sims[i]);
	/* The last one first: pinsim waits for the pins that it found when it came. */
	for (i = n; i-- > 0;) {
		pins -= sim_number(sims[i].said, "expected_pins", 0);
		killed = i % KILL_ONE_IN == 0;
		say("%s %s", sims[i].line, killed ? "is killed" : "ends");
		if (killed)
			kill((pid_t)sim_number(sims[i].said, "main_pid", 0), SIGKILL);
		is(sim_end(&sims[i], !killed), killed ? 128 + SIGKILL : 0, "late: pinsim ends");
		world_look(&w, pins);
		is(w.snap->live->in_flight - w.base, pins, "late: its release is seen");
	}
	world_check(&w, "late, all released");
	world_check_clean(&w, "late, all released");
	world_close(&w);
	free(sims);
}
