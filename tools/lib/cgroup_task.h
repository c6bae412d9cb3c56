/* SPDX-License-Identifier: GPL-2.0 */
/* The control group of a task, as BPF programs see it: version 2 only. */
#ifndef PINSCOPE_CGROUP_TASK_H
#define PINSCOPE_CGROUP_TASK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/*
 * Id and depth below the kernel's root (whose level is 0) of the control group
 * that a user means by @text: a path below the mount of cgroup2, with or
 * without the slash it begins with, or one with the mount before it. What
 * bpf_get_current_ancestor_cgroup_id() takes and gives. 0; -ENODEV: no cgroup2
 * is mounted, or we are in a cgroup namespace and do not see the root;
 * -errno of the directory.
 */
int cgroup_task_find(const char *text, uint64_t *id, uint32_t *level);

/*
 * Its path below the kernel's root, "" for that itself; NULL where
 * cgroup_task_find() fails. The caller frees it.
 */
char *cgroup_task_path(const char *text);

/* Is process @pid in the control group of that path now, or in one below it? */
bool cgroup_task_has(const char *path, pid_t pid);
/* The same of one whose /proc/PID/cgroup @f is. */
bool cgroup_task_is_in(FILE *f, const char *path);

#endif
