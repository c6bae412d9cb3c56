// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>

#include "cli.h"
#include "ledger.h"
#include "trace_conf.h"

static bool tell_dropped(const struct trace_totals *t)
{
	if (t->dropped_calls || t->dropped_pins)
		warn("lost: %" PRIu64 " pin calls, %" PRIu64
		     " pins: the buffer was full; --buffer makes it larger, filters and -c help",
		     (uint64_t)t->dropped_calls, (uint64_t)t->dropped_pins);
	if (t->dropped_releases || t->dropped_unpins)
		warn("lost: %" PRIu64 " releases, %" PRIu64
		     " pins: the buffer was full; pins shown as held may have been released",
		     (uint64_t)t->dropped_releases, (uint64_t)t->dropped_unpins);
	if (t->dropped_exits)
		warn("lost: %" PRIu64 " processes that ended: the buffer was full",
		     (uint64_t)t->dropped_exits);
	return t->dropped_calls || t->dropped_pins || t->dropped_releases || t->dropped_unpins ||
	       t->dropped_exits;
}

bool trace_tell_lost(const struct trace_health *health)
{
	bool lost = tell_dropped(&health->totals);
	int i;

	for (i = 0; i < LOST_CAUSES; i++) {
		if (!health->lost[i])
			continue;
		warn("lost: %" PRIu64 " %s", health->lost[i], ledger_loss_text(i));
		lost = true;
	}
	if (health->missed_runs) {
		warn("lost: %" PRIu64 " program runs, dropped by the kernel: an interrupt came while the same "
		     "program ran there", health->missed_runs);
		lost = true;
	}
	if (health->follow_lost) {
		warn("lost: %" PRIu64 " processes are not followed: there are too many",
		     health->follow_lost);
		lost = true;
	}
	return lost;
}
