// SPDX-License-Identifier: GPL-2.0
/*
 * The picture of physical memory. To look at what the tests draw, name a folder
 * in SVGMAP_KEEP.
 */
#include <locale.h>
#include <unistd.h>

#include "svgmap.h"
#include "svgmap_cells.h"
#include "svgmap_check.h"
#include "svgmap_world.h"

static char dir[] = "/tmp/test_svgmap.XXXXXX";

/* Draws @w in the locale @locale; its picture, checked in the usual one. */
static char *draw_in(struct world *w, const char *name, const char *locale)
{
	const char *keep = getenv("SVGMAP_KEEP");
	struct fail fail = {};
	char path[256], *text;
	int err;

	snprintf(path, sizeof(path), "%s/%s.svg", keep ? keep : dir, name);
	setlocale(LC_ALL, locale);
	err = svgmap_write(path, &w->snap, w->spans, w->nr_spans, &fail);
	setlocale(LC_ALL, "C");
	if (err)
		fail_msg("%s", fail.msg);
	text = slurp(path);
	if (!keep)
		unlink(path);
	assert_well_formed(text);
	assert_inside(text);
	assert_legend_fits(text);
	return text;
}

static char *draw(struct world *w, const char *name)
{
	return draw_in(w, name, "C");
}

/* The cells of @w: what they hold together is all there is. */
static void assert_sums(struct world *w, size_t least, size_t most)
{
	uint64_t ram = 0, held = 0, bands = 0;
	struct map map;
	size_t i;

	map_make(&map, &w->snap, w->spans, w->nr_spans);
	assert_in_range(map.nr_cells, least, most);
	for (i = 0; i < map.nr_cells; i++) {
		assert_true(map.cells[i].held <= map.cells[i].ram);
		ram += map.cells[i].ram;
		held += map.cells[i].held;
	}
	for (i = 0; i < map.nr_bands; i++)
		bands += map.bands[i].held;
	assert_int_equal(ram, pfn_ranges_count(&w->snap.ranges));
	assert_int_equal((held + map.outside) * w->snap.page_size, w->snap.total.bytes);
	assert_int_equal(bands, held);
	map_free(&map);
}

/* --- machines --------------------------------------------------------------------------------- */

static void laptop(void **state)
{
	struct world w;
	char *text;

	world_laptop(&w);
	w.spans[2].cma_pages = 64 * MB_PAGES;
	assert_sums(&w, 200, 1000);
	text = draw(&w, "laptop");
	has(text, "qemu-system-x86");
	has(text, "1 cell = 32 MiB, 1 row = 1 GiB");
	has(text, "1.0G without RAM");
	has(text, "Node 0, zone DMA32");
	has(text, "Node 0, zone Normal, with 64.0M of CMA areas");
	has(text, "3 more than were found");
	has(text, "mapped by no process");
	has(text, "look like pins, not counted");
	has(text, "4 processes, ");
	assert_in_range(count(text, "class=\"cell\""), 700, 800);
	free(text);
	world_free(&w);
}

static void server(void **state)
{
	struct world w;
	char *text;

	world_server(&w);
	assert_sums(&w, 200, 1100);
	text = draw(&w, "server");
	has(text, "1 cell = 1 GiB, 1 row = 32 GiB");
	has(text, "Node 1, zone Movable");
	has(text, "in a movable zone");
	has(text, "the same as found");
	/* 128 GiB and the sample in the legend. */
	assert_int_equal(count(text, "class=\"movable\""), 128 + 1);
	/* 16 hugetlb folios fill 16 cells. */
	assert_int_equal(count(text, "height=\"20\" class=\"c9\""), 16);
	free(text);
	world_free(&w);
}

static void small_guest(void **state)
{
	struct world w;
	char *text;

	world_init(&w);
	world_ram(&w, 0x100, 0x10000);
	text = draw(&w, "guest");
	has(text, "1 cell = 2 MiB");
	has(text, "Physical memory");
	assert_int_equal(count(text, "class=\"cell\""), 128);
	free(text);
	world_free(&w);
}

static void nothing_pinned(void **state)
{
	struct world w;
	char *text;

	world_init(&w);
	world_laptop_memory(&w);
	assert_sums(&w, 200, 1000);
	text = draw(&w, "none");
	has(text, "nobody: no memory is pinned");
	has(text, "nothing pinned of 21.0G");
	assert_null(strstr(text, "class=\"c0\""));
	free(text);
	world_free(&w);
}

static void one_page(void **state)
{
	struct world w;
	char *text;

	world_init(&w);
	world_laptop_memory(&w);
	world_pin(&w, 0x312345, 1, 0, world_proc(&w, 1234, "sixteen-letters!"));
	assert_sums(&w, 200, 1000);
	text = draw(&w, "one");
	has(text, "4.0K of 24.0G RAM cannot move (under 0.1 %): 1 pin in 1 folio");
	has(text, "width=\"7\" height=\"4\" class=\"c0\"");
	has(text, "4.0K sixteen-letters![1234]</title>");
	has(text, "0x312000000-0x313ffffff, 32.0M of RAM, node 0, zone Normal\n"
		  "page frames 312000-313fff\n4.0K pinned (under 0.1 %), 1 pin\n");
	/* In the legend and in its cell. */
	assert_int_equal(count(text, "class=\"c0\""), 2);
	free(text);
	world_free(&w);
}

static void no_memory_at_all(void **state)
{
	struct world w;

	world_init(&w);
	free(draw(&w, "empty"));
	world_free(&w);
}

/* --- what is odd ------------------------------------------------------------------------------ */

