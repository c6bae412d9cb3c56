/* SPDX-License-Identifier: GPL-2.0 */
/* A process's memory as /proc shows it: its VMAs, and the page frames in its page tables. */
#ifndef PINSCOPE_PAGEMAP_H
#define PINSCOPE_PAGEMAP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* A line of /proc/PID/maps (fs/proc/task_mmu.c, show_map_vma()). */
struct vma {
	uint64_t start, end;
	uint64_t offset;	/* in the file */
	char perms[5];
	uint32_t dev;		/* major << 20 | minor */
	uint64_t ino;
	char *name;		/* path or "[stack]"; "" for none */
	bool empty;		/* known to have no page */
};

/* All VMAs, ascending; 0 or -EINVAL at a line that is none. Free with vmas_free(). */
int vmas_parse(FILE *f, struct vma **vmas, size_t *nr);
void vmas_free(struct vma *vmas, size_t nr);

/* Marks those of @vmas that have no page, by the text of /proc/PID/smaps. */
void vmas_parse_smaps(FILE *f, struct vma *vmas, size_t nr);

/* What a VMA is called by people: "memfd:guest-ram", "[anon]", "/usr/lib/x.so". Caller frees. */
char *vma_label(const struct vma *vma);

/* Entry of /proc/PID/pagemap (Documentation/admin-guide/mm/pagemap.rst). */
static inline bool pagemap_present(uint64_t entry)
{
	return entry >> 63;
}

static inline uint64_t pagemap_pfn(uint64_t entry)
{
	return entry & ((1ULL << 55) - 1);
}

/* A process that is being looked at. */
struct proc_mem {
	int pagemap;
	bool can_scan;		/* the kernel has PAGEMAP_SCAN */
	struct vma *vmas;
	size_t nr;
};

/*
 * Opens it through the live thread @tid. 0, or -errno: -ESRCH or -ENOENT when
 * it has exited, -EACCES or -EPERM without the right to look.
 */
int proc_mem_open(struct proc_mem *pm, pid_t tid);
void proc_mem_close(struct proc_mem *pm);

/*
 * Calls @seen for each stretch of page-table entries of @vma: @entries[i] is
 * the page at @addr + i pages. Stretches without a present page may be left
 * out. 0 or -errno; -EFBIG for a VMA of more than a TiB that has pages, on a
 * kernel that cannot tell where: reading it would take minutes.
 */
int proc_mem_walk(struct proc_mem *pm, const struct vma *vma,
		  void (*seen)(void *arg, uint64_t addr, const uint64_t *entries, size_t nr),
		  void *arg);

#endif
