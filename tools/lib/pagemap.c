// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pagemap.h"
#include "vec.h"

/* PAGEMAP_SCAN: 52526ca7fdb9 (v6.7), include/uapi/linux/fs.h. Older headers lack it. */
struct pm_region {
	uint64_t start, end, categories;
};

struct pm_scan {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define PM_SCAN_IOCTL _IOWR('f', 16, struct pm_scan)
#define PM_PAGE_IS_PRESENT (1ULL << 3)

/* From this size on it pays to ask first where the pages are. */
#define SPARSE_BYTES (4ULL << 20)
/* What cannot be asked is read plainly up to here, 8 bytes a page. */
#define LARGE_BYTES (1ULL << 30)
#define TOO_LARGE_BYTES (1ULL << 40)
#define ENTRIES 8192
#define REGIONS 256

/*
 * A newline in a name stands as "\012" there (fs/seq_file.c: mangle_path()),
 * so that lines remain lines; the name itself does not.
 */
static void put_newlines_back(char *name)
{
	char *at = name;

	while ((at = strstr(at, "\\012"))) {
		*at++ = '\n';
		memmove(at, at + 3, strlen(at + 3) + 1);
	}
}

int vmas_parse(FILE *f, struct vma **vmas, size_t *nr)
{
	size_t cap = 0, line_cap = 0;
	char *line = NULL;
	int err = 0;

	*vmas = NULL;
	*nr = 0;
	while (getline(&line, &line_cap, f) > 0) {
		unsigned long long start, end, offset, ino;
		unsigned int major, minor;
		struct vma *vma;
		char perms[5];
		int name = 0;

		if (sscanf(line, "%llx-%llx %4s %llx %x:%x %llu %n", &start, &end, perms,
			   &offset, &major, &minor, &ino, &name) != 7 || !name || start >= end) {
			err = -EINVAL;
			break;
		}
		line[strcspn(line, "\n")] = '\0';
		vma = vec_push(*vmas, *nr, cap);
		*vma = (struct vma){ .start = start, .end = end, .offset = offset, .ino = ino,
				     .dev = major << 20 | minor, .name = xstrdup(line + name) };
		put_newlines_back(vma->name);
		memcpy(vma->perms, perms, sizeof(perms));
	}
	free(line);
	return err;
}

void vmas_free(struct vma *vmas, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		free(vmas[i].name);
	free(vmas);
}

void vmas_parse_smaps(FILE *f, struct vma *vmas, size_t nr)
{
	unsigned long long start, end, kb;
	struct vma *vma = NULL;
	char line[512], name[32];
	size_t i = 0;

	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx-%llx %*4[rwxps-] ", &start, &end) == 2) {
			/* Both files are in order; between reading them VMAs come and go. */
			while (i < nr && vmas[i].start < start)
				i++;
			vma = i < nr && vmas[i].start == start && vmas[i].end == end ? &vmas[i] :
										       NULL;
			if (vma)
				vma->empty = true;
		} else if (vma && sscanf(line, "%31[A-Za-z_]: %llu kB", name, &kb) == 2 && kb &&
			   (!strcmp(name, "Rss") || strstr(name, "_Hugetlb"))) {
			vma->empty = false;
		}
	}
}

/* For kernels that cannot say where pages are: at least leave out VMAs that have none. */
static void look_for_empty(struct proc_mem *pm, pid_t tid)
{
	bool large = false;
	char path[64];
	size_t i;
	FILE *f;

	for (i = 0; i < pm->nr && !large; i++)
		large = pm->vmas[i].end - pm->vmas[i].start >= LARGE_BYTES;
	if (!large)
		return;
	snprintf(path, sizeof(path), "/proc/%d/smaps", tid);
	f = fopen(path, "re");
	if (!f)
		return;
	vmas_parse_smaps(f, pm->vmas, pm->nr);
	fclose(f);
}

