// SPDX-License-Identifier: GPL-2.0
/* Which page frames are memory: /proc/iomem, /proc/zoneinfo, memory blocks, sets of ranges. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "ranges.h"
#include "zoneinfo.h"

static char dir[32];

static void assert_ranges(const struct pfn_ranges *set, const struct pfn_range *want, size_t nr)
{
	size_t i;

	assert_int_equal(set->nr, nr);
	for (i = 0; i < nr; i++) {
		assert_int_equal(set->r[i].start, want[i].start);
		assert_int_equal(set->r[i].end, want[i].end);
	}
}

#define ASSERT_RANGES(set, ...) do { \
	static const struct pfn_range want[] = { __VA_ARGS__ }; \
	assert_ranges(set, want, sizeof(want) / sizeof(want[0])); \
} while (0)

/* --- /proc/iomem ------------------------------------------------------------------------------ */

static int iomem(const char *text, unsigned int page_size, struct pfn_ranges *out)
{
	FILE *f = text_file(text);
	int err;

	memset(out, 0, sizeof(*out));
	assert_non_null(f);
	err = pfn_ranges_iomem(f, page_size, out);
	fclose(f);
	return err;
}

static void iomem_normal(void **state)
{
	struct pfn_ranges r;

	assert_int_equal(iomem("00000000-00000fff : Reserved\n"
			       "00001000-0009fbff : System RAM\n"
			       "0009fc00-000fffff : Reserved\n"
			       "  000f0000-000fffff : System ROM\n"
			       "00100000-bfffffff : System RAM\n"
			       "  01000000-02276507 : Kernel code\n"
			       "  02400000-02e0cfff : Kernel rodata\n"
			       "c0001000-eebfffff : PCI Bus 0000:00\n"
			       "  c0001000-c0001fff : not System RAM\n"
			       "100000000-63fffffff : System RAM\n"
			       "4000000000-7fffffffff : PCI Bus 0000:00\n", 4096, &r), 0);
	ASSERT_RANGES(&r, { 0x1, 0x9f }, { 0x100, 0xc0000 }, { 0x100000, 0x640000 });
	assert_int_equal(pfn_ranges_count(&r), 0x9e + 0xbff00 + 0x540000);
	pfn_ranges_free(&r);
	assert_int_equal(r.nr, 0);
	assert_null(r.r);
}

/* What the kernel shows to those without CAP_SYS_ADMIN. */
static void iomem_hidden(void **state)
{
	struct pfn_ranges r;

	assert_int_equal(iomem("00000000-00000000 : Reserved\n"
			       "00000000-00000000 : System RAM\n"
			       "  00000000-00000000 : Kernel code\n"
			       "00000000-00000000 : System RAM\n", 4096, &r), -EPERM);
	assert_int_equal(r.nr, 0);
	pfn_ranges_free(&r);
}

/* Memory that a driver hotplugged stands below the driver's device. */
static void iomem_nested(void **state)
{
	struct pfn_ranges r;

	assert_int_equal(iomem("00100000-3fffffff : System RAM\n"
			       "140000000-23fffffff : virtio0\n"
			       "  140000000-147ffffff : System RAM (virtio_mem)\n"
			       "  150000000-157ffffff : System RAM (virtio_mem)\n"
			       "    150000000-150000fff : deeper still\n"
			       "240000000-33fffffff : Persistent Memory\n"
			       "  240000000-33fffffff : namespace0.0\n"
			       "    248000000-33fffffff : dax0.0\n"
			       "      248000000-33fffffff : System RAM (kmem)\n", 4096, &r), 0);
	ASSERT_RANGES(&r, { 0x100, 0x40000 }, { 0x140000, 0x148000 }, { 0x150000, 0x158000 },
		      { 0x248000, 0x340000 });
	pfn_ranges_free(&r);
}

/* Only whole pages are memory, of whatever size; less than one is none. */
static void iomem_odd_alignment(void **state)
{
	static const char text[] = "00000800-00001fff : System RAM\n"
				   "00002001-00004ffe : System RAM\n"
				   "00005001-00005fff : System RAM\n"
				   "00010000-0002ffff : System RAM\n"
				   "00030000-00033fff : System RAM\n";
	struct pfn_ranges r;

	assert_int_equal(iomem(text, 4096, &r), 0);
	ASSERT_RANGES(&r, { 1, 2 }, { 3, 4 }, { 0x10, 0x34 });
	pfn_ranges_free(&r);
	assert_int_equal(iomem(text, 65536, &r), 0);
	ASSERT_RANGES(&r, { 1, 3 });
	pfn_ranges_free(&r);
}

static void iomem_without_ram(void **state)
{
	static const char *const texts[] = {
		"\n",
		"00000000-00000fff : Reserved\n",
		"garbage\n-\n : System RAM\nx-y : System RAM\n1000 : System RAM\n",
		"00001000-00001ffe : System RAM\n",
	};
	struct pfn_ranges r;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(iomem(texts[i], 4096, &r), -EINVAL);
		assert_int_equal(r.nr, 0);
		pfn_ranges_free(&r);
	}
}

