// SPDX-License-Identifier: GPL-2.0
/* The grid: a band of rows for each zone, a row for each MAP_COLUMNS cells. */
#include <inttypes.h>

#include "svgmap_draw.h"

#define STRIP_H 18		/* rows without RAM, together */
#define TIP_OWNERS 5
#define MIN_WIDTH 3.0		/* of a cell that is mostly something else */

/* --- a cell ----------------------------------------------------------------------------------- */

static void tip_addresses(FILE *out, const struct map *map, const struct map_cell *c)
{
	const struct map_band *b = &map->bands[c->band];
	uint64_t page = map->snap->page_size;
	char size[16];

	fprintf(out, "0x%" PRIx64 "-0x%" PRIx64 ", %s of RAM", c->start * page, c->end * page - 1,
		map_size(map, c->ram, size, sizeof(size)));
	if (b->span) {
		fprintf(out, ", node %d, zone ", b->span->node);
		svg_escape(out, b->span->zone);
	}
	fprintf(out, "\npage frames %" PRIx64 "-%" PRIx64 "\n", c->start, c->end - 1);
}

static void tip_owners(FILE *out, const struct map *map, const struct map_cell *c)
{
	char name[64], size[16];
	size_t i;

	for (i = 0; i < c->nr_shares && i < TIP_OWNERS; i++) {
		fprintf(out, "\n%s ", map_size(map, c->shares[i].pages, size, sizeof(size)));
		svg_escape(out, map_owner_name(map, c->shares[i].key, name, sizeof(name)));
	}
	if (c->nr_shares > TIP_OWNERS)
		fprintf(out, "\nand %zu more", c->nr_shares - TIP_OWNERS);
}

static void tip_part(FILE *out, const struct map *map, uint64_t pages, const char *what)
{
	char size[16];

	if (pages)
		fprintf(out, "\n%s of it %s", map_size(map, pages, size, sizeof(size)), what);
}

static void tip(FILE *out, const struct map *map, const struct map_cell *c)
{
	char size[16], percent[24], count[32];

	fputs("<title>", out);
	tip_addresses(out, map, c);
	if (c->held)
		fprintf(out, "%s pinned (%s), %s pin%s", map_size(map, c->held, size, sizeof(size)),
			svg_percent(c->held, c->ram, percent, sizeof(percent)),
			svg_count(c->pins, count, sizeof(count)), c->pins == 1 ? "" : "s");
	else
		fputs("nothing pinned", out);
	tip_part(out, map, c->shared, "mapped by others, too");
	tip_part(out, map, c->cma, "in CMA areas");
	tip_part(out, map, c->movable, "in movable blocks");
	tip_owners(out, map, c);
	fputs("</title>", out);
}

static void cell(FILE *out, const struct map *map, const struct map_cell *c, double y)
{
	uint64_t pages[MAP_CLASSES] = {}, begin = c->block * map->cell_pages;
	double width = CELL_W * c->ram / map->cell_pages;
	double x = GRID_X + (c->block % MAP_COLUMNS) * PITCH_X;
	double right = x + CELL_W;
	const char *hatch = NULL;
	size_t i;

	if (width < MIN_WIDTH)
		width = MIN_WIDTH;
	x += CELL_W * (c->start - begin) / map->cell_pages;
	if (x > right - width)
		x = right - width;
	for (i = 0; i < c->nr_shares; i++)
		pages[map->owners[c->shares[i].key].class] += c->shares[i].pages;
	if (c->cma)
		hatch = "cma";
	else if (map_band_is_movable(&map->bands[c->band]))
		hatch = "movable";
	fputs("<g class=\"cell\">", out);
	tip(out, map, c);
	map_draw_cell(out, x, y, width, c->ram, pages, hatch);
	fputs("</g>\n", out);
}

/* --- rows ------------------------------------------------------------------------------------- */

static void address(FILE *out, const struct map *map, uint64_t block, double y)
{
	svg_text(out, GRID_X - 10, y, "dim end small", "0x%" PRIx64,
		 block * map->cell_pages * map->snap->page_size);
}

static void hole(FILE *out, const struct map *map, uint64_t block, uint64_t end, double y)
{
	double x = GRID_X + (block % MAP_COLUMNS) * PITCH_X;
	uint64_t bytes = map->cell_pages * map->snap->page_size;

	fprintf(out, "<g><title>0x%" PRIx64 "-0x%" PRIx64 ": no RAM</title>", block * bytes,
		end * bytes - 1);
	svg_rect(out, x + .5, y + .5, (end - block) * PITCH_X - (PITCH_X - CELL_W) - 1, CELL_H - 1,
		 "hole");
	fputs("</g>\n", out);
}

