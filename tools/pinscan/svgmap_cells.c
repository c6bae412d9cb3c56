// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "svgmap_cells.h"
#include "vec.h"

#define MAX_CELLS 1024			/* of RAM without holes */
#define MIN_CELL_BYTES (2ULL << 20)	/* the smallest pageblock there is */

/* Which cell an owner was last seen in, and where among its shares. */
struct last_share {
	size_t cell, share;
};

static uint64_t choose_cell_pages(const struct snapshot *snap)
{
	uint64_t ram = pfn_ranges_count(&snap->ranges), pages = 1;

	while (pages * snap->page_size < MIN_CELL_BYTES || ram / pages > MAX_CELLS)
		pages *= 2;
	return pages;
}

/* --- cells ------------------------------------------------------------------------------------ */

/*
 * The band of @pfn, the narrowest of the spans around it; *@end is moved to
 * where that may change.
 */
static size_t find_band(struct map *map, uint64_t pfn, uint64_t *end)
{
	size_t i, found = map->nr_bands - 1;
	uint64_t narrowest = UINT64_MAX;

	for (i = 0; i + 1 < map->nr_bands; i++) {
		const struct zone_span *s = map->bands[i].span;

		if (s->start_pfn > pfn) {
			if (s->start_pfn < *end)
				*end = s->start_pfn;
			continue;
		}
		if (s->end_pfn <= pfn)
			continue;
		if (s->end_pfn < *end)
			*end = s->end_pfn;
		if (narrowest != UINT64_MAX)
			map->overlap = true;
		if (s->end_pfn - s->start_pfn < narrowest) {
			narrowest = s->end_pfn - s->start_pfn;
			found = i;
		}
	}
	return found;
}

static size_t find_cell(struct map *map, uint64_t block, size_t band)
{
	struct map_cell *c;
	size_t i;

	for (i = map->nr_cells; i-- && map->cells[i].block == block;)
		if (map->cells[i].band == band)
			return i;
	c = vec_push(map->cells, map->nr_cells, map->cap_cells);
	*c = (struct map_cell){ .block = block, .band = band, .start = UINT64_MAX };
	map->bands[band].nr_cells++;
	return map->nr_cells - 1;
}

static void add_ram(struct map *map, uint64_t start, uint64_t end)
{
	struct map_cell *c;
	size_t band;

	while (start < end) {
		uint64_t block = start / map->cell_pages, stop = end;

		if ((block + 1) * map->cell_pages < stop)
			stop = (block + 1) * map->cell_pages;
		band = find_band(map, start, &stop);
		*vec_push(map->pieces, map->nr_pieces, map->cap_pieces) =
			(struct map_piece){ start, stop, find_cell(map, block, band) };
		c = &map->cells[map->pieces[map->nr_pieces - 1].cell];
		c->ram += stop - start;
		if (start < c->start)
			c->start = start;
		c->end = stop;
		map->bands[band].ram += stop - start;
		start = stop;
	}
}

static void make_bands(struct map *map, const struct zone_span *spans, size_t nr)
{
	size_t i;

	map->nr_bands = nr + 1;
	map->bands = xcalloc(map->nr_bands, sizeof(*map->bands));
	for (i = 0; i < nr; i++)
		map->bands[i].span = &spans[i];
}

/*
 * A band is drawn as far as its zone spans, which shows the holes at its ends.
 * Where memory is missing that the zone has, not all was scanned, and the rest
 * is no hole: then, and without a zone, it is drawn as far as its cells.
 */
static void frame_bands(struct map *map)
{
	size_t i;

	for (i = 0; i < map->nr_bands; i++)
		map->bands[i].start = UINT64_MAX;
	for (i = 0; i < map->nr_cells; i++) {
		struct map_cell *c = &map->cells[i];
		struct map_band *b = &map->bands[c->band];

		if (c->start < b->start)
			b->start = c->start;
		if (c->end > b->end)
			b->end = c->end;
	}
	for (i = 0; i + 1 < map->nr_bands; i++) {
		struct map_band *b = &map->bands[i];

		if (b->ram < b->span->present_pages / 10 * 9)
			continue;
		b->start = b->span->start_pfn;
		b->end = b->span->end_pfn;
	}
}

