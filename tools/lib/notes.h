/* SPDX-License-Identifier: GPL-2.0 */
/* What a snapshot may have missed and why, in words: its notes. */
#ifndef PINSCOPE_NOTES_H
#define PINSCOPE_NOTES_H

#include "owners.h"
#include "snapshot.h"

/* @pins were left out since no one can say whether their cgroup lies below @cgroup. */
void notes_left_out(struct snapshot *snap, uint64_t pins, const char *cgroup);

/* The rest, once all else is known. @pinned_known: the kernel says who has pinned. */
void notes_limits(struct snapshot *snap, const struct owners_report *r, bool pinned_known);

#endif
