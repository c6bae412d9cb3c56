/* SPDX-License-Identifier: GPL-2.0 */
/* The control group of a task, as BPF programs see it: version 2 only. */
#ifndef PINSCOPE_CGROUP_TASK_H
#define PINSCOPE_CGROUP_TASK_H

#include <stdint.h>

/*
 * Id and depth below the kernel's root (whose level is 0) of the control group
 * that a user means by @text: a path below the mount of cgroup2, with or
 * without the slash it begins with, or one with the mount before it. What
 * bpf_get_current_ancestor_cgroup_id() takes and gives. 0; -ENODEV: no cgroup2
 * is mounted, or we are in a cgroup namespace and do not see the root;
 * -errno of the directory.
 */
int cgroup_task_find(const char *text, uint64_t *id, uint32_t *level);

#endif