/* Rows @from to before @to, which have no RAM, in little space. */
static double strip(FILE *out, const struct map *map, uint64_t from, uint64_t to, double y)
{
	char size[16];

	address(out, map, from * MAP_COLUMNS, y + 12.5);
	svg_rect(out, GRID_X + .5, y + .5, GRID_END - GRID_X - 1, STRIP_H - 3, "hole");
	svg_text(out, (GRID_X + GRID_END) / 2, y + 12.5, "dim mid small", "%s %s",
		 map_size(map, (to - from) * MAP_COLUMNS * map->cell_pages, size, sizeof(size)),
		 map->overlap ? "not of this zone" : "without RAM");
	return y + STRIP_H;
}

/* The cells of a band, from @*at on, that stand in row @row; holes between them. */
static void row(FILE *out, const struct map *map, size_t band, uint64_t row, size_t *at, double y)
{
	const struct map_band *b = &map->bands[band];
	uint64_t block = row * MAP_COLUMNS, end = block + MAP_COLUMNS;

	address(out, map, block, y + 14);
	if (block < b->start / map->cell_pages)
		block = b->start / map->cell_pages;
	if (end > (b->end - 1) / map->cell_pages + 1)
		end = (b->end - 1) / map->cell_pages + 1;
	while (block < end) {
		uint64_t next = end;

		while (*at < map->nr_cells && map->cells[*at].band != band)
			(*at)++;
		if (*at < map->nr_cells && map->cells[*at].block < end)
			next = map->cells[*at].block;
		if (next > block)
			hole(out, map, block, next, y);
		if (next < end)
			cell(out, map, &map->cells[(*at)++], y);
		block = next + 1;
	}
}

static uint64_t next_row(const struct map *map, size_t band, size_t *at)
{
	while (*at < map->nr_cells && map->cells[*at].band != band)
		(*at)++;
	return *at < map->nr_cells ? map->cells[*at].block / MAP_COLUMNS : UINT64_MAX;
}

static double rows(FILE *out, const struct map *map, size_t band, double y)
{
	const struct map_band *b = &map->bands[band];
	uint64_t r = b->start / map->cell_pages / MAP_COLUMNS;
	uint64_t end = (b->end - 1) / map->cell_pages / MAP_COLUMNS + 1;
	size_t at = 0;

	while (r < end) {
		uint64_t next = next_row(map, band, &at);

		if (next > r) {
			next = next < end ? next : end;
			y = strip(out, map, r, next, y);
			r = next;
			continue;
		}
		row(out, map, band, r++, &at, y);
		y += PITCH_Y;
	}
	return y;
}

/* --- bands ------------------------------------------------------------------------------------ */

static void band_head(FILE *out, const struct map *map, const struct map_band *b, double y)
{
	char held[16], ram[16], percent[24], cma[16], note[64] = "";

	if (b->span && b->span->cma_pages)
		snprintf(note, sizeof(note), ", with %s of CMA areas",
			 map_size(map, b->span->cma_pages, cma, sizeof(cma)));
	if (b->span)
		svg_text(out, GRID_X, y, "head", "Node %d, zone %s%s", b->span->node, b->span->zone,
			 note);
	else
		svg_text(out, GRID_X, y, "head", "%s", map->nr_bands > 1 ?
			 "In no zone that is known" : "Physical memory");
	map_size(map, b->ram, ram, sizeof(ram));
	if (b->held)
		svg_text(out, GRID_END, y, "end", "%s of %s pinned, %s",
			 map_size(map, b->held, held, sizeof(held)), ram,
			 svg_percent(b->held, b->ram, percent, sizeof(percent)));
	else
		svg_text(out, GRID_END, y, "dim end", "nothing pinned of %s", ram);
}

/* Offsets of columns from the address at the left. */
static void axis(FILE *out, const struct map *map, double y)
{
	uint64_t bytes = map->cell_pages * map->snap->page_size;
	char size[24];
	int i;

	svg_text(out, GRID_X - 10, y, "dim end small", "address");
	for (i = 0; i < MAP_COLUMNS; i += MAP_COLUMNS / 4)
		svg_text(out, GRID_X + i * PITCH_X, y, "dim small", "+ %s",
			 i ? svg_exact(i * bytes, size, sizeof(size)) : "0");
}

double map_draw_grid(FILE *out, const struct map *map, double y)
{
	int node = -1;
	size_t i;

	axis(out, map, y + 10);
	y += 18;
	for (i = 0; i < map->nr_bands; i++) {
		const struct map_band *b = &map->bands[i];
		int at = b->span ? b->span->node : -2;

		if (!b->nr_cells)
			continue;
		if (node != at) {
			fprintf(out, "<path d=\"M%d %gH%g\" class=\"rule\"/>\n", MAP_MARGIN, y + 2,
				GRID_END);
			y += 4;
		}
		node = at;
		band_head(out, map, b, y + 16);
		y = rows(out, map, i, y + 23) + 5;
	}
	return y;
}
