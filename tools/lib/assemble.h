/* SPDX-License-Identifier: GPL-2.0 */
/* Calls of more pages than one record has room for come in several: putting them together. */
#ifndef PINSCOPE_ASSEMBLE_H
#define PINSCOPE_ASSEMBLE_H

#include "trace_call.h"

struct assembler;

struct assembler *assembler__new(void);
void assembler__free(struct assembler *a);

/*
 * Takes one record of @size bytes; gives the call to @each when it is whole. Of
 * a call whose earlier records are missing it says so in lost.
 */
void assembler__take(struct assembler *a, const void *record, size_t size, trace_call_fn each,
		     void *arg);

/* Pins of calls, and of releases, that were told of without their pages. */
uint64_t assembler__lost_pins(const struct assembler *a);
uint64_t assembler__lost_unpins(const struct assembler *a);

#endif
