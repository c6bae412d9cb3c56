/* SPDX-License-Identifier: GPL-2.0 */
/* Names of memory cgroups by their ids. */
#ifndef PINSCOPE_CGROUPS_H
#define PINSCOPE_CGROUPS_H

#include <stdint.h>

/*
 * Path of cgroup @id below the mount that has the memory controller, "/" for
 * its root; "#123 (removed)" when it is no more, "#123" when it may not be asked
 * for (that takes CAP_DAC_READ_SEARCH). The caller frees it.
 */
char *cgroup_path(uint64_t id);

/*
 * The cgroup that a user means by @text, as cgroup_path() would call it: that
 * path, with or without the slash it begins with, or one with the mount before
 * it. 0; -ENODEV where no memory controller is mounted, or the errno of the
 * directory. The caller frees *@path, which is NULL on errors.
 */
int cgroup_find(const char *text, char **path);

#endif
