// SPDX-License-Identifier: GPL-2.0
/* What the colours and hatchings of the picture mean. */
#include "svgmap_draw.h"
#include "text.h"

#define SWATCH 14
#define TEXT_X (LEGEND_X + 24)

static double heading(FILE *out, double y, const char *text)
{
	svg_text(out, LEGEND_X, y + 12, "head", "%s", text);
	fprintf(out, "<path d=\"M%d %gH%d\" class=\"rule\"/>\n", LEGEND_X, y + 19, LEGEND_END);
	return y + 28;
}

static void swatch(FILE *out, double y, int class)
{
	char name[16];

	snprintf(name, sizeof(name), "c%d", class);
	svg_rect(out, LEGEND_X, y, SWATCH, SWATCH, name);
}

/* A colour, whose it is and how much that holds, with a second line below. */
static double entry(FILE *out, const struct map *map, double y, int class, const char *name,
		    const struct map_owner *sum, const char *about)
{
	char size[16], pins[32];

	swatch(out, y, class);
	svg_text(out, TEXT_X, y + 11.5, NULL, "%s", name);
	svg_text(out, LEGEND_END, y + 11.5, "end", "%s",
		 map_size(map, sum->pages, size, sizeof(size)));
	if (class == MAP_BIAS)
		svg_text(out, TEXT_X, y + 25, "dim small", "%s", about);
	else
		svg_text(out, TEXT_X, y + 25, "dim small", "%s%s pin%s", about,
			 svg_count(sum->pins, pins, sizeof(pins)), sum->pins == 1 ? "" : "s");
	return y + 35;
}

static double owners(FILE *out, const struct map *map, double y)
{
	char about[48];
	size_t i;

	for (i = 0; i < map->nr_top; i++) {
		const struct snap_proc *p = &map->snap->procs[map->top[i]];
		char comm[sizeof(p->comm) + 1];

		snprintf(comm, sizeof(comm), "%.16s", p->comm);
		snprintf(about, sizeof(about), "PID %d, ", (int)p->pid);
		y = entry(out, map, y, i, comm, &map->owners[map->top[i]], about);
	}
	if (map->nr_others) {
		snprintf(about, sizeof(about), "%zu process%s, ", map->nr_others,
			 map->nr_others == 1 ? "" : "es");
		y = entry(out, map, y, MAP_OTHERS, "others", &map->classes[MAP_OTHERS], about);
	}
	return y;
}

static double nobodys(FILE *out, const struct map *map, double y)
{
	const struct map_owner *c = map->classes;

	if (c[MAP_UNMAPPED].pages)
		y = entry(out, map, y, MAP_UNMAPPED, "mapped by no process", &c[MAP_UNMAPPED], "");
	if (c[MAP_UNSEEN].pages)
		y = entry(out, map, y, MAP_UNSEEN, "by processes not seen", &c[MAP_UNSEEN], "");
	if (c[MAP_BIAS].pages)
		y = entry(out, map, y, MAP_BIAS, "kernel's references", &c[MAP_BIAS],
			  "look like pins, not counted");
	return y;
}

/* A cell with @share of @ram pinned, and what to read from it. */
static double sample(FILE *out, double y, uint64_t share, uint64_t ram, const char *hatch,
		     const char *text)
{
	uint64_t pages[MAP_CLASSES] = { [MAP_OTHERS] = share };

	map_draw_cell(out, LEGEND_X, y, CELL_W, ram, pages, hatch);
	svg_text(out, LEGEND_X + 34, y + 14, NULL, "%s", text);
	return y + PITCH_Y + 4;
}

static double fills(FILE *out, const struct map *map, double y)
{
	bool movable = false;
	uint64_t cma = 0;
	size_t i;

	for (i = 0; i < map->nr_bands; i++)
		movable |= map->bands[i].nr_cells && map_band_is_movable(&map->bands[i]);
	for (i = 0; i < map->nr_cells; i++)
		cma += map->cells[i].cma;
	y = sample(out, y, 0, 4, NULL, "RAM, nothing pinned");
	y = sample(out, y, 1, 1000000, NULL, "pinned: one page or little more");
	y = sample(out, y, 2, 4, NULL, "half of the cell pinned");
	y = sample(out, y, 4, 4, NULL, "all of it pinned");
	if (movable)
		y = sample(out, y, 1, 4, "movable", "in a movable zone");
	if (cma)
		y = sample(out, y, 1, 4, "cma", "pins in CMA areas");
	svg_rect(out, LEGEND_X + .5, y + .5, CELL_W - 1, CELL_H - 1, "hole");
	svg_text(out, LEGEND_X + 34, y + 14, NULL, "no RAM, or offline");
	return y + PITCH_Y + 4;
}

double map_draw_legend(FILE *out, const struct map *map, double y)
{
	uint64_t bytes = map->cell_pages * map->snap->page_size;
	char cell[24], row[24];

	y = heading(out, y, "Who pins");
	y = nobodys(out, map, owners(out, map, y));
	if (!map->snap->nr_runs) {
		svg_text(out, LEGEND_X, y + 11, "dim", "nobody: no memory is pinned");
		y += 26;
	}
	y = heading(out, y + 8, "How much of a cell");
	y = fills(out, map, y);
	y = heading(out, y + 8, "Scale");
	svg_text(out, LEGEND_X, y + 10, NULL, "1 cell = %s, 1 row = %s",
		 svg_exact(bytes, cell, sizeof(cell)),
		 svg_exact(bytes * MAP_COLUMNS, row, sizeof(row)));
	svg_text(out, LEGEND_X, y + 28, "dim small", "Narrow cells are partly something else.");
	svg_text(out, LEGEND_X, y + 43, "dim small", "Point at a cell to see its addresses");
	svg_text(out, LEGEND_X, y + 58, "dim small", "and owners.");
	return y + 65;
}
