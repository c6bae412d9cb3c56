// SPDX-License-Identifier: GPL-2.0
/* Memory of every kind that can be pinned, all of it touched. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/kernel-page-flags.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sim.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define PMD_SIZE	"/sys/kernel/mm/transparent_hugepage/hpage_pmd_size"

const struct mem_words mem_words[NR_MEM_KINDS] = {
	[MEM_NONE] = { "", "none", "" },
	[MEM_ANON] = { "-anon", "anon", "small pages of private memory" },
	[MEM_THP] = { "-thp", "thp", "transparent huge pages" },
	[MEM_PARTIAL_THP] = { "-partial-thp", "thp",
			      "a few small pages inside a transparent huge one" },
	[MEM_MEMFD] = { "-memfd", "shmem", "a memfd" },
	[MEM_HUGETLB] = { "-hugetlb", "hugetlb", "hugetlb pages" },
	[MEM_MEMFD_HUGETLB] = { "-memfd-hugetlb", "hugetlb", "a memfd of hugetlb pages" },
	[MEM_MTHP] = { "-mthp", "thp", "huge pages of 64 KiB" },
	[MEM_BPF_MAP] = { "-bpfmap", "driver", "the pages of a BPF map, which is no page cache" },
	[MEM_FILE] = { "-file", "file", "a file on disk, in --dir" },
};

size_t page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

static size_t unit_of(enum mem_kind kind)
{
	long v;

	switch (kind) {
	case MEM_THP:
	case MEM_PARTIAL_THP:
		v = file_number(PMD_SIZE);
		if (v <= 0)
			cannot("transparent huge pages: no %s", PMD_SIZE);
		return v;
	case MEM_HUGETLB:
	case MEM_MEMFD_HUGETLB:
		v = meminfo("Hugepagesize");
		if (v <= 0)
			cannot("hugetlb pages: none in /proc/meminfo");
		return v * KIB;
	case MEM_MTHP:
		return mthp_unit();
	default:
		return page_size();
	}
}

static size_t round_up(size_t n, size_t unit)
{
	return (n + unit - 1) / unit * unit;
}

/* Unless told otherwise. */
static size_t pages(const struct sim *s)
{
	if (KINDS_HUGE & 1U << s->sc.mem)
		return 7;
	if (s->sc.mem == MEM_MTHP)
		return 13;
	return s->sc.mem == MEM_PARTIAL_THP ? 3 : s->sc.sub->pages;
}

/* --pages counts what the scenario is about; inside one huge page that is its small pages. */
static void decide_size(struct sim *s)
{
	struct mem *m = &s->mem;
	size_t unit, limit = s->sc.sub->limit * page_size();

	m->kind = s->sc.mem;
	m->unit = unit_of(m->kind);
	unit = m->kind == MEM_PARTIAL_THP ? page_size() : m->unit;
	m->len = s->o.size ? round_up(s->o.size, unit) : (s->o.pages ?: pages(s)) * unit;
	if (limit && m->len > limit)
		m->len = limit;
	m->map_len = round_up(m->len, m->unit);
}

/* --reserve-hugepages, all that changes the system. By the first process, which undoes it. */
void mem_reserve(struct sim *s)
{
	if (!s->o.reserve)
		return;
	decide_size(s);
	hugepages_reserve(s, s->mem.map_len / s->mem.unit);
}

static void *map(size_t len, int flags, int fd)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED && errno == ENOMEM)
		cannot("a mapping of %zu bytes: %s", len, strerror(errno));
	if (p == MAP_FAILED)
		fail("mmap of %zu bytes: %s", len, strerror(errno));
	return p;
}

static void map_anon(struct mem *m)
{
	m->map = map(m->map_len, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	madvise(m->map, m->map_len, MADV_NOHUGEPAGE);	/* EINVAL where there are no huge pages */
}

/* Aligned by hand; what is left on both sides goes back. */
static void map_aligned(struct mem *m)
{
	char *p = map(m->map_len + m->unit, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	size_t head = -(uintptr_t)p & (m->unit - 1);

	if (head)
		munmap(p, head);
	m->map = p + head;
	munmap(p + head + m->map_len, m->unit - head);
}

static void map_thp(struct mem *m)
{
	map_aligned(m);
	if (madvise(m->map, m->map_len, MADV_HUGEPAGE))
		cannot("transparent huge pages: madvise: %s", strerror(errno));
}

static void map_memfd(struct sim *s, unsigned int flags)
{
	struct mem *m = &s->mem;

	m->fd = memfd_create(s->o.name, MFD_CLOEXEC | MFD_ALLOW_SEALING | flags);
	if (m->fd < 0)
		cannot("memfd_create: %s", strerror(errno));
	if (ftruncate(m->fd, m->map_len))
		cannot("a memfd of %zu bytes: %s", m->map_len, strerror(errno));
	m->map = map(m->map_len, MAP_SHARED, m->fd);
}

/* Not O_TMPFILE, which fat does not know. The caller shall unlink it. */
int mem_new_file(const char *dir, char path[PATH_MAX])
{
	int fd;

	snprintf(path, PATH_MAX, "%s/pinsim.XXXXXX", dir);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		cannot("a file in %s: %s", dir, strerror(errno));
	return fd;
}

/* Of a filesystem with blocks of its own: tmpfs would be a memfd by another name. */
static void map_file(struct sim *s)
{
	struct mem *m = &s->mem;
	char path[PATH_MAX];
	struct statfs fs;

	m->fd = mem_new_file(s->o.dir, path);
	unlink(path);
	if (fstatfs(m->fd, &fs))
		fail("%s: %s", s->o.dir, strerror(errno));
	if (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC)
		cannot("memory of a file: %s has no disk behind it (--dir)", s->o.dir);
	if (posix_fallocate(m->fd, 0, m->map_len))
		cannot("a file of %zu bytes in %s", m->map_len, s->o.dir);
	m->map = map(m->map_len, MAP_SHARED, m->fd);
}

/* Pages that the kernel has for itself and maps for others, as drivers do: small ones of vmalloc(). */
static void map_bpf(struct mem *m)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = m->map_len,
		.max_entries = 1, .map_flags = BPF_F_MMAPABLE,
	};

	m->fd = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	if (m->fd < 0)
		cannot("a BPF map of %zu bytes: %s", m->map_len, strerror(errno));
	m->map = map(m->map_len, MAP_SHARED, m->fd);
}

