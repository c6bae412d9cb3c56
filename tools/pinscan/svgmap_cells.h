/* SPDX-License-Identifier: GPL-2.0 */
/* A snapshot's pins by cell of physical memory: what svgmap.c draws. */
#ifndef PINSCOPE_SVGMAP_CELLS_H
#define PINSCOPE_SVGMAP_CELLS_H

#include "snapshot.h"
#include "zones.h"

#define MAP_COLUMNS 32		/* cells in a row: a power of two, so that rows begin evenly */

/* What a colour stands for: one of the owners that hold most, or one of these. */
enum map_class {
	MAP_TOP = 8,		/* colours of single owners: 0 .. MAP_TOP - 1 */
	MAP_OTHERS = MAP_TOP,
	MAP_UNMAPPED,
	MAP_UNSEEN,
	MAP_BIAS,
	MAP_CLASSES,
};

/*
 * Keys of owners: an index into the snapshot's procs[], and behind these
 * three more, by nr_procs + (class - MAP_UNMAPPED).
 */
struct map_share {
	uint32_t key;
	uint64_t pages;
};

/*
 * The part of a block of memory that lies in one band. Sums are in base pages.
 * @pins are those of all folios that reach into the cell.
 */
struct map_cell {
	uint64_t block;		/* PFN / cell_pages */
	size_t band;
	uint64_t start, end;	/* PFNs of its first and behind its last page of RAM */
	uint64_t ram;
	uint64_t held;		/* pinned; without what only looks so (MAP_BIAS) */
	uint64_t pins;
	uint64_t shared;	/* of held: others map it as well */
	uint64_t cma;		/* of held: in CMA areas */
	uint64_t movable;	/* of held: in movable blocks or ZONE_MOVABLE */
	struct map_share *shares;	/* most pages first */
	size_t nr_shares, cap;
};

/* A zone of a node, or what lies in none that is known (span NULL). */
struct map_band {
	const struct zone_span *span;
	uint64_t start, end;	/* PFNs: what is drawn of it, holes included */
	size_t nr_cells;
	uint64_t ram, held;	/* base pages */
};

struct map_owner {
	uint64_t pages, pins;
	enum map_class class;
};

/* Some RAM that is in one cell: to find the cell of a page. */
struct map_piece {
	uint64_t start, end;
	size_t cell;
};

struct map {
	const struct snapshot *snap;
	uint64_t cell_pages;
	struct map_cell *cells;		/* by address */
	size_t nr_cells, cap_cells;
	struct map_band *bands;		/* as the spans; the last has no span */
	size_t nr_bands;
	struct map_piece *pieces;	/* by address */
	size_t nr_pieces, cap_pieces;
	struct map_owner *owners;	/* by key */
	uint32_t top[MAP_TOP];		/* keys, the largest first */
	size_t nr_top, nr_others;
	struct map_owner classes[MAP_CLASSES];
	uint64_t outside;		/* pinned pages in no cell */
	bool overlap;			/* zone spans overlap: the narrowest counts */
};

void map_make(struct map *map, const struct snapshot *snap, const struct zone_span *spans,
	      size_t nr_spans);
void map_free(struct map *map);

/* The owner behind @key, in @buf: "qemu-system-x86[812]", "mapped by no process" ... */
const char *map_owner_name(const struct map *map, uint32_t key, char *buf, size_t size);

static inline bool map_band_is_movable(const struct map_band *band)
{
	return band->span && band->span->zone[0] == 'M';
}

#endif
