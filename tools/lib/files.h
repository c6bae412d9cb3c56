/* SPDX-License-Identifier: GPL-2.0 */
/* The files that a snapshot's pinned memory is of. */
#ifndef PINSCOPE_FILES_H
#define PINSCOPE_FILES_H

#include "snapshot.h"

/*
 * Fills @snap's files[] from its runs[], and files_lost: those whose name had
 * no room in the scan's table, each counted once. The scan itself counts one
 * again when it comes back to it after another.
 */
void files_find(struct snapshot *snap);

/* Once the owners are known: the paths that their maps show. */
void files_find_paths(struct snapshot *snap);

#endif
