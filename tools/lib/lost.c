// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "lost.h"
#include "vec.h"

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

uint64_t lost_files(const struct snapshot *snap)
{
	uint64_t *mappings, lost = 0;
	struct pin_file file;
	size_t i, n = 0;

	if (!snap->scan.files_lost)
		return 0;
	mappings = xcalloc(snap->nr_runs, sizeof(*mappings));
	for (i = 0; i < snap->nr_runs; i++)
		if (snap->runs[i].mapping)
			mappings[n++] = snap->runs[i].mapping;
	qsort(mappings, n, sizeof(*mappings), by_value);
	for (i = 0; i < n; i++)
		if (!i || mappings[i] != mappings[i - 1])
			lost += !scanner__file(snap->scanner, mappings[i], &file);
	free(mappings);
	return lost;
}
