/* SPDX-License-Identifier: GPL-2.0 */
/* A user stack in words. */
#ifndef PINSCOPE_USTACK_NAME_H
#define PINSCOPE_USTACK_NAME_H

#include <stddef.h>

/* Outermost frame last; frames[] as "function+0x12 (libfoo.so.1)". */
struct named_ustack {
	char **frames;
	size_t nr_frames;
};

#endif
