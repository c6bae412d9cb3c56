// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ranges.h"
#include "vec.h"

void pfn_ranges_add(struct pfn_ranges *set, uint64_t start, uint64_t end)
{
	if (start < end)
		*vec_push(set->r, set->nr, set->cap) = (struct pfn_range){ start, end };
}

static int by_start(const void *a, const void *b)
{
	const struct pfn_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

void pfn_ranges_sort(struct pfn_ranges *set)
{
	size_t i, n = 0;

	if (!set->nr)
		return;
	qsort(set->r, set->nr, sizeof(*set->r), by_start);
	for (i = 1; i < set->nr; i++) {
		if (set->r[i].start > set->r[n].end)
			set->r[++n] = set->r[i];
		else if (set->r[i].end > set->r[n].end)
			set->r[n].end = set->r[i].end;
	}
	set->nr = n + 1;
}

void pfn_ranges_free(struct pfn_ranges *set)
{
	free(set->r);
	memset(set, 0, sizeof(*set));
}

uint64_t pfn_ranges_count(const struct pfn_ranges *set)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < set->nr; i++)
		sum += set->r[i].end - set->r[i].start;
	return sum;
}

uint64_t pfn_ranges_within(const struct pfn_ranges *set, const struct pfn_range *range)
{
	uint64_t sum = 0, start, end;
	size_t i;

	for (i = 0; i < set->nr; i++) {
		start = set->r[i].start > range->start ? set->r[i].start : range->start;
		end = set->r[i].end < range->end ? set->r[i].end : range->end;
		sum += start < end ? end - start : 0;
	}
	return sum;
}

void pfn_ranges_intersect(const struct pfn_ranges *a, const struct pfn_ranges *b,
			  struct pfn_ranges *out)
{
	size_t i = 0, j = 0;

	while (i < a->nr && j < b->nr) {
		const struct pfn_range *x = &a->r[i], *y = &b->r[j];

		pfn_ranges_add(out, x->start > y->start ? x->start : y->start,
			       x->end < y->end ? x->end : y->end);
		if (x->end < y->end)
			i++;
		else
			j++;
	}
}

int pfn_ranges_iomem(FILE *f, unsigned int page_size, struct pfn_ranges *out)
{
	unsigned long long first, last;
	bool hidden = false;
	char line[256];
	int name;

	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, " %llx-%llx : %n", &first, &last, &name) != 2 ||
		    strncmp(line + name, "System RAM", 10))
			continue;
		if (!last)
			hidden = true;
		else
			pfn_ranges_add(out, (first + page_size - 1) / page_size,
				       (last + 1) / page_size);
	}
	pfn_ranges_sort(out);
	return hidden && !out->nr ? -EPERM : out->nr ? 0 : -EINVAL;
}

int pfn_ranges_zoneinfo(FILE *f, struct pfn_ranges *out)
{
	unsigned long long spanned = 0, v;
	char line[256];

	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "Node ", 5))
			spanned = 0;
		else if (sscanf(line, " spanned %llu", &v) == 1)
			spanned = v;
		else if (sscanf(line, " start_pfn: %llu", &v) == 1)
			pfn_ranges_add(out, v, v + spanned);
	}
	pfn_ranges_sort(out);
	return out->nr ? 0 : -EINVAL;
}

static int read_word(const char *dir, const char *name, char *buf, size_t size)
{
	char path[512];
	FILE *f;
	int err = 0;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	if (!fgets(buf, size, f))
		err = -EIO;
	fclose(f);
	buf[err ? 0 : strcspn(buf, "\n")] = '\0';
	return err;
}

static int by_nr(const void *a, const void *b)
{
	const struct mem_block *x = a, *y = b;

	return x->nr < y->nr ? -1 : x->nr > y->nr;
}

int mem_blocks_read(const char *dir, struct mem_block **blocks, size_t *nr, uint64_t *block_size)
{
	char word[64], sub[300];
	struct dirent *de;
	size_t cap = 0;
	int err;
	DIR *d;

	*blocks = NULL;
	*nr = 0;
	err = read_word(dir, "block_size_bytes", word, sizeof(word));
	if (err)
		return err;
	*block_size = strtoull(word, NULL, 16);
	if (!*block_size)
		return -EINVAL;
	d = opendir(dir);
	if (!d)
		return -errno;
	while ((de = readdir(d))) {
		struct mem_block *b;

		if (strncmp(de->d_name, "memory", 6) || !isdigit((unsigned char)de->d_name[6]))
			continue;
		b = vec_push(*blocks, *nr, cap);
		memset(b, 0, sizeof(*b));
		b->nr = strtoull(de->d_name + 6, NULL, 10);
		snprintf(sub, sizeof(sub), "%s/state", de->d_name);
		b->online = !read_word(dir, sub, word, sizeof(word)) && !strcmp(word, "online");
	}
	closedir(d);
	if (*nr)
		qsort(*blocks, *nr, sizeof(**blocks), by_nr);
	return 0;
}

bool mem_block_is_movable(const char *dir, uint64_t nr)
{
	char name[64], word[64];

	snprintf(name, sizeof(name), "memory%llu/valid_zones", (unsigned long long)nr);
	return !read_word(dir, name, word, sizeof(word)) && !strcmp(word, "Movable");
}

static int online_blocks(struct pfn_ranges *out, unsigned int page_size)
{
	struct mem_block *blocks;
	uint64_t size;
	size_t i, nr;
	int err = mem_blocks_read(MEMORY_DIR, &blocks, &nr, &size);

	if (err)
		return err;
	for (i = 0; i < nr; i++)
		if (blocks[i].online)
			pfn_ranges_add(out, blocks[i].nr * (size / page_size),
				       (blocks[i].nr + 1) * (size / page_size));
	free(blocks);
	pfn_ranges_sort(out);
	return 0;
}

static int from_file(const char *path, int (*parse)(FILE *, struct pfn_ranges *),
		     struct pfn_ranges *out)
{
	FILE *f = fopen(path, "re");
	int err;

	if (!f)
		return -errno;
	err = parse(f, out);
	fclose(f);
	return err;
}

static int parse_iomem(FILE *f, struct pfn_ranges *out)
{
	return pfn_ranges_iomem(f, sysconf(_SC_PAGESIZE), out);
}

int pfn_ranges_memory(struct pfn_ranges *out, enum memory_source *source)
{
	struct pfn_ranges ram = {}, online = {};
	int err = from_file("/proc/iomem", parse_iomem, &ram);

	memset(out, 0, sizeof(*out));
	*source = MEMORY_IOMEM;
	if (err) {
		*source = err == -EPERM ? MEMORY_HIDDEN : MEMORY_NO_IOMEM;
		err = from_file("/proc/zoneinfo", pfn_ranges_zoneinfo, &ram);
	}
	if (err)
		return err;
	if (online_blocks(&online, sysconf(_SC_PAGESIZE))) {
		*out = ram;
		return 0;
	}
	pfn_ranges_intersect(&ram, &online, out);
	pfn_ranges_free(&ram);
	pfn_ranges_free(&online);
	return out->nr ? 0 : -ENODATA;
}
