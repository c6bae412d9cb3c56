// SPDX-License-Identifier: GPL-2.0
/* More is pinned than the ledger has room for: it says so, and the total is right all the same. */
#include "exact.h"

#define SIM_SECONDS 60

void run_full(struct world *w, const char *line)
{
	long long pins;
	struct sim s;

	world_rebase(w);
	sim_start(&s, line);
	s.said = sim_read(&s, SIM_SECONDS);
	if (!ok(s.said, "%s: pins", line)) {
		sim_end(&s, true);
		return;
	}
	pins = sim_number(s.said, "expected_pins", 0);
	world_look(w, pins);
	is(w->snap->live->in_flight - w->base, pins, "%s: full: the total is right", line);
	ok(w->snap->live->lost_ever > 0 && w->snap->live->lost_ever <= (uint64_t)pins,
	   "%s: full: it says that pins had no room (%llu of %lld)", line,
	   (unsigned long long)w->snap->live->lost_ever, pins);
	is(w->snap->live->difference, 0, "%s: full: no difference to the kernel", line);
	say("full: %lld pins, the ledger %lld, %llu of them without room; difference %lld", pins,
	    (long long)w->snap->live->in_flight - w->base,
	    (unsigned long long)w->snap->live->lost_ever,
	    (long long)w->snap->live->difference);
	is(world_missed(w), 0, "%s: full: no program run is missed", line);
	is(w->snap->live->repairs - w->base_repairs, 0, "%s: full: nothing had to be repaired",
	   line);
	is(sim_end(&s, true), 0, "%s: pinsim ends", line);
	world_look(w, 0);
	is(w->snap->live->in_flight, w->base, "%s: full: the total is right when it is over", line);
}