/* Written, not read: what was never written may be the zero page, which is never pinned. */
static void write_all(const struct mem *m)
{
	char *p = m->map;
	size_t i;

	for (i = 0; i < m->map_len; i += page_size())
		p[i] = 1 + i / page_size() % 251;
}

/* For those who were forked: a shared file's pages are not in a child's page table yet. */
void mem_touch(const struct sim *s)
{
	volatile const char *p = s->mem.addr;
	size_t i;

	for (i = 0; i < s->mem.len; i += page_size())
		(void)p[i];
}

void mem_get(struct sim *s)
{
	struct mem *m = &s->mem;

	decide_size(s);
	switch (m->kind) {
	case MEM_NONE:
	case MEM_ANON:
		map_anon(m);
		break;
	case MEM_THP:
	case MEM_PARTIAL_THP:
		map_thp(m);
		break;
	case MEM_MTHP:
		map_aligned(m);
		mthp_fill(m);
		break;
	case MEM_MEMFD:
		map_memfd(s, 0);
		break;
	case MEM_HUGETLB:
		hugepages_want(m->map_len / m->unit);
		m->map = map(m->map_len, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1);
		break;
	case MEM_MEMFD_HUGETLB:
		hugepages_want(m->map_len / m->unit);
		map_memfd(s, MFD_HUGETLB);
		break;
	case MEM_FILE:
		map_file(s);
		break;
	case MEM_BPF_MAP:
		map_bpf(m);
		break;
	case NR_MEM_KINDS:
		break;
	}
	write_all(m);
	/* Those that were not huge at once. */
	if (m->kind == MEM_THP || m->kind == MEM_PARTIAL_THP)
		madvise(m->map, m->map_len, MADV_COLLAPSE);
	/* Not at its start: the few pages of a partial pin are tails. */
	m->addr = m->map;
	if (m->kind == MEM_PARTIAL_THP && m->map_len - m->len >= 7 * page_size())
		m->addr += 7 * page_size();
}

/* The page sizes are what the scenario says, or it is another scenario. */
void mem_check(const struct sim *s, const struct layout *l)
{
	const struct mem *m = &s->mem;
	bool thp = m->kind == MEM_THP || m->kind == MEM_PARTIAL_THP;

	if (!l->known) {
		note(s, "no PFNs (needs root): bytes held are not known");
		return;
	}
	if (thp && (l->folio_bytes != m->unit || !(l->flags_all & 1ULL << KPF_THP)))
		cannot("%zu bytes as transparent huge pages: got %llu folios, %llu bytes",
		       m->map_len, (unsigned long long)l->folios, (unsigned long long)l->bytes);
	if (m->kind == MEM_MTHP && l->folio_bytes != m->unit)
		cannot("%zu bytes in huge pages of %zu: got %llu folios, %llu bytes", m->map_len,
		       m->unit, (unsigned long long)l->folios, (unsigned long long)l->bytes);
	if (m->kind == MEM_ANON && l->folio_bytes != m->unit)
		fail("asked for small pages, got %llu folios of %llu bytes",
		     (unsigned long long)l->folios, (unsigned long long)l->bytes);
	if ((m->kind == MEM_MEMFD || m->kind == MEM_FILE) && l->folio_bytes != m->unit)
		note(s, "this kernel gives files large folios: %llu folios of %llu bytes",
		     (unsigned long long)l->folios, (unsigned long long)l->bytes);
}

void mem_unmap(struct sim *s)
{
	if (s->mem.map && munmap(s->mem.map, s->mem.map_len))
		fail("munmap: %s", strerror(errno));
	s->mem.map = NULL;
}

void mem_close(struct sim *s)
{
	if (s->mem.fd >= 0)
		close(s->mem.fd);
	s->mem.fd = -1;
}
