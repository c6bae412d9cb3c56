/* SPDX-License-Identifier: GPL-2.0 */
/* A picture of physical memory and who pins it: pinscan --map. */
#ifndef PINSCOPE_SVGMAP_H
#define PINSCOPE_SVGMAP_H

#include "fail.h"
#include "snapshot.h"
#include "zones.h"

/*
 * Writes @snap as one self-contained SVG picture to @path ("-": stdout): a cell
 * per block of memory, filled as far as it is pinned in the colours of those
 * who pin it. @spans, in the order of zone_spans_parse(), say where zones lie;
 * without any the picture has no zones.
 *
 * A regular file is replaced as a whole or not at all. 0, or -1 with @fail
 * filled.
 */
int svgmap_write(const char *path, const struct snapshot *snap, const struct zone_span *spans,
		 size_t nr_spans, struct fail *fail);

#endif