/* --- pins ------------------------------------------------------------------------------------- */

static uint32_t owner_key(const struct snapshot *snap, size_t run, size_t folio)
{
	uint32_t owner = snap->owner[snap->first[run] + folio];

	if (snap->runs[run].kind == PIN_BIAS)
		return snap->nr_procs + MAP_BIAS - MAP_UNMAPPED;
	if (owner == OWNER_UNMAPPED)
		return snap->nr_procs;
	return owner < snap->nr_procs ? owner : snap->nr_procs + MAP_UNSEEN - MAP_UNMAPPED;
}

static void add_share(struct map_cell *c, size_t cell, uint32_t key, uint64_t pages,
		      struct last_share *last)
{
	size_t i = last->share;

	if (last->cell != cell) {
		for (i = 0; i < c->nr_shares; i++)
			if (c->shares[i].key == key)
				break;
		if (i == c->nr_shares)
			*vec_push(c->shares, c->nr_shares, c->cap) = (struct map_share){ key, 0 };
		*last = (struct last_share){ cell, i };
	}
	c->shares[i].pages += pages;
}

/* Some folios that follow each other, belong to the same owner and are alike. */
struct stretch {
	const struct pin_run *run;
	uint64_t start, end;	/* PFNs */
	uint32_t key;
	bool is_bias, shared, cma, movable;
};

static void add_to_cell(struct map *map, size_t cell, const struct stretch *s, uint64_t from,
			uint64_t to, struct last_share *last)
{
	struct map_cell *c = &map->cells[cell];
	uint64_t pages = to - from;
	uint64_t folios = ((to - 1 - s->start) >> s->run->order) -
			  ((from - s->start) >> s->run->order) + 1;

	add_share(c, cell, s->key, pages, &last[s->key]);
	if (s->is_bias)
		return;
	c->held += pages;
	c->pins += folios * s->run->pins;
	c->shared += s->shared ? pages : 0;
	c->cma += s->cma ? pages : 0;
	c->movable += s->movable ? pages : 0;
	map->bands[c->band].held += pages;
}

/* Cuts @s at the borders of pieces. *@at is the first piece that can hold some of it. */
static void add_stretch(struct map *map, const struct stretch *s, size_t *at,
			struct last_share *last)
{
	uint64_t pages = s->end - s->start, inside = 0;
	size_t i;

	map->owners[s->key].pages += pages;
	map->owners[s->key].pins += (pages >> s->run->order) * s->run->pins;
	while (*at < map->nr_pieces && map->pieces[*at].end <= s->start)
		(*at)++;
	for (i = *at; i < map->nr_pieces && map->pieces[i].start < s->end; i++) {
		const struct map_piece *p = &map->pieces[i];
		uint64_t from = p->start > s->start ? p->start : s->start;
		uint64_t to = p->end < s->end ? p->end : s->end;

		add_to_cell(map, p->cell, s, from, to, last);
		inside += to - from;
	}
	if (!s->is_bias)
		map->outside += pages - inside;
}

static void add_run(struct map *map, size_t i, size_t *at, struct last_share *last)
{
	const struct snapshot *snap = map->snap;
	const struct pin_run *run = &snap->runs[i];
	struct stretch s = { .run = run, .is_bias = run->kind == PIN_BIAS };
	const uint8_t *shared = &snap->is_shared[snap->first[i]];
	size_t k, next;

	s.cma = snap->scanner && scanner__is_cma(snap->scanner, run);
	s.movable = snap->scanner && scanner__in_movable_block(snap->scanner, run);
	for (k = 0; k < run->folios; k = next) {
		s.key = owner_key(snap, i, k);
		s.shared = shared[k];
		for (next = k + 1; next < run->folios; next++)
			if (owner_key(snap, i, next) != s.key || !shared[next] != !s.shared)
				break;
		s.start = run->pfn + ((uint64_t)k << run->order);
		s.end = run->pfn + ((uint64_t)next << run->order);
		add_stretch(map, &s, at, last);
	}
}

