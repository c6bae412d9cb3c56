/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of the picture that svgmap.c puts together. Lengths are SVG user units. */
#ifndef PINSCOPE_SVGMAP_DRAW_H
#define PINSCOPE_SVGMAP_DRAW_H

#include "svg.h"
#include "svgmap_cells.h"

#define MAP_WIDTH	1280
#define MAP_MARGIN	32
#define MAP_TOP_Y	108	/* below the title */
#define GRID_X		144	/* left of it: addresses */
#define PITCH_X		25.5
#define PITCH_Y		22
#define CELL_W		23.5
#define CELL_H		20
#define GRID_END	(GRID_X + MAP_COLUMNS * PITCH_X - (PITCH_X - CELL_W))
#define LEGEND_X	1000
#define LEGEND_END	(MAP_WIDTH - MAP_MARGIN)
#define MIN_FILL	4	/* what a single pinned page shows as: this high, */
#define MIN_MARK	7	/* and this wide */

/* Both draw from @y down and return where they ended. */
double map_draw_grid(FILE *out, const struct map *map, double y);
double map_draw_legend(FILE *out, const struct map *map, double y);

/* Class names in the style sheet: "c0" .. "c11" for enum map_class. */
void map_draw_style(FILE *out);

/* The cell itself at @x, @y, with the colours of @pages[] of @ram. */
void map_draw_cell(FILE *out, double x, double y, double width, uint64_t ram,
		   const uint64_t pages[MAP_CLASSES], const char *hatch);

/* Bytes of @pages, for people: "23.5M". */
const char *map_size(const struct map *map, uint64_t pages, char *buf, size_t size);

#endif
