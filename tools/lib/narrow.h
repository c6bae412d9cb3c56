/* SPDX-License-Identifier: GPL-2.0 */
/* Leaves of a snapshot what is charged to one cgroup: --cgroup. */
#ifndef PINSCOPE_NARROW_H
#define PINSCOPE_NARROW_H

#include "snapshot.h"

/*
 * Sums up all of @snap's runs in its machine; then drops those that are not
 * charged to @cgroup (a path as cgroup_path() gives it) or one below it, NULL:
 * none. Returns the pins dropped for a cgroup whose path is not to be had. To be
 * called when the cgroups are named and nothing else has been made of the runs.
 */
uint64_t narrow_to_cgroup(struct snapshot *snap, const char *cgroup);

/* Is the cgroup @path the same as @top or below it? */
bool cgroup_is_below(const char *path, const char *top);

#endif
