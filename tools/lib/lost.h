/* SPDX-License-Identifier: GPL-2.0 */
/* What a scan found and could not keep. */
#ifndef PINSCOPE_LOST_H
#define PINSCOPE_LOST_H

#include "snapshot.h"

/*
 * Files whose name had no room in the scan's table, each counted once. The
 * scan itself counts one again when it comes back to it after another.
 */
uint64_t lost_files(const struct snapshot *snap);

#endif
