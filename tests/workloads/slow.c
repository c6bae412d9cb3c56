// SPDX-License-Identifier: GPL-2.0
/* O_DIRECT writes to a slow device: hold pins, as long as it takes, where nothing pins for long. */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/kernel-page-flags.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sim.h"

static aio_context_t aio;

static void write_slowly(struct sim *s)
{
	struct iocb cb = {
		.aio_lio_opcode = IOCB_CMD_PWRITE,
		.aio_buf = (uintptr_t)s->mem.addr,
		.aio_nbytes = s->mem.len,
	}, *cbs = &cb;

	s->pin_fd = open(s->o.file, O_WRONLY | O_DIRECT | O_CLOEXEC);
	if (s->pin_fd < 0)
		cannot("%s with O_DIRECT: %s", s->o.file, strerror(errno));
	cb.aio_fildes = s->pin_fd;
	if (syscall(SYS_io_setup, 1, &aio))
		cannot("io_setup: %s", strerror(errno));
	if (syscall(SYS_io_submit, aio, 1, &cbs) != 1)
		fail("io_submit: %s", strerror(errno));
}

/* The device lets go when it is done. */
static void wait_for_it(struct sim *s)
{
	struct io_event ev = {};

	if (syscall(SYS_io_getevents, aio, 1, 1, &ev, NULL) != 1 || (size_t)ev.res != s->mem.len)
		fail("io_getevents: %lld bytes of %zu", (long long)ev.res, s->mem.len);
	syscall(SYS_io_destroy, aio);
	close(s->pin_fd);
}

/* Where a huge page could be, a read finds the huge zero folio: in place of what mem_get() got. */
static void huge_zero_take(struct sim *s)
{
	size_t huge = 2 * MIB;
	struct layout l;
	char *p;

	mem_unmap(s);
	p = mmap(NULL, 2 * huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		fail("mmap: %s", strerror(errno));
	s->mem.map = p;
	s->mem.map_len = 2 * huge;
	s->mem.addr = p + (-(uintptr_t)p & (huge - 1));
	if (madvise(s->mem.addr, huge, MADV_HUGEPAGE))
		cannot("transparent huge pages: madvise: %s", strerror(errno));
	mem_touch(s);
	layout_read(&l, s->mem.addr, s->mem.len);
	if (l.known && !(l.flags_all & 1ULL << KPF_ZERO_PAGE))
		cannot("the huge zero folio (see use_zero_page)");
	layout_free(&l);
	write_slowly(s);
}

/* Pages that were never written are the zero page, each of them. */
static void zero_take(struct sim *s)
{
	struct layout l;
	void *p;

	mem_unmap(s);
	p = mmap(NULL, s->mem.len, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		fail("mmap: %s", strerror(errno));
	s->mem.map = s->mem.addr = p;
	s->mem.map_len = s->mem.len;
	madvise(p, s->mem.len, MADV_NOHUGEPAGE);
	mem_touch(s);
	layout_read(&l, p, s->mem.len);
	if (l.known && !(l.flags_all & 1ULL << KPF_ZERO_PAGE))
		fail("asked for the zero page, got another");
	layout_free(&l);
	write_slowly(s);
}

/* One pin for each page, or for each folio of a request (Linux 6.9 and later). */
static int slow_models(const struct sim *s, const struct layout *l, struct model *models)
{
	models[0] = (struct model){ l->pages, 0 };
	models[1] = (struct model){ l->pages, l->pages - l->folios };
	return 2;
}

/* The kernel hands out the zero page without a pin (v6.5). */
static int zero_models(const struct sim *s, const struct layout *l, struct model *models)
{
	models[0] = (struct model){ 0, 0 };
	return 1;
}

static const struct pinner slow = {
	.take = write_slowly, .drop = wait_for_it, .models = slow_models, .driver = "direct-io",
};

static const struct pinner slow_huge_zero = {
	.take = huge_zero_take, .drop = wait_for_it, .models = slow_models, .driver = "direct-io",
};

static const struct pinner slow_zero_page = {
	.take = zero_take, .drop = wait_for_it, .models = zero_models, .driver = "direct-io",
};

const struct subsystem slow_subsystems[] = {
	{ .name = "slow-anon", .run = hold_run, .pinner = &slow, .mem = MEM_ANON, .pages = 251,
	  .help = "O_DIRECT write to the slow --file: small pages of private memory",
	  .allows = OPT_SIZE | OPT_FILE | OPT_NEEDS_FILE },
	{ .name = "slow-file", .run = hold_run, .pinner = &slow, .mem = MEM_FILE, .pages = 241,
	  .help = "O_DIRECT write to the slow --file: a file on disk, in --dir",
	  .allows = OPT_SIZE | OPT_FILE | OPT_NEEDS_FILE },
	{ .name = "slow-zero", .run = hold_run, .pinner = &slow_zero_page, .pages = 239,
	  .help = "O_DIRECT write to the slow --file: the zero page, no pin",
	  .allows = OPT_SIZE | OPT_FILE | OPT_NEEDS_FILE },
	{ .name = "slow-huge-zero", .run = hold_run, .pinner = &slow_huge_zero, .pages = 127,
	  .help = "O_DIRECT write to the slow --file: part of the huge zero folio",
	  .allows = OPT_SIZE | OPT_FILE | OPT_NEEDS_FILE },
	{},
};
