/* SPDX-License-Identifier: GPL-2.0 */
/* pintop --features: which way each of the kernel's pin functions is seen. */
#ifndef PINSCOPE_TUI_FEATURES_H
#define PINSCOPE_TUI_FEATURES_H

#include "source.h"

/*
 * Prints a line for each function, and how struct page is read. 0, or -1 with
 * @fail filled where none can be seen.
 */
int features_print(const struct source_opts *opts, struct fail *fail);

#endif
