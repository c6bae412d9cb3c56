/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Source lines of the running kernel and its modules, where their debug info is
 * on this machine: in the module's own file, or as packages install it.
 */
#ifndef PINSCOPE_KERNEL_LINES_H
#define PINSCOPE_KERNEL_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kernel_lines;

/* Looks at nothing until the first question. */
struct kernel_lines *kernel_lines__new(void);
void kernel_lines__free(struct kernel_lines *k);

/*
 * "wrong.c:57" of the call that returns to @ip. Of a module the first question
 * takes a look for its file, and of the kernel for its debug info: not for where
 * time counts. False: not known.
 */
bool kernel_lines__of_call(struct kernel_lines *k, uint64_t ip, char *buf, size_t size);

#endif
