// SPDX-License-Identifier: GPL-2.0
/* Everything at once, the tool looking on. What counts is what is left when it is over. */
#include <string.h>

#include "exact.h"

#define LOOKS_APART 0.5		/* seconds */
#define MIXED_SECONDS 900

/* Sums over all owners since the tool began. */
static long long taken(const struct world *w, long long *released)
{
	long long acquired = 0;
	size_t i;

	*released = 0;
	for (i = 0; i < w->snap->nr_procs; i++) {
		acquired += (long long)w->snap->procs[i].flow.acquired;
		*released += (long long)w->snap->procs[i].flow.released;
	}
	return acquired;
}

/* Looks on until pinsim's last line, the second one. */
static json_t *look_on(struct world *w, struct sim *s)
{
	int looks = (int)(MIXED_SECONDS / LOOKS_APART), lines = 0;
	json_t *said = NULL, *line;

	while (looks-- && lines < 2) {
		line = sim_read(s, LOOKS_APART);
		if (line) {
			lines++;
			json_decref(said);
			said = line;
		}
		world_poll(w);
	}
	return said;
}

void run_mixed(struct world *w, const char *line)
{
	const struct snap_live *live;
	long long acquired, released, before, before_released;
	struct sim s;
	json_t *said;

	world_rebase(w);
	before = taken(w, &before_released);
	sim_start(&s, line);
	said = look_on(w, &s);
	if (ok(said, "%s: pinsim says what it did", line))
		is(sim_number(said, "remaining_pins", -1), 0, "%s: no pin is left", line);
	is(sim_end(&s, false), 0, "%s: pinsim ends", line);
	world_look(w, 0);
	live = w->snap->live;
	is(live->in_flight, w->base, "%s: nothing stays in the ledger", line);
	world_check(w, line);
	acquired = taken(w, &released) - before;
	released -= before_released;
	is(released, acquired, "%s: as many released as taken, by owners", line);
	say("mixed: %lld pins in %llu calls, %llu of them releases inside pin calls; kernel %lld; "
	    "%llu runs missed, %llu repairs that changed %llu pins; %llu owners, %llu entries",
	    acquired, (unsigned long long)live->events, (unsigned long long)live->nested,
	    said ? sim_number(said, "acquired", 0) : 0, (unsigned long long)live->missed_runs,
	    (unsigned long long)live->repairs, (unsigned long long)live->repaired_pins,
	    (unsigned long long)live->owners, (unsigned long long)live->entries);
	json_decref(said);
}
