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

#endif
