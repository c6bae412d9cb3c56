/* SPDX-License-Identifier: GPL-2.0 */
/* Loads the BPF programs of the scan and of the task list. */
#ifndef PINSCOPE_PROGRAMS_H
#define PINSCOPE_PROGRAMS_H

#include "fail.h"

struct programs;

/* File descriptors, owned by struct programs. */
struct program_fds {
	int scan_run, scan_setup, list_tasks;
	int slots, files;	/* maps */
};

/*
 * Loads everything, with @slots scan slots. @btf: the kernel's type
 * information, NULL for the running kernel's own. NULL with @fail filled.
 */
struct programs *programs__load(unsigned int slots, const char *btf, struct fail *fail);
void programs__free(struct programs *p);
const struct program_fds *programs__fds(const struct programs *p);

#endif
