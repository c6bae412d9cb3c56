// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "narrow.h"

bool cgroup_is_below(const char *path, const char *top)
{
	size_t len = strlen(top);

	if (!strcmp(top, "/"))
		return *path == '/';
	return !strncmp(path, top, len) && (path[len] == '/' || !path[len]);
}

uint64_t narrow_to_cgroup(struct snapshot *snap, const char *cgroup)
{
	uint64_t unknown = 0, last = 0;
	const char *path = "";
	size_t i, n = 0;

	for (i = 0; i < snap->nr_runs; i++) {
		const struct pin_run run = snap->runs[i];

		if (run.kind != PIN_BIAS)
			pin_sum_add(&snap->machine, snap, &run, run.folios);
		if (!cgroup) {
			n++;
			continue;
		}
		if (!i || run.cgroup != last)
			path = snapshot__cgroup_path(snap, run.cgroup);
		last = run.cgroup;
		if (cgroup_is_below(path, cgroup))
			snap->runs[n++] = run;
		else if (*path == '#')
			unknown += (uint64_t)run.folios * run.pins;
	}
	snap->nr_runs = n;
	return unknown;
}
