/* SPDX-License-Identifier: GPL-2.0 */
/* A user stack in words. */
#ifndef PINSCOPE_USTACK_NAME_H
#define PINSCOPE_USTACK_NAME_H

#include <stddef.h>

/*
 * Outermost frame last. A frame is one of
 *	function+0x12 (libfoo.so.1, file.c:123)		with debug info
 *	function+0x12 (libfoo.so.1)
 *	0x1a2b (libfoo.so.1)			no symbol there: address as in the file
 *	[build id 0123456789abcdef...+0x1a2b]	the file is not known: offset in it
 *	0x7f0123456789 (/dir/file)		no file that can be read: address as it was
 *	0x7f0123456789
 *	...					the stack may have been deeper
 */
struct named_ustack {
	char **frames;
	size_t nr_frames;
};

#endif
