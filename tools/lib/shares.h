/* SPDX-License-Identifier: GPL-2.0 */
/* Whose the memory of a group is: what groups.c collects, in words. */
#ifndef PINSCOPE_SHARES_H
#define PINSCOPE_SHARES_H

#include "groups.h"

/* So many bytes of a group are an owner's: as in snapshot.owner[]. */
struct share {
	size_t group;
	uint32_t owner;
	uint64_t bytes;
};

struct shares {
	struct share *list;
	size_t nr, cap;
};

void shares_add(struct shares *s, size_t group, uint32_t owner, uint64_t bytes);

/* Fills in the owners of each of @groups, by their index. */
void shares_name_owners(struct shares *s, const struct snapshot *snap, struct group *groups,
			size_t nr);
void shares_free(struct shares *s);

/* "qemu[812] 4.0G", "(unmapped) 1.0G"; the caller frees it. */
char *share_text(const struct snapshot *snap, const struct share *share);

#endif
