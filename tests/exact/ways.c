// SPDX-License-Identifier: GPL-2.0
/* By which way each function's calls are seen: else all that fentry does would go untested unnoticed. */
#include <string.h>
#include <sys/utsname.h>

#include "exact.h"

/*
 * v6.1 cannot fentry what has more than six arguments, and pin_user_pages_remote()
 * has seven there. For arm64 6.12 has fentry as well (direct calls since v6.4).
 */
static enum attach_way expected_way(const char *function, const struct source_opts *opts)
{
	struct utsname name;

	if (opts->no_fentry)
		return ATTACH_KPROBE;
	if (!uname(&name) && !strncmp(name.release, "6.1.", 4) &&
	    !strcmp(function, "pin_user_pages_remote"))
		return ATTACH_KPROBE;
	return ATTACH_FENTRY;
}

void check_ways(const struct world *w, const struct source_opts *opts)
{
	const struct snap_live *live = w->snap->live;
	size_t i;

	for (i = 0; i < live->nr_probes; i++) {
		const struct attach_state *probe = &live->probes[i];
		enum attach_way way = expected_way(probe->function, opts);

		say("%s: %s", probe->function, attach_way_name(probe->way));
		if (probe->way != ATTACH_ABSENT)
			ok(probe->way == way, "%s is seen by %s", probe->function,
			   attach_way_name(way));
	}
	is(live->attached.missing, 0, "every pin and unpin function of this kernel is seen");
	ok(live->attached.pins && live->attached.unpins, "it has some of either kind");
}
