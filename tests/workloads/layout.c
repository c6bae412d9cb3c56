// SPDX-License-Identifier: GPL-2.0
/*
 * Which folios our pages lie in. Through /proc/thread-self: /proc/self is the main thread, which
 * has no memory any more after it exited.
 */
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim.h"

#define PM_PRESENT	(1ULL << 63)
#define PM_PFN		((1ULL << 55) - 1)
#define HEAD		(1ULL << KPF_COMPOUND_HEAD)
#define TAIL		(1ULL << KPF_COMPOUND_TAIL)
#define CHUNK		512

struct folio {
	uint64_t	head, flags;
	uint32_t	nr;
};

static uint64_t flags_at(int fd, uint64_t pfn, uint64_t *buf, size_t n)
{
	ssize_t got = pread(fd, buf, n * 8, pfn * 8);

	return got > 0 ? got / 8 : 0;
}

/* The folio of a PFN: back to its head, then on to its last tail. */
static bool folio_of(int fd, uint64_t pfn, struct folio *f)
{
	uint64_t buf[CHUNK], n, i;

	if (flags_at(fd, pfn, buf, 1) != 1)
		return false;
	while (buf[0] & TAIL && pfn)
		if (flags_at(fd, --pfn, buf, 1) != 1)
			return false;
	f->head = pfn;
	f->flags = buf[0];
	f->nr = 1;
	if (!(f->flags & HEAD))
		return true;
	while ((n = flags_at(fd, f->head + f->nr, buf, CHUNK))) {
		for (i = 0; i < n && buf[i] & TAIL; i++)
			f->nr++;
		if (i < n)
			break;
	}
	return true;
}

static int by_head(const void *a, const void *b)
{
	const struct folio *x = a, *y = b;

	return x->head < y->head ? -1 : x->head > y->head;
}

/* A folio can come up twice when its pages are mapped out of order. */
static void sum(struct layout *l, struct folio *f, size_t n)
{
	size_t i;

	qsort(f, n, sizeof(*f), by_head);
	l->flags_all = ~0ULL;
	for (i = 0; i < n; i++) {
		uint64_t bytes = f[i].nr * (uint64_t)page_size();

		if (i && f[i].head == f[i - 1].head)
			continue;
		l->folio_bytes = !l->folios || l->folio_bytes == bytes ? bytes : 0;
		l->folios++;
		l->bytes += bytes;
		l->flags_all &= f[i].flags;
	}
}

static bool walk(struct layout *l, int kpageflags)
{
	struct folio *all = calloc(l->pages, sizeof(*all)), *f = all;
	bool ok = true;
	size_t i, n = 0;

	if (!all)
		fail("out of memory");
	for (i = 0; i < l->pages && ok; i++) {
		if (!n || l->pfn[i] < f->head || l->pfn[i] >= f->head + f->nr) {
			f = &all[n++];
			ok = folio_of(kpageflags, l->pfn[i], f);
		}
		l->head[i] = f->head;
		l->nr[i] = f->nr;
	}
	if (ok)
		sum(l, all, n);
	free(all);
	return ok;
}

/* Without CAP_SYS_ADMIN pagemap says 0 for each PFN. */
static bool read_pfns(struct layout *l, const void *addr)
{
	int fd = open("/proc/thread-self/pagemap", O_RDONLY | O_CLOEXEC);
	size_t i, done = 0, want = l->pages * 8;
	off_t at = (uintptr_t)addr / page_size() * 8;
	ssize_t n;

	if (fd < 0)
		return false;
	while (done < want && (n = pread(fd, (char *)l->pfn + done, want - done, at + done)) > 0)
		done += n;
	close(fd);
	for (i = 0; i < l->pages && done == want; i++) {
		if (!(l->pfn[i] & PM_PRESENT) || !(l->pfn[i] & PM_PFN))
			return false;
		l->pfn[i] &= PM_PFN;
	}
	return done == want;
}

void layout_read(struct layout *l, const void *addr, size_t len)
{
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);

	memset(l, 0, sizeof(*l));
	l->pages = len / page_size();
	l->pfn = calloc(l->pages, sizeof(*l->pfn));
	l->head = calloc(l->pages, sizeof(*l->head));
	l->nr = calloc(l->pages, sizeof(*l->nr));
	if (!l->pfn || !l->head || !l->nr)
		fail("out of memory");
	l->known = fd >= 0 && read_pfns(l, addr) && walk(l, fd);
	if (fd >= 0)
		close(fd);
}

void layout_free(struct layout *l)
{
	free(l->pfn);
	free(l->head);
	free(l->nr);
	memset(l, 0, sizeof(*l));
}

/* How often the page at an address is mapped, by whomever. */
long long layout_mapcount(const void *addr)
{
	int fd = open("/proc/kpagecount", O_RDONLY | O_CLOEXEC);
	long long count = UNKNOWN;
	uint64_t v, pfn = 0;
	struct layout l = { .pages = 1, .pfn = &pfn };

	if (fd < 0)
		return UNKNOWN;
	if (read_pfns(&l, addr) && pread(fd, &v, 8, pfn * 8) == 8)
		count = v;
	close(fd);
	return count;
}
