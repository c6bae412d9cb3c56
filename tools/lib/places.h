/* SPDX-License-Identifier: GPL-2.0 */
/* What sysfs says of the places where a snapshot's pinned memory lies. */
#ifndef PINSCOPE_PLACES_H
#define PINSCOPE_PLACES_H

#include "snapshot.h"

/* How much memory the nodes of @snap's runs[] have. */
void places_nodes(struct snapshot *snap);

/* All memory blocks, and which of them pinned folios reach into. */
void places_blocks(struct snapshot *snap);

#endif
