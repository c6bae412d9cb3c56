/* SPDX-License-Identifier: GPL-2.0 */
/* An executable or a library: its build id, and what stands where in it. */
#ifndef PINSCOPE_ELF_FILE_H
#define PINSCOPE_ELF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* BUILD_ID_SIZE_MAX of the kernel, which fills up shorter ones with zeros. */
#define ELF_ID_SIZE 20

struct elf_file;

struct elf_symbol {
	const char *name;	/* as the file has it; as long as the file lives */
	uint64_t offset;	/* of the address in it */
	const char *source;	/* NULL: no debug info says it */
	int line;
};

/*
 * Takes @fd over, whatever becomes of it. @path, under which people know the
 * file, is copied; a .gnu_debuglink is looked for next to it. NULL: it is no ELF
 * file, or a broken one.
 */
struct elf_file *elf_file__open(int fd, const char *path);

/* The same of @size bytes of memory, from malloc(), which it takes over: the vdso. */
struct elf_file *elf_file__open_image(void *image, size_t size, const char *name);

void elf_file__free(struct elf_file *f);

/* ELF_ID_SIZE bytes; NULL: it has none, or a longer one, which the kernel does not take either. */
const uint8_t *elf_file__id(const struct elf_file *f);

const char *elf_file__path(const struct elf_file *f);

/* Where the byte at @offset in the file, which is code, is meant to stand in memory. */
bool elf_file__address(const struct elf_file *f, uint64_t offset, uint64_t *address);

/*
 * What is at @address (as from elf_file__address()). @caller: it is where a call
 * returns to, so that what called stands before it. False: no symbol is known.
 *
 * The first time may take long: symbols and debug info are read then, from the
 * file or from /usr/lib/debug. Nothing is fetched over the network.
 */
bool elf_file__symbol(struct elf_file *f, uint64_t address, bool caller, struct elf_symbol *sym);

#endif
