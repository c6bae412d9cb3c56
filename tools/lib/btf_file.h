/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's type information: its own, or the file that --btf names. */
#ifndef PINSCOPE_BTF_FILE_H
#define PINSCOPE_BTF_FILE_H

#include "fail.h"

struct btf;

/*
 * The types of @path, which may be raw BTF or an ELF file with a section of
 * it, or of the running kernel (NULL). To be freed with btf__free(). NULL with
 * @fail filled where there are none.
 */
struct btf *btf_file_load(const char *path, struct fail *fail);

/* Would that go well? Of the kernel's own only that it is there is looked at. 0, or -1. */
int btf_file_check(const char *path, struct fail *fail);

#endif
