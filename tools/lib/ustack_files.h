/* SPDX-License-Identifier: GPL-2.0 */
/* The files that processes have mapped as code, each opened once. */
#ifndef PINSCOPE_USTACK_FILES_H
#define PINSCOPE_USTACK_FILES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "elf_file.h"
#include "pagemap.h"

struct ustack_files;

struct ustack_files *ustack_files__new(void);
void ustack_files__free(struct ustack_files *files);

/*
 * The file that @vma of the live process @pid is of, however it may be reached:
 * through the mapping itself, which finds deleted files and those of other mount
 * namespaces, or by its path. NULL: it cannot be, it is no ELF file, or there
 * are too many. Lives as long as @files.
 */
struct elf_file *ustack_files__of_vma(struct ustack_files *files, pid_t pid,
				      const struct vma *vma);

/* One with that build id, of ELF_ID_SIZE bytes; or NULL. */
struct elf_file *ustack_files__by_id(const struct ustack_files *files, const uint8_t *id);

#endif
