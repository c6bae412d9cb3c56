/* SPDX-License-Identifier: GPL-2.0 */
/* The names of FOLL_... flags, which differ in value from kernel to kernel. */
#ifndef PINSCOPE_FOLLFLAGS_H
#define PINSCOPE_FOLLFLAGS_H

#include <stddef.h>
#include <stdint.h>

struct btf;

#define FOLL_BITS 32

struct foll_names {
	char name[FOLL_BITS][24];	/* "FOLL_WRITE" of bit 0; "" where the kernel has none */
};

/*
 * Of the kernel whose types are @btf: the enumerators of the anonymous enum in
 * include/linux/mm_types.h (since v6.3, b5054174ac7c), and of the one in
 * mm/internal.h for the kernel's own; before that they were macros, of which
 * v6.1's are used. CO-RE cannot relocate what has no name.
 */
void foll_names_read(struct foll_names *names, const struct btf *btf);

/* The flag's value, 0 when the kernel has none. @name with or without "FOLL_", in any case. */
uint32_t foll_value(const struct foll_names *names, const char *name);

/*
 * "FOLL_WRITE|FOLL_LONGTERM|0x4000" in the order of the bits, those without a
 * name together at the end; "0" for none. Returns @buf, cut where it is full.
 */
const char *foll_text(const struct foll_names *names, uint32_t flags, char *buf, size_t size);

#endif
