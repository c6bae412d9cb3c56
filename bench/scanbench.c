// SPDX-License-Identifier: GPL-2.0
/*
 * The scan beside what one would read instead: /proc/kpageflags and
 * /proc/kpagecount over the same page frames, in one run. Memory of each kind
 * is made here, and only memory that is populated by it is measured.
 *
 * Prints one JSON object; bench/run.sh makes the table of it.
 */
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "scan.h"
#include "vec.h"

#define ROUNDS 7
#define LARGEST (128ULL << 20)	/* memory is measured in pieces that are populated by 9/10 */
#define SMALLEST (2ULL << 20)

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Page frames of @p..@p + @size, sorted. */
static uint64_t *frames(const char *p, size_t size, size_t *nr)
{
	size_t page = sysconf(_SC_PAGESIZE), i, n = 0;
	uint64_t *pfns = xcalloc(size / page, sizeof(*pfns));
	int fd = open("/proc/self/pagemap", O_RDONLY);

	if (fd < 0 || pread(fd, pfns, size / page * 8, (uintptr_t)p / page * 8) < 0)
		die(EXIT_USAGE, "cannot read pagemap: run as root");
	close(fd);
	for (i = 0; i < size / page; i++)
		if (pfns[i] >> 63)
			pfns[n++] = pfns[i] & ((1ULL << 55) - 1);
	qsort(pfns, n, sizeof(*pfns), ascending);
	*nr = n;
	return pfns;
}

/* The pieces of @chunk bytes of physical memory that @p fills by nine tenths. */
static struct pfn_ranges pieces(const char *p, size_t size, uint64_t chunk)
{
	uint64_t per = chunk / sysconf(_SC_PAGESIZE), *pfns;
	struct pfn_ranges ranges = {};
	size_t nr, i, k;

	pfns = frames(p, size, &nr);
	for (i = 0; i < nr; i = k) {
		for (k = i; k < nr && pfns[k] / per == pfns[i] / per; k++)
			;
		if ((k - i) * 10 >= per * 9)
			pfn_ranges_add(&ranges, pfns[i] / per * per, (pfns[i] / per + 1) * per);
	}
	free(pfns);
	pfn_ranges_sort(&ranges);
	return ranges;
}

/* The largest pieces that there are: a range of its own costs a system call. */
static struct pfn_ranges populated(const char *p, size_t size)
{
	struct pfn_ranges ranges = {};
	uint64_t chunk;

	for (chunk = LARGEST; chunk >= SMALLEST && !ranges.nr; chunk /= 2)
		ranges = pieces(p, size, chunk);
	if (!ranges.nr)
		die(EXIT_USAGE, "memory is too fragmented to measure");
	return ranges;
}

/* Seconds to read /proc/@name over @ranges. */
static double read_proc(const char *name, const struct pfn_ranges *ranges)
{
	static uint64_t buf[1 << 16];
	double start = now();
	int fd = open(name, O_RDONLY);
	size_t i;

	if (fd < 0)
		die(EXIT_USAGE, "cannot open %s: run as root", name);
	for (i = 0; i < ranges->nr; i++) {
		uint64_t at = ranges->r[i].start, want;
		ssize_t n;

		for (; at < ranges->r[i].end; at += n / 8) {
			want = ranges->r[i].end - at;
			n = pread(fd, buf, (want < 1 << 16 ? want : 1 << 16) * 8, at * 8);
			if (n < 8)
				break;
		}
	}
	close(fd);
	return now() - start;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *v)
{
	qsort(v, ROUNDS, sizeof(*v), by_value);
	return v[ROUNDS / 2];
}

