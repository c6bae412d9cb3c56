// SPDX-License-Identifier: GPL-2.0
/* Very many owners, all of them gone: each is still there with its pin, and said to have exited. */
#include "exact.h"

#define SIM_SECONDS 400

void run_crowd(struct world *w, const char *line)
{
	size_t i, owners = 0, unmarked = 0;
	long long procs;
	struct sim s;

	world_rebase(w);
	sim_start(&s, line);
	s.said = sim_read(&s, SIM_SECONDS);
	if (!ok(s.said, "%s: pins", line)) {
		sim_end(&s, false);
		return;
	}
	procs = sim_number(s.said, "procs", 0);
	world_look(w, procs);
	is(w->snap->live->in_flight - w->base, procs, "%s: pins in flight", line);
	world_check(w, line);
	world_check_clean(w, line);
	for (i = 0; i < w->snap->nr_procs; i++) {
		const struct snap_proc *p = &w->snap->procs[i];

		if (p->sum.pins != 1 || !p->drivers || !has_word(p->drivers, "io_uring"))
			continue;
		owners++;
		unmarked += !p->exited;
	}
	is((long long)owners, procs, "%s: each has one pin, by io_uring", line);
	is((long long)unmarked, 0, "%s: all are said to have exited", line);
	say("crowd: %lld processes have exited with a pin each, %zu owners in the ledger", procs,
	    owners);
	/* All give back at once: where a task is put aside in it, others' releases may be missed. */
	w->may_miss = true;
	is(sim_end(&s, true), 0, "%s: pinsim ends", line);
	world_look(w, 0);
	is(w->snap->live->in_flight, w->base, "%s: nothing stays", line);
	world_check(w, line);
	world_check_clean(w, line);
}