char *vma_label(const struct vma *vma)
{
	static const char deleted[] = " (deleted)";
	const char *name = vma->name;
	size_t len = strlen(name);

	if (!len)
		return xstrdup("[anon]");
	if (len > strlen(deleted) && !strcmp(name + len - strlen(deleted), deleted)) {
		len -= strlen(deleted);
		if (!strncmp(name, "/memfd:", 7))
			return xasprintf("%.*s", (int)len - 1, name + 1);
		/* What the kernel calls MAP_SHARED | MAP_ANONYMOUS and MAP_HUGETLB memory. */
		if (len == 9 && !strncmp(name, "/dev/zero", len))
			return xstrdup("[anon shared]");
		if (len == 14 && !strncmp(name, "/anon_hugepage", len))
			return xstrdup("[anon hugetlb]");
	}
	return xstrdup(name);
}

/* A kernel without PAGEMAP_SCAN answers -ENOTTY; one with it, at most one region of nothing. */
static bool try_scan(int fd)
{
	struct pm_scan arg = { .size = sizeof(arg), .category_mask = PM_PAGE_IS_PRESENT,
			       .return_mask = PM_PAGE_IS_PRESENT };

	return ioctl(fd, PM_SCAN_IOCTL, &arg) >= 0;
}

int proc_mem_open(struct proc_mem *pm, pid_t tid)
{
	char path[64];
	FILE *maps;
	int err;

	memset(pm, 0, sizeof(*pm));
	snprintf(path, sizeof(path), "/proc/%d/pagemap", tid);
	pm->pagemap = open(path, O_RDONLY | O_CLOEXEC);
	if (pm->pagemap < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/%d/maps", tid);
	maps = fopen(path, "re");
	err = maps ? vmas_parse(maps, &pm->vmas, &pm->nr) : -errno;
	if (maps)
		fclose(maps);
	if (!err && !pm->nr)
		err = -ESRCH;	/* has given up its memory, is about to be gone */
	if (err)
		proc_mem_close(pm);
	else
		pm->can_scan = try_scan(pm->pagemap);
	if (!err && !pm->can_scan)
		look_for_empty(pm, tid);
	return err;
}

void proc_mem_close(struct proc_mem *pm)
{
	if (pm->pagemap >= 0)
		close(pm->pagemap);
	vmas_free(pm->vmas, pm->nr);
	memset(pm, 0, sizeof(*pm));
	pm->pagemap = -1;
}

static int walk_range(int fd, uint64_t start, uint64_t end,
		      void (*seen)(void *, uint64_t, const uint64_t *, size_t), void *arg)
{
	static const size_t entry = sizeof(uint64_t);
	uint64_t entries[ENTRIES], page = sysconf(_SC_PAGESIZE);

	while (start < end) {
		uint64_t want = (end - start) / page;
		ssize_t n = pread(fd, entries, (want < ENTRIES ? want : ENTRIES) * entry,
				  start / page * entry);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n < (ssize_t)entry)
			return 0;	/* the address space is gone or ends here (vsyscall) */
		seen(arg, start, entries, n / entry);
		start += n / entry * page;
	}
	return 0;
}

int proc_mem_walk(struct proc_mem *pm, const struct vma *vma,
		  void (*seen)(void *, uint64_t, const uint64_t *, size_t), void *arg)
{
	struct pm_region regions[REGIONS];
	struct pm_scan scan = {
		.size = sizeof(scan),
		.start = vma->start,
		.end = vma->end,
		.vec = (uintptr_t)regions,
		.vec_len = REGIONS,
		.category_mask = PM_PAGE_IS_PRESENT,
		.return_mask = PM_PAGE_IS_PRESENT,
	};

	if (vma->empty)
		return 0;
	if (!pm->can_scan && vma->end - vma->start > TOO_LARGE_BYTES)
		return -EFBIG;
	if (!pm->can_scan || vma->end - vma->start < SPARSE_BYTES)
		return walk_range(pm->pagemap, vma->start, vma->end, seen, arg);

	while (scan.start < scan.end) {
		int i, n = ioctl(pm->pagemap, PM_SCAN_IOCTL, &scan), err;

		if (n < 0 && errno == EINTR)
			continue;
		/* An address space that has changed meanwhile: read what is left plainly. */
		if (n < 0)
			return walk_range(pm->pagemap, scan.start, scan.end, seen, arg);
		for (i = 0; i < n; i++) {
			err = walk_range(pm->pagemap, regions[i].start, regions[i].end, seen, arg);
			if (err)
				return err;
		}
		if (scan.walk_end <= scan.start)
			break;
		scan.start = scan.walk_end;
	}
	return 0;
}