static json_t *measure(const char *what, struct scanner *one, struct scanner *two,
		       const struct pfn_ranges *ranges)
{
	double scan[ROUNDS], scan2[ROUNDS], flags[ROUNDS], counts[ROUNDS], longest = 0;
	uint64_t pages = pfn_ranges_count(ranges);
	struct scan_result res;
	struct fail fail;
	json_t *o = json_object();
	int i;

	for (i = 0; i < ROUNDS; i++) {
		flags[i] = read_proc("/proc/kpageflags", ranges);
		counts[i] = read_proc("/proc/kpagecount", ranges);
		if (scanner__run(two, ranges, false, &res, &fail))
			die(fail.code, "%s", fail.msg);
		scan2[i] = res.counts.ns / 1e9;
		scan_result_free(&res);
		if (scanner__run(one, ranges, false, &res, &fail))
			die(fail.code, "%s", fail.msg);
		scan[i] = res.counts.ns / 1e9;
		if (res.counts.longest_run_ns / 1e3 > longest)
			longest = res.counts.longest_run_ns / 1e3;
		if (i == ROUNDS - 1) {
			json_object_set_new(o, "folios", json_integer(res.counts.folios));
			json_object_set_new(o, "struct_pages_read", json_integer(res.counts.pages));
			json_object_set_new(o, "pinned_runs", json_integer(res.nr));
		}
		scan_result_free(&res);
	}
	json_object_set_new(o, "memory", json_string(what));
	json_object_set_new(o, "pages", json_integer(pages));
	json_object_set_new(o, "scan_ns_per_page", json_real(median(scan) * 1e9 / pages));
	json_object_set_new(o, "scan_2_threads_ns_per_page", json_real(median(scan2) * 1e9 / pages));
	json_object_set_new(o, "kpageflags_ns_per_page", json_real(median(flags) * 1e9 / pages));
	json_object_set_new(o, "kpagecount_ns_per_page", json_real(median(counts) * 1e9 / pages));
	json_object_set_new(o, "kpageflags_over_scan", json_real(median(flags) / median(scan)));
	json_object_set_new(o, "longest_run_us", json_real(longest));
	return o;
}

static char *fill(size_t size, int advice, int fd)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		die(EXIT_USAGE, "cannot map %zu bytes", size);
	madvise(p, size, advice);
	memset(p, 1, size);
	return p;
}

int main(int argc, char **argv)
{
	size_t size = (argc > 1 ? atoi(argv[1]) : 2048) * (1UL << 20);
	struct scan_opts opts = { .threads = 1 }, opts2 = { .threads = 2 };
	struct scanner *one, *two;
	struct pfn_ranges ranges;
	enum memory_source source;
	json_t *list = json_array();
	struct fail fail;
	char *p;
	int fd;

	cli_set_name("scanbench");
	one = scanner__open(&opts, &fail);
	two = one ? scanner__open(&opts2, &fail) : NULL;
	if (!two)
		die(fail.code, "%s", fail.msg);

	p = fill(size, MADV_NOHUGEPAGE, -1);
	ranges = populated(p, size);
	json_array_append_new(list, measure("anonymous, 4 KiB", one, two, &ranges));
	munmap(p, size);
	json_array_append_new(list, measure("the same, freed", one, two, &ranges));
	pfn_ranges_free(&ranges);

	fd = memfd_create("scanbench", 0);
	if (fd < 0 || ftruncate(fd, size))
		die(EXIT_USAGE, "cannot make a memfd");
	p = fill(size, MADV_NOHUGEPAGE, fd);
	ranges = populated(p, size);
	json_array_append_new(list, measure("page cache (memfd), 4 KiB", one, two, &ranges));
	munmap(p, size);
	close(fd);
	pfn_ranges_free(&ranges);

	p = fill(size, MADV_HUGEPAGE, -1);
	ranges = populated(p, size);
	json_array_append_new(list, measure("anonymous, THP", one, two, &ranges));
	munmap(p, size);
	pfn_ranges_free(&ranges);

	if (pfn_ranges_memory(&ranges, &source))
		die(EXIT_USAGE, "cannot find this machine's memory");
	json_array_append_new(list, measure("all of this machine", one, two, &ranges));
	json_dumpf(list, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(4));
	putchar('\n');
	scanner__free(one);
	scanner__free(two);
	finish(0);
}
