// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "calibrate.h"
#include "caps.h"
#include "cli.h"

#define PM_PRESENT (1ULL << 63)
#define PM_PFN_MASK ((1ULL << 55) - 1)

/*
 * The page table's view of our own page at @addr. 0 with errno 0 when there is
 * none or PFNs are hidden; with another when the table cannot be read.
 */
static uint64_t own_pfn(const void *addr)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;

	if (fd < 0)
		return 0;
	errno = 0;
	if (pread(fd, &entry, 8, (uintptr_t)addr / sysconf(_SC_PAGESIZE) * 8) != 8)
		entry = 0;
	close(fd);
	return entry & PM_PRESENT ? entry & PM_PFN_MASK : 0;
}

static int no_pfns(int err, struct fail *fail)
{
	if (err)
		return fail_set(fail, EXIT_USAGE, "cannot read /proc/self/pagemap: %s%s",
				strerror(err),
				err == ENOENT || err == ENOTDIR ? "; is /proc mounted?" : "");
	return fail_set(fail, EXIT_USAGE, "/proc/self/pagemap shows no page frame numbers%s",
			caps_have(CAPS_FOR_PFNS) ? "" : ": missing CAP_SYS_ADMIN; run as root");
}

/*
 * PFN and struct page address of a fresh page, by a memfd. The page stays: a
 * second one must be another. *@mapped is the caller's to unmap.
 */
static int try_page(int prog, struct scan_setup *setup, char **mapped, struct fail *fail)
{
	/* The kernel writes a syscall program's context back to where it came from. */
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = setup, .ctx_size_in = sizeof(*setup));
	size_t page = sysconf(_SC_PAGESIZE);
	int fd = memfd_create("pinscope-calibration", MFD_CLOEXEC), err;
	char *p = MAP_FAILED;

	if (fd >= 0 && !ftruncate(fd, page))
		p = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) {
		err = errno;
		if (fd >= 0)
			close(fd);
		return fail_set(fail, EXIT_USAGE, "cannot make a memfd: %s", strerror(err));
	}
	/* One small page, whatever /sys/kernel/mm/transparent_hugepage/shmem_enabled says. */
	madvise(p, page, MADV_NOHUGEPAGE);
	*p = 1;
	*mapped = p;
	setup->memfd = fd;
	setup->memfd_pfn = own_pfn(p);
	err = setup->memfd_pfn ? bpf_prog_test_run_opts(prog, &run) : errno;
	close(fd);
	if (!setup->memfd_pfn)
		return no_pfns(err, fail);
	if (err)
		return fail_set(fail, EXIT_ATTACH, "cannot run the setup program: %s",
				caps_explain(-err, NULL));
	return 0;
}

static unsigned int log2_of(uint64_t n)
{
	return n ? 63 - __builtin_clzll(n) : 0;
}

static unsigned int read_pmd_order(void)
{
	FILE *f = fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "re");
	unsigned long long size = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%llu", &size) != 1)
		size = 0;
	fclose(f);
	return log2_of(size / sysconf(_SC_PAGESIZE));
}

static uint64_t find_zero_pfn(void)
{
	size_t page = sysconf(_SC_PAGESIZE);
	volatile char *p = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t pfn;

	if (p == MAP_FAILED)
		return UINT64_MAX;
	(void)*p;
	pfn = own_pfn((void *)p);
	munmap((void *)p, page);
	return pfn ? pfn : UINT64_MAX;
}

/* SECTION_SIZE_BITS less PAGE_SHIFT: x86 arch/x86/include/asm/sparsemem.h, arm64 likewise. */
static unsigned int section_shift(void)
{
	unsigned int page_shift = log2_of(sysconf(_SC_PAGESIZE));

#if defined(__aarch64__)
	return (page_shift == 16 ? 29 : 27) - page_shift;
#else
	return 27 - page_shift;
#endif
}

int page_array_find(int setup_fd, struct page_array *array, struct fail *fail)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *pages[2] = { NULL, NULL };
	struct scan_setup second;
	uint64_t base;
	int i, err;

	memset(array, 0, sizeof(*array));
	array->section_shift = section_shift();
	array->kernel.section_shift = array->section_shift;
	array->kernel.page_size = page;
	second = array->kernel;
	err = try_page(setup_fd, &array->kernel, &pages[0], fail) ||
	      try_page(setup_fd, &second, &pages[1], fail);
	for (i = 0; i < 2; i++)
		if (pages[i])
			munmap(pages[i], page);
	if (err)
		return -1;

	array->base = array->kernel.folio - array->kernel.memfd_pfn * array->kernel.page_sizeof;
	base = second.folio - second.memfd_pfn * second.page_sizeof;
	/* A page cache of more than one entry has a node there, marked in the low bits. */
	if (!array->kernel.folio || !second.folio || array->base != base ||
	    (array->kernel.folio | second.folio) & 3 ||
	    array->kernel.memfd_pfn == second.memfd_pfn ||
	    array->kernel.page_sizeof > SCAN_MAX_PAGE_SIZEOF)
		return fail_set(fail, EXIT_ATTACH,
				"cannot find the kernel's page array (two pages gave %#llx and %#llx): "
				"this kernel's memory model is not SPARSEMEM_VMEMMAP",
				(unsigned long long)array->base, (unsigned long long)base);
	array->mem_section = array->kernel.mem_section;
	array->zero_pfn = find_zero_pfn();
	array->pmd_order = read_pmd_order();
	/* include/linux/pageblock-flags.h: the smaller of a huge page and the largest free block. */
	array->pageblock_order = array->pmd_order ? array->pmd_order : 9;
	return 0;
}

uint64_t find_huge_zero_pfn(void)
{
	size_t size = 4096UL << 9;
	uint64_t first, pfn = UINT64_MAX;
	unsigned int order = read_pmd_order();
	volatile char *p, *at;

	if (!order)
		return UINT64_MAX;
	size = (size_t)sysconf(_SC_PAGESIZE) << order;
	p = mmap(NULL, 2 * size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return UINT64_MAX;
	at = (char *)(((uintptr_t)p + size - 1) / size * size);
	if (!madvise((void *)at, size, MADV_HUGEPAGE)) {
		(void)*at;
		first = own_pfn((void *)at);
		/* One PMD maps it: the last page has the last PFN of an aligned block. */
		(void)at[size - 1];
		if (first && !(first & ((1ULL << order) - 1)) &&
		    own_pfn((void *)(at + size - sysconf(_SC_PAGESIZE))) ==
			    first + (1ULL << order) - 1)
			pfn = first;
	}
	munmap((void *)p, 2 * size);
	return pfn;
}

uint64_t has_pinned_mask(uint64_t (*flags_of_self)(void *), void *arg)
{
	static uint64_t known;
	static char from = 1, to;
	struct iovec local = { &to, 1 }, remote = { &from, 1 };
	uint64_t before, added;

	/* It is set once and for all: a second time it would show nothing. */
	if (known)
		return known;
	before = flags_of_self(arg);
	if (process_vm_readv(getpid(), &local, 1, &remote, 1, 0) != 1)
		return 0;
	added = flags_of_self(arg) & ~before;
	/* Exactly one bit, or it is not what we look for. */
	known = added && !(added & (added - 1)) ? added : 0;
	return known;
}
