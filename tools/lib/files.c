// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "vec.h"

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The address spaces of all runs, each once, in order. Returns how many. */
static size_t list_mappings(const struct snapshot *snap, uint64_t **mappings)
{
	uint64_t *m = NULL, last = 0;
	size_t i, n = 0, distinct = 0, cap = 0;

	for (i = 0; i < snap->nr_runs; i++) {
		/* Neighbours mostly are of one file. */
		if (!snap->runs[i].mapping || snap->runs[i].mapping == last)
			continue;
		last = snap->runs[i].mapping;
		*vec_push(m, n, cap) = last;
	}
	if (n)
		qsort(m, n, sizeof(*m), by_value);
	for (i = 0; i < n; i++)
		if (!i || m[i] != m[i - 1])
			m[distinct++] = m[i];
	*mappings = m;
	return distinct;
}

void files_find(struct snapshot *snap)
{
	uint64_t *mappings;
	size_t i, nr = list_mappings(snap, &mappings);

	snap->files = xcalloc(nr, sizeof(*snap->files));
	for (i = 0; i < nr; i++) {
		struct snap_file *f = &snap->files[snap->nr_files];

		f->mapping = mappings[i];
		if (scanner__file(snap->scanner, mappings[i], &f->file))
			snap->nr_files++;
		else
			snap->files_lost++;
	}
	free(mappings);
}

static int by_mapping(const void *a, const void *b)
{
	const struct snap_file *x = a, *y = b;

	return x->mapping < y->mapping ? -1 : x->mapping > y->mapping;
}

static struct snap_file *find(const struct snapshot *snap, uint64_t mapping)
{
	struct snap_file key = { .mapping = mapping };

	if (!mapping || !snap->nr_files)
		return NULL;
	return bsearch(&key, snap->files, snap->nr_files, sizeof(key), by_mapping);
}

const struct pin_file *snapshot__file(const struct snapshot *snap, uint64_t mapping)
{
	const struct snap_file *f = find(snap, mapping);

	return f ? &f->file : NULL;
}

const char *snapshot__file_name(const struct snapshot *snap, uint64_t mapping)
{
	const struct snap_file *f = find(snap, mapping);

	return !f ? NULL : f->path ? f->path : f->file.name;
}

static int by_inode(const void *a, const void *b)
{
	const struct snap_vma *x = *(const struct snap_vma *const *)a,
			      *y = *(const struct snap_vma *const *)b;

	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	return x->dev < y->dev ? -1 : x->dev > y->dev;
}

/* The kernel's names for files without a path ("memfd:x") say no more than the file itself. */
static const struct snap_vma **vmas_with_path(const struct snapshot *snap, size_t *nr)
{
	const struct snap_vma **vmas = NULL;
	size_t i, k, cap = 0;

	*nr = 0;
	for (i = 0; i < snap->nr_procs; i++)
		for (k = 0; k < snap->procs[i].nr_vmas; k++)
			if (snap->procs[i].vmas[k].ino && snap->procs[i].vmas[k].name[0] == '/')
				*vec_push(vmas, *nr, cap) = &snap->procs[i].vmas[k];
	if (*nr)
		qsort(vmas, *nr, sizeof(*vmas), by_inode);
	return vmas;
}

void files_find_paths(struct snapshot *snap)
{
	const struct snap_vma **vmas, **vma;
	size_t i, nr;

	vmas = vmas_with_path(snap, &nr);
	for (i = 0; i < snap->nr_files && nr; i++) {
		const struct pin_file *file = &snap->files[i].file;
		struct snap_vma probe = { .ino = file->ino, .dev = file->dev }, *key = &probe;

		vma = bsearch(&key, vmas, nr, sizeof(*vmas), by_inode);
		if (vma)
			snap->files[i].path = (*vma)->name;
	}
	free(vmas);
}