static void add_pins(struct map *map)
{
	size_t i, at = 0, nr = map->snap->nr_procs + MAP_CLASSES - MAP_UNMAPPED;
	struct last_share *last = xcalloc(nr, sizeof(*last));

	map->owners = xcalloc(nr, sizeof(*map->owners));
	for (i = 0; i < nr; i++)
		last[i].cell = SIZE_MAX;
	for (i = 0; i < map->snap->nr_runs; i++)
		add_run(map, i, &at, last);
	free(last);
}

/* --- owners ----------------------------------------------------------------------------------- */

static uint32_t largest_left(const struct map *map)
{
	uint32_t i, best = UINT32_MAX;

	for (i = 0; i < map->snap->nr_procs; i++)
		if (map->owners[i].class == MAP_OTHERS && map->owners[i].pages &&
		    (best == UINT32_MAX || map->owners[i].pages > map->owners[best].pages))
			best = i;
	return best;
}

/* A colour each for those who hold most. */
static void rank_owners(struct map *map)
{
	size_t i, nr = map->snap->nr_procs, used = 0;
	uint32_t key;

	for (i = 0; i < nr; i++) {
		map->owners[i].class = MAP_OTHERS;
		used += !!map->owners[i].pages;
	}
	for (i = nr; i < nr + MAP_CLASSES - MAP_UNMAPPED; i++)
		map->owners[i].class = MAP_UNMAPPED + (i - nr);
	while (map->nr_top < MAP_TOP && (key = largest_left(map)) != UINT32_MAX) {
		map->owners[key].class = map->nr_top;
		map->top[map->nr_top++] = key;
	}
	map->nr_others = used - map->nr_top;
	for (i = 0; i < nr + MAP_CLASSES - MAP_UNMAPPED; i++) {
		struct map_owner *sum = &map->classes[map->owners[i].class];

		sum->pages += map->owners[i].pages;
		sum->pins += map->owners[i].pins;
	}
}

static int most_pages(const void *a, const void *b)
{
	const struct map_share *x = a, *y = b;

	if (x->pages != y->pages)
		return x->pages > y->pages ? -1 : 1;
	return x->key < y->key ? -1 : x->key > y->key;
}

const char *map_owner_name(const struct map *map, uint32_t key, char *buf, size_t size)
{
	static const char *const names[] = {
		[MAP_UNMAPPED - MAP_UNMAPPED] = "mapped by no process",
		[MAP_UNSEEN - MAP_UNMAPPED] = "processes not seen",
		[MAP_BIAS - MAP_UNMAPPED] = "the kernel's own references",
	};
	const struct snapshot *snap = map->snap;

	if (key < snap->nr_procs)
		snprintf(buf, size, "%.16s[%d]", snap->procs[key].comm, (int)snap->procs[key].pid);
	else
		snprintf(buf, size, "%s", names[key - snap->nr_procs]);
	return buf;
}

void map_make(struct map *map, const struct snapshot *snap, const struct zone_span *spans,
	      size_t nr_spans)
{
	size_t i;

	memset(map, 0, sizeof(*map));
	map->snap = snap;
	map->cell_pages = choose_cell_pages(snap);
	make_bands(map, spans, nr_spans);
	for (i = 0; i < snap->ranges.nr; i++)
		add_ram(map, snap->ranges.r[i].start, snap->ranges.r[i].end);
	frame_bands(map);
	add_pins(map);
	rank_owners(map);
	for (i = 0; i < map->nr_cells; i++)
		if (map->cells[i].nr_shares)
			qsort(map->cells[i].shares, map->cells[i].nr_shares,
			      sizeof(*map->cells[i].shares), most_pages);
}

void map_free(struct map *map)
{
	size_t i;

	for (i = 0; i < map->nr_cells; i++)
		free(map->cells[i].shares);
	free(map->cells);
	free(map->bands);
	free(map->pieces);
	free(map->owners);
}
