/* SPDX-License-Identifier: GPL-2.0 */
/* Candidates for pins of memory that nobody maps: processes with open files that can hold pins. */
#ifndef PINSCOPE_HOLDERS_H
#define PINSCOPE_HOLDERS_H

#include <stdint.h>
#include <stdio.h>

#include "snapshot.h"
#include "tasks.h"

/*
 * Looks at the open files of all processes in @tasks. The caller owns the
 * array, which is in no order, and each what. Processes that may not be looked at are left out;
 * returns how many address spaces have such.
 */
uint64_t holders_find(const struct task_list *tasks, struct snap_holder **holders, size_t *nr);

/*
 * What an open file is called if it can hold pins: "io_uring",
 * "/dev/vfio/12"; NULL for any other. @target is the link in /proc/PID/fd.
 */
const char *holder_kind(const char *target);

/* Registered buffers of a ring from its fdinfo (io_uring/fdinfo.c). */
void holder_parse_fdinfo(FILE *f, uint64_t *buffers, uint64_t *bytes);

#endif
