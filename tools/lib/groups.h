/* SPDX-License-Identifier: GPL-2.0 */
/* A snapshot's pins, grouped: what "pinscan --by" and pintop's views show. */
#ifndef PINSCOPE_GROUPS_H
#define PINSCOPE_GROUPS_H

#include "snapshot.h"

enum group_by {
	BY_PROCESS,
	BY_VMA,
	BY_FILE,
	BY_ZONE,
	BY_NODE,
	BY_SIZE,
	BY_CGROUP,
	BY_BLOCK,	/* memory block, as in /sys/devices/system/memory */
	BY_COUNT,
};

struct group {
	char *name;		/* "Normal", "memory12", "memfd:guest-ram" ... */
	/*
	 * The largest first: "qemu[812] 4.0G, +2 more"; "" for none. Each with all it maps if
	 * the snapshot has all owners; else a shared folio stands with the first that maps it.
	 */
	char *owners;
	uint64_t key;		/* the same for the same group in the next snapshot */
	struct pin_sum sum;
	size_t proc;		/* BY_PROCESS, BY_VMA: index into procs[], else SIZE_MAX */
	size_t vma;		/* BY_VMA: index into its vmas[], else SIZE_MAX */
	uint32_t dev;		/* BY_FILE: major << 20 | minor, 0 for memory of no file */
	uint64_t ino;
	bool twin;		/* BY_FILE: another file has the same name */
	uint64_t block;		/* BY_BLOCK: its number */
	uint64_t total_bytes;	/* BY_BLOCK, BY_NODE: memory there; 0: unknown */
};

/* "process", "vma" ...; group_by_parse() gives -1 for what is none of them. */
const char *group_by_name(enum group_by by);
int group_by_parse(const char *name);

/*
 * Groups @snap; the caller frees with groups_free(). Largest (bytes) first.
 * BY_BLOCK takes a snapshot with opts->blocks.
 * Unmapped and unseen pins are groups of their own in BY_PROCESS and BY_VMA.
 */
void snapshot__group(const struct snapshot *snap, enum group_by by, struct group **groups,
		     size_t *nr);
/* The name, with device and inode where only these tell it from another group's. In @buf or not. */
const char *group_label(const struct group *g, char *buf, size_t size);

void groups_free(struct group *groups, size_t nr);

#endif
