/* SPDX-License-Identifier: GPL-2.0 */
/* Growing arrays. Running out of memory ends the tool: there is nothing sensible left to show. */
#ifndef PINSCOPE_VEC_H
#define PINSCOPE_VEC_H

#include <stdlib.h>

void *xrealloc(void *p, size_t n, size_t size);
void *xcalloc(size_t n, size_t size);
char *xstrdup(const char *s);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Keeps freed memory for the next allocation, where by default each large one
 * is mapped, faulted in and unmapped again: reading the kernel's BTF and
 * taking a snapshot are a third faster so. To be called first in main().
 */
void alloc_keep_freed(void);

/*
 * Makes room for one more element in @array, which holds @nr of @cap, and
 * gives a pointer to it (uninitialised). @nr counts it already.
 */
#define vec_push(array, nr, cap) \
	({ \
		if ((nr) == (cap)) { \
			(cap) = (cap) ? (cap) * 2 : 16; \
			(array) = xrealloc(array, cap, sizeof(*(array))); \
		} \
		&(array)[(nr)++]; \
	})

#endif
