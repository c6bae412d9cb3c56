/* SPDX-License-Identifier: GPL-2.0 */
/* Names of kernel functions by address and back: /proc/kallsyms. */
#ifndef PINSCOPE_KALLSYMS_H
#define PINSCOPE_KALLSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fail.h"

#define KALLSYMS_PATH "/proc/kallsyms"
#define MODULES_PATH "/proc/modules"

/*
 * Functions only: what a stack can hold. Of the other symbols just the places
 * where they end a function are kept. 16 bytes and a name for each.
 */
struct kallsyms;

/* @name and @module belong to the struct kallsyms and are gone after a reload. */
struct ksym {
	uint64_t addr;		/* of its first byte */
	uint64_t offset;	/* of the address asked for */
	uint64_t size;		/* up to the next symbol; 0 for the last one */
	const char *name;
	const char *module;	/* "" built in, "bpf" BPF programs and trampolines */
};

/*
 * Reads @path (KALLSYMS_PATH). @modules (MODULES_PATH) is what
 * kallsyms__is_stale() looks at; NULL for nothing. NULL with @fail filled: the
 * file cannot be read, or it hides all addresses, as it does for those who lack
 * CAP_SYSLOG and wherever kernel.kptr_restrict is 2 (kernel/ksyms_common.c,
 * kallsyms_show_value()).
 */
struct kallsyms *kallsyms__load(const char *path, const char *modules, struct fail *fail);
void kallsyms__free(struct kallsyms *k);

/*
 * Reads everything again: modules come and go, and so do BPF programs. Worth
 * it after a lookup that found nothing, or when kallsyms__is_stale(). 0; -1 with
 * @fail filled and what was known before still in place.
 */
int kallsyms__reload(struct kallsyms *k, struct fail *fail);

/* Have modules been loaded, removed or moved since the last (re)load? */
bool kallsyms__is_stale(const struct kallsyms *k);

/*
 * The function that holds @addr; false when none does. Of several names for
 * one address it is the first in the file, the one that the kernel prints.
 * @k may be NULL: then nothing has a name.
 */
bool kallsyms__lookup(const struct kallsyms *k, uint64_t addr, struct ksym *sym);

/*
 * The function called @name, or, if there is none, the only one that the
 * compiler made of it (NAME.isra.0, NAME.constprop.0, not the unlikely half
 * NAME.cold). -ENOENT; -ENOTUNIQ when several addresses have that name, with
 * the lowest in @sym. The first call sorts all names.
 */
int kallsyms__find(struct kallsyms *k, const char *name, struct ksym *sym);

/* Functions known, and bytes of memory in use. */
size_t kallsyms__count(const struct kallsyms *k);
size_t kallsyms__memory(const struct kallsyms *k);

#endif