/* --- /proc/zoneinfo --------------------------------------------------------------------------- */

static int zoneinfo(const char *text, struct pfn_ranges *out)
{
	FILE *f = text_file(text);
	int err;

	memset(out, 0, sizeof(*out));
	assert_non_null(f);
	err = pfn_ranges_zoneinfo(f, out);
	fclose(f);
	return err;
}

/* DMA, DMA32 and Normal touch; the hole below 4 GiB is inside of DMA32 and not told. */
static void zoneinfo_real(void **state)
{
	struct pfn_ranges r;

	assert_int_equal(zoneinfo(ZONEINFO_LAPTOP, &r), 0);
	ASSERT_RANGES(&r, { 1, 1835008 });
	pfn_ranges_free(&r);
}

static void zoneinfo_nodes(void **state)
{
	struct pfn_ranges r;

	assert_int_equal(zoneinfo(ZONEINFO_NODES, &r), 0);
	ASSERT_RANGES(&r, { 4096, 20480 }, { 32768, 36864 });
	pfn_ranges_free(&r);
}

static void zoneinfo_without_memory(void **state)
{
	struct pfn_ranges r;

	assert_int_equal(zoneinfo("\n", &r), -EINVAL);
	assert_int_equal(zoneinfo("Node 0, zone Normal\n        spanned  0\n", &r), -EINVAL);
	/* The span of one zone is not that of the next. */
	assert_int_equal(zoneinfo("Node 0, zone DMA\n spanned 7\n"
				  "Node 0, zone Normal\n start_pfn: 1\n", &r), -EINVAL);
	assert_int_equal(r.nr, 0);
}

/* --- sets ------------------------------------------------------------------------------------- */

static void sort_and_merge(void **state)
{
	struct pfn_ranges r = {};

	pfn_ranges_sort(&r);
	assert_int_equal(r.nr, 0);
	assert_int_equal(pfn_ranges_count(&r), 0);
	pfn_ranges_add(&r, 50, 60);
	pfn_ranges_add(&r, 10, 20);
	pfn_ranges_add(&r, 20, 30);	/* touches */
	pfn_ranges_add(&r, 55, 58);	/* inside of another */
	pfn_ranges_add(&r, 59, 70);	/* overlaps */
	pfn_ranges_add(&r, 40, 40);	/* empty */
	pfn_ranges_add(&r, 45, 44);	/* backwards */
	pfn_ranges_add(&r, 10, 20);	/* twice */
	pfn_ranges_add(&r, 71, 72);
	pfn_ranges_sort(&r);
	ASSERT_RANGES(&r, { 10, 30 }, { 50, 70 }, { 71, 72 });
	assert_int_equal(pfn_ranges_count(&r), 41);
	pfn_ranges_sort(&r);
	assert_int_equal(r.nr, 3);
	pfn_ranges_free(&r);
}

static void grows(void **state)
{
	struct pfn_ranges r = {};
	uint64_t i;

	for (i = 1000; i > 0; i--)
		pfn_ranges_add(&r, 4 * i, 4 * i + 3);
	pfn_ranges_sort(&r);
	assert_int_equal(r.nr, 1000);
	assert_int_equal(pfn_ranges_count(&r), 3000);
	for (i = 1; i <= 1000; i++)
		pfn_ranges_add(&r, 4 * i + 3, 4 * i + 4);
	pfn_ranges_sort(&r);
	ASSERT_RANGES(&r, { 4, 4004 });
	pfn_ranges_add(&r, 0, UINT64_MAX);
	pfn_ranges_sort(&r);
	ASSERT_RANGES(&r, { 0, UINT64_MAX });
	pfn_ranges_free(&r);
}

static void within(void **state)
{
	struct pfn_ranges set = {};
	static const struct {
		struct pfn_range range;
		uint64_t pages;
	} cases[] = {
		{ { 0, 10 }, 0 }, { { 20, 30 }, 0 }, { { 50, UINT64_MAX }, 0 },
		{ { 0, 11 }, 1 }, { { 12, 17 }, 5 }, { { 10, 20 }, 10 },
		{ { 19, 31 }, 2 }, { { 0, UINT64_MAX }, 30 },
	};
	size_t i;

	assert_int_equal(pfn_ranges_within(&set, &cases[0].range), 0);
	pfn_ranges_add(&set, 10, 20);
	pfn_ranges_add(&set, 30, 50);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(pfn_ranges_within(&set, &cases[i].range), cases[i].pages);
	pfn_ranges_free(&set);
}

