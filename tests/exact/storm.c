// SPDX-License-Identifier: GPL-2.0
/*
 * Program runs are missed on purpose: that has to be noticed, said, and made good, all of it, while
 * it goes on and when it is over.
 */
#include <signal.h>
#include <string.h>

#include "exact.h"

#define SIM_SECONDS 60
#define LOOKS_APART 0.5
#define MOST_LOOKS 240
#define AFTER 3			/* times that it is looked for what is left to repair */

/* Until one repair has changed something. */
static void look_on(struct world *w, struct sim *s)
{
	int i;

	for (i = 0; i < MOST_LOOKS; i++) {
		json_decref(sim_read(s, LOOKS_APART));
		world_poll(w);
		if (world_missed(w) && w->snap->live->repaired_pins > w->base_repaired)
			break;
	}
}

static const struct live_driver *driver_of(const struct world *w, const char *name)
{
	const struct snap_live *live = w->snap->live;
	size_t i;

	for (i = 0; i < live->nr_drivers; i++)
		if (!strcmp(live->drivers[i].name, name))
			return &live->drivers[i];
	return NULL;
}

void run_storm(struct world *w, const char *line)
{
	const struct live_driver *repaired;
	const struct snap_live *live;
	struct sim s;
	int i;

	world_rebase(w);
	sim_start(&s, line);
	s.said = sim_read(&s, SIM_SECONDS);
	if (!s.said) {
		absent_check(line, sim_end(&s, false));
		return;
	}
	absent_works(line);
	look_on(w, &s);
	is(sim_end(&s, true), 0, "%s: pinsim ends", line);
	for (i = 0; i < AFTER; i++)
		world_look(w, 0);
	live = w->snap->live;
	ok(world_missed(w) > 0, "%s: program runs are missed, and that is noticed", line);
	ok(live->repairs > w->base_repairs, "%s: the ledger is brought in line with memory", line);
	ok(live->repaired_pins > w->base_repaired, "%s: what was missed is repaired", line);
	is(live->in_flight, w->base, "%s: nothing stays", line);
	/* Nothing is lost for good, and the three agree. */
	w->preempts = true;
	world_check(w, line);
	w->preempts = false;
	repaired = driver_of(w, "(repaired)");
	if (repaired)
		is(repaired->sum->pins, 0, "%s: what stood under (repaired) is gone again", line);
	say("storm: %llu runs missed in %llu calls, %llu repairs that changed %llu pins, "
	    "%llu of them pins whose call was missed", (unsigned long long)world_missed(w),
	    (unsigned long long)live->events,
	    (unsigned long long)(live->repairs - w->base_repairs),
	    (unsigned long long)(live->repaired_pins - w->base_repaired),
	    (unsigned long long)(repaired ? repaired->flow.acquired : 0));
}
