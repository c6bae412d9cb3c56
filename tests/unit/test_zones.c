// SPDX-License-Identifier: GPL-2.0
/* Spans of zones from /proc/zoneinfo. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "zoneinfo.h"
#include "zones.h"

static struct zone_span *spans;
static size_t nr;

static int parse(const char *text)
{
	FILE *f = text_file(text);
	int err;

	assert_non_null(f);
	err = zone_spans_parse(f, &spans, &nr);
	fclose(f);
	return err;
}

static void assert_span(size_t i, int node, const char *zone, uint64_t start, uint64_t end)
{
	assert_true(i < nr);
	assert_int_equal(spans[i].node, node);
	assert_string_equal(spans[i].zone, zone);
	assert_int_equal(spans[i].start_pfn, start);
	assert_int_equal(spans[i].end_pfn, end);
}

static void real(void **state)
{
	assert_int_equal(parse(ZONEINFO_LAPTOP), 0);
	assert_int_equal(nr, 3);
	assert_span(0, 0, "DMA", 1, 4096);
	assert_span(1, 0, "DMA32", 4096, 1048576);
	assert_span(2, 0, "Normal", 1048576, 1835008);
	assert_int_equal(spans[0].present_pages, 3998);
	assert_int_equal(spans[1].present_pages, 782336);
	assert_int_equal(spans[0].cma_pages, 0);
	assert_int_equal(spans[1].cma_pages, 65536);
	assert_int_equal(spans[2].cma_pages, 0);
	free(spans);
}

static void sorted_by_node(void **state)
{
	assert_int_equal(parse(ZONEINFO_NODES), 0);
	assert_int_equal(nr, 3);
	assert_span(0, 0, "Normal", 4096, 16384);
	assert_span(1, 0, "Movable", 32768, 36864);
	assert_span(2, 1, "Normal", 12288, 20480);
	free(spans);
}

static void nothing_there(void **state)
{
	static const char *const texts[] = {
		"\n",
		"Node 0, zone Normal\n        spanned  0\n  start_pfn:           4096\n",
		/* Not below a zone; below a line that names none. */
		"        spanned  12\n  start_pfn:           4096\n",
		"Node x, zone Normal\n        spanned  12\n  start_pfn:           4096\n",
		"Node 0\n        spanned  12\n  start_pfn:           4096\n",
		/* Wraps around. */
		"Node 0, zone Normal\n spanned 2\n start_pfn: 18446744073709551615\n",
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(parse(texts[i]), -EINVAL);
		assert_int_equal(nr, 0);
		assert_null(spans);
	}
}

/* A zone without memory must not pass its numbers on, nor take those of the one before. */
static void zones_are_apart(void **state)
{
	assert_int_equal(parse("Node 0, zone a-name-that-is-far-too-long\n"
			       " spanned 16\n present 8\n cma 4\n"
			       "Node 0, zone Normal\n spanned 32\n start_pfn: 64\n"
			       " start_pfn: 128\n"), 0);
	assert_int_equal(nr, 1);
	assert_span(0, 0, "Normal", 64, 96);
	assert_int_equal(spans[0].present_pages, 0);
	assert_int_equal(spans[0].cma_pages, 0);
	free(spans);
	assert_int_equal(parse("Node 3, zone a-name-that-is-far-too-long\n"
			       " spanned 16\n start_pfn: 16\n"), 0);
	assert_span(0, 3, "a-name-that-is-", 16, 32);
	free(spans);
}

static void this_machine(void **state)
{
	size_t i;

	assert_int_equal(zone_spans_read(&spans, &nr), 0);
	assert_true(nr > 0);
	for (i = 0; i < nr; i++) {
		assert_true(spans[i].start_pfn < spans[i].end_pfn);
		assert_true(spans[i].present_pages <= spans[i].end_pfn - spans[i].start_pfn);
	}
	free(spans);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real),
		cmocka_unit_test(sorted_by_node),
		cmocka_unit_test(nothing_there),
		cmocka_unit_test(zones_are_apart),
		cmocka_unit_test(this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