static void intersect(void **state)
{
	struct pfn_ranges a = {}, b = {}, none = {}, ab = {}, ba = {};

	pfn_ranges_add(&a, 0, 10);
	pfn_ranges_add(&a, 20, 30);
	pfn_ranges_add(&a, 40, 50);
	pfn_ranges_add(&a, 60, 70);
	pfn_ranges_add(&b, 5, 25);	/* parts of two */
	pfn_ranges_add(&b, 42, 43);	/* inside of one */
	pfn_ranges_add(&b, 45, 60);	/* up to the next */
	pfn_ranges_add(&b, 70, 80);	/* only touches */
	pfn_ranges_intersect(&a, &b, &ab);
	ASSERT_RANGES(&ab, { 5, 10 }, { 20, 25 }, { 42, 43 }, { 45, 50 });
	pfn_ranges_intersect(&b, &a, &ba);
	assert_ranges(&ba, ab.r, ab.nr);
	pfn_ranges_free(&ba);
	pfn_ranges_intersect(&a, &a, &ba);
	assert_ranges(&ba, a.r, a.nr);
	pfn_ranges_intersect(&a, &none, &none);
	assert_int_equal(none.nr, 0);
	pfn_ranges_free(&a);
	pfn_ranges_free(&b);
	pfn_ranges_free(&ab);
	pfn_ranges_free(&ba);
}

/* --- memory blocks ---------------------------------------------------------------------------- */

static void put(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (!text) {
		assert_int_equal(mkdir(path, 0700), 0);
		return;
	}
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void put_block(int nr, const char *state, const char *zones)
{
	char name[64];

	snprintf(name, sizeof(name), "memory%d", nr);
	put(name, NULL);
	if (state) {
		snprintf(name, sizeof(name), "memory%d/state", nr);
		put(name, state);
	}
	if (zones) {
		snprintf(name, sizeof(name), "memory%d/valid_zones", nr);
		put(name, zones);
	}
}

static int setup_dir(void **state)
{
	strcpy(dir, "/tmp/test_ranges.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown_dir(void **state)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

static void blocks(void **state)
{
	struct mem_block *b;
	uint64_t size;
	size_t nr;

	put("block_size_bytes", "8000000\n");
	put("auto_online_blocks", "online\n");
	put("soft_offline_page", "");
	put("memory_x", NULL);
	put("memoryless", NULL);
	put_block(10, "online\n", "Movable\n");
	put_block(9, "online\n", "Normal\n");
	put_block(0, "online\n", "none\n");
	put_block(33, "offline\n", "Movable Normal\n");
	put_block(34, "going-offline\n", "Movable\n");
	put_block(35, NULL, NULL);
	assert_int_equal(mem_blocks_read(dir, &b, &nr, &size), 0);
	assert_int_equal(size, 128 << 20);
	assert_int_equal(nr, 6);
	assert_int_equal(b[0].nr, 0);
	assert_true(b[0].online);
	assert_int_equal(b[1].nr, 9);
	assert_true(b[1].online);
	assert_int_equal(b[2].nr, 10);
	assert_true(b[2].online);
	/* Not online: not to be touched. */
	assert_int_equal(b[3].nr, 33);
	assert_false(b[3].online);
	assert_true(!b[4].online && !b[5].online);
	free(b);

	assert_true(mem_block_is_movable(dir, 10));
	assert_false(mem_block_is_movable(dir, 9));
	assert_false(mem_block_is_movable(dir, 0));
	assert_false(mem_block_is_movable(dir, 35));
}

static void blocks_missing(void **state)
{
	struct mem_block *b;
	uint64_t size;
	size_t nr;

	assert_int_equal(mem_blocks_read("/nonexistent", &b, &nr, &size), -ENOENT);
	assert_int_equal(mem_blocks_read(dir, &b, &nr, &size), -ENOENT);
	put("block_size_bytes", "0\n");
	assert_int_equal(mem_blocks_read(dir, &b, &nr, &size), -EINVAL);
	put("block_size_bytes", "");
	assert_true(mem_blocks_read(dir, &b, &nr, &size) < 0);
	put("block_size_bytes", "40000000\n");
	assert_int_equal(mem_blocks_read(dir, &b, &nr, &size), 0);
	assert_int_equal(nr, 0);
	assert_int_equal(size, 1 << 30);
	free(b);
}

static void this_machine(void **state)
{
	enum memory_source source;
	struct pfn_ranges r;
	size_t i;

	assert_int_equal(pfn_ranges_memory(&r, &source), 0);
	assert_true(r.nr > 0);
	for (i = 0; i < r.nr; i++) {
		assert_true(r.r[i].start < r.r[i].end);
		assert_true(!i || r.r[i - 1].end <= r.r[i].start);
	}
	/* Half of what sysinfo() knows of is a modest demand: the kernel keeps some for itself. */
	assert_true(pfn_ranges_count(&r) > (uint64_t)sysconf(_SC_PHYS_PAGES) / 2);
	pfn_ranges_free(&r);
}

#define DIR_TEST(t) cmocka_unit_test_setup_teardown(t, setup_dir, teardown_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(iomem_normal),
		cmocka_unit_test(iomem_hidden),
		cmocka_unit_test(iomem_nested),
		cmocka_unit_test(iomem_odd_alignment),
		cmocka_unit_test(iomem_without_ram),
		cmocka_unit_test(zoneinfo_real),
		cmocka_unit_test(zoneinfo_nodes),
		cmocka_unit_test(zoneinfo_without_memory),
		cmocka_unit_test(sort_and_merge),
		cmocka_unit_test(grows),
		cmocka_unit_test(within),
		cmocka_unit_test(intersect),
		DIR_TEST(blocks),
		DIR_TEST(blocks_missing),
		cmocka_unit_test(this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
