/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel stacks as text. */
#ifndef PINSCOPE_STACKNAME_H
#define PINSCOPE_STACKNAME_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "kallsyms.h"

/*
 * @addr as the kernel's %pS has it, "function+0x12/0x90 [module]", or as a
 * number when it has no name (or @k is NULL). Without "/0x90" when the size is
 * not known. Returns @buf.
 */
const char *stackname_frame(const struct kallsyms *k, uint64_t addr, char *buf, size_t size);

/* One line for each of the @nr addresses, innermost first, with @indent before it. */
void stackname_print(FILE *f, const struct kallsyms *k, const uint64_t *stack, size_t nr,
		     const char *indent);

/*
 * "caller < its caller < ...", from frame @first (site_name()'s) up to the
 * kernel's entry, in at most @width characters and @size bytes: what does not
 * fit is left out from the outer end, and "..." stands for it where there is
 * room behind the caller. A caller that is too long is cut. Returns @buf.
 */
const char *stackname_summary(const struct kallsyms *k, const uint64_t *stack, size_t nr,
			      size_t first, size_t width, char *buf, size_t size);

#endif
