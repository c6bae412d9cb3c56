/* SPDX-License-Identifier: GPL-2.0 */
/* Names of functions out of the frames of a stack, and stacks as one line. */
#ifndef PINSCOPE_LEAK_FRAMES_H
#define PINSCOPE_LEAK_FRAMES_H

#include <stdio.h>

#include "snapshot.h"

#define FRAME_NAME_MAX 512

/* "io_pin_pages" of "io_pin_pages.constprop.0+0x1b/0x90 [module]". Returns @buf. */
const char *frame_function(const char *frame, char buf[FRAME_NAME_MAX]);

/*
 * "comm;outermost_[k];...;innermost_[k]" as flame graphs want it, the functions
 * of the program before those of the kernel; safe for a terminal, ';' within a
 * name becomes ':'. A site without a stack has its driver's name there. The
 * caller frees it.
 */
char *frames_folded(const char *comm, const struct live_site *site);

#endif
