/* SPDX-License-Identifier: GPL-2.0 */
/* For --features: how each pin function of this kernel is seen, in words. */
#ifndef PINSCOPE_ATTACH_PRINT_H
#define PINSCOPE_ATTACH_PRINT_H

#include "attach.h"

#define FEATURE_WIDTH 34	/* of names */

/* On standard output, one line for each function. */
void attach_print(const struct attach_state *states, size_t nr);

/* Where nothing can be attached: what there is to attach to, by the types at @btf (NULL: the kernel's). */
void attach_print_untried(const char *btf);

#endif