static void odd_names(void **state)
{
	struct world w;
	char *text;

	world_init(&w);
	world_laptop_memory(&w);
	strcpy(w.spans[2].zone, "<Z&\"'>");
	world_pin(&w, 0x200000, 3, 0, world_proc(&w, 5, "</text>&\"'\x01\x1b[m"));
	world_pin(&w, 0x300000, 2, 0, world_proc(&w, 6, "\xff\xc3\x28\xef\xbf\xbe\xed\xa0\x80"));
	world_pin(&w, 0x400000, 1, 0, world_proc(&w, 7, "\xe6\xbc\xa2\xe2\x80\xae"));
	world_note(&w, "a <note> & \"more\" of it");
	text = draw(&w, "names");
	has(text, "&lt;/text&gt;&amp;&quot;&#39;??[m");
	has(text, "?" "?(???" "?");
	has(text, "\xe6\xbc\xa2?");
	has(text, "&lt;Z&amp;&quot;&#39;&gt;");
	has(text, "a &lt;note&gt; &amp; &quot;more&quot; of it");
	assert_null(strstr(text, "\xef\xbf\xbe"));
	free(text);
	world_free(&w);
}

/* A folio larger than a cell fills several; each counts its pin, the sum does not. */
static void folio_over_cells(void **state)
{
	struct world w;
	struct map map;
	size_t i, cells = 0;

	world_init(&w);
	world_laptop_memory(&w);
	world_pin(&w, 0x140000, 1, 18, 77);	/* an owner that is none: not seen */
	map_make(&map, &w.snap, w.spans, w.nr_spans);
	for (i = 0; i < map.nr_cells; i++) {
		if (!map.cells[i].held)
			continue;
		cells++;
		assert_int_equal(map.cells[i].held, 32 * MB_PAGES);
		assert_int_equal(map.cells[i].pins, 1);
	}
	assert_int_equal(cells, 32);
	assert_int_equal(map.classes[MAP_UNSEEN].pins, 1);
	assert_int_equal(map.classes[MAP_UNSEEN].pages, GB_PAGES);
	map_free(&map);
	world_free(&w);
}

static void outside_and_shared(void **state)
{
	struct world w;
	char *text;

	world_init(&w);
	world_ram(&w, 0x100, 0x10000);
	world_pin(&w, 0x8000, 8, 0, world_proc(&w, 1, "a"));
	world_pin(&w, 0xff00, 1, 9, world_proc(&w, 2, "b"));	/* half of it is outside */
	w.snap.is_shared[2] = w.snap.is_shared[3] = 1;
	assert_sums(&w, 128, 128);
	text = draw(&w, "outside");
	has(text, "1.0M of pinned memory is not drawn");
	has(text, "8.0K of it mapped by others, too");
	has(text, "32.0K pinned (1.6 %), 8 pins");
	free(text);
	world_free(&w);
}

/* Nodes that alternate, a zone inside of another's span, one that was scanned in part. */
static void zones_interleave(void **state)
{
	struct world w;
	struct map map;
	char *text;

	world_init(&w);
	world_ram(&w, 0, 0x40000);
	world_zone(&w, 0, "Normal", 0, 0x30000);
	world_zone(&w, 0, "Movable", 0x8100, 0x8200);
	world_zone(&w, 1, "Normal", 0x10000, 0x60000);
	w.spans[2].present_pages = 0x50000;
	map_make(&map, &w.snap, w.spans, w.nr_spans);
	assert_true(map.overlap);
	assert_int_equal(map.bands[0].ram, 0x30000 - 0x100);
	assert_int_equal(map.bands[1].ram, 0x100);
	assert_int_equal(map.bands[2].ram, 0x10000);
	assert_int_equal(map.bands[3].ram, 0);
	assert_int_equal(map.bands[2].end, 0x40000);
	map_free(&map);
	text = draw(&w, "interleaved");
	has(text, "Spans of zones overlap");
	free(text);
	world_free(&w);
}

static void many_owners_in_a_cell(void **state)
{
	struct world w;
	char *text;
	uint32_t i;

	world_init(&w);
	world_ram(&w, 0, 512 * 64);
	for (i = 0; i < 512; i++)
		world_pin(&w, i, 1, 0, world_proc(&w, 100 + i, "worker"));
	for (i = 512; i < 1024; i += 2)
		world_pin(&w, i, 2, 0, i % 4 ? OWNER_UNMAPPED : OWNER_UNSEEN);
	assert_sums(&w, 64, 64);
	text = draw(&w, "crowd");
	has(text, "504 processes, 504 pins");
	has(text, "\nand 507 more</title>");
	free(text);
	world_free(&w);
}

/* A decimal comma would make two numbers of one. */
static void locale_has_no_say(void **state)
{
	static const char *const with_comma[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR" };
	char *plain, *text;
	struct world w;
	size_t i;

	world_laptop(&w);
	plain = draw(&w, "locale");
	/* Those that this machine lacks mean "C". */
	for (i = 0; i < sizeof(with_comma) / sizeof(with_comma[0]); i++) {
		text = draw_in(&w, "locale", with_comma[i]);
		assert_string_equal(text, plain);
		free(text);
	}
	free(plain);
	world_free(&w);
}

static int make_dir(void **state)
{
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(laptop),
		cmocka_unit_test(server),
		cmocka_unit_test(small_guest),
		cmocka_unit_test(nothing_pinned),
		cmocka_unit_test(one_page),
		cmocka_unit_test(no_memory_at_all),
		cmocka_unit_test(odd_names),
		cmocka_unit_test(folio_over_cells),
		cmocka_unit_test(outside_and_shared),
		cmocka_unit_test(zones_interleave),
		cmocka_unit_test(many_owners_in_a_cell),
		cmocka_unit_test(locale_has_no_say),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
