// SPDX-License-Identifier: GPL-2.0
/* Memory of very many files, one page each. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <linux/io_uring.h>

#include "sim.h"

#define MAX_BUFFERS	16384	/* of one ring: IORING_MAX_REG_BUFFERS */
#define MAX_RINGS	4

static int rings[MAX_RINGS];
static size_t nr_rings;

/* The mapping alone keeps the file, which so needs no descriptor and no limit of those. */
static void map_file(char *at)
{
	int fd = memfd_create("one-of-many", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, page_size()))
		cannot("a memfd of one page: %s", strerror(errno));
	if (mmap(at, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) != at)
		cannot("one more mapping: %s (/proc/sys/vm/max_map_count?)", strerror(errno));
	close(fd);
	*at = 1;
}

static void register_pages(char *from, size_t nr)
{
	struct iovec *iov = calloc(nr, sizeof(*iov));
	struct io_uring_params p = {};
	size_t i;
	int fd;

	if (!iov || nr_rings == MAX_RINGS)
		fail(iov ? "more than %d rings are needed" : "out of memory (%d)", MAX_RINGS);
	for (i = 0; i < nr; i++)
		iov[i] = (struct iovec){ from + i * page_size(), page_size() };
	fd = syscall(SYS_io_uring_setup, 1, &p);
	if (fd < 0)
		cannot("io_uring: %s", strerror(errno));
	if (syscall(SYS_io_uring_register, fd, IORING_REGISTER_BUFFERS, iov, nr))
		cannot("%zu registered buffers: %s (RLIMIT_MEMLOCK?)", nr, strerror(errno));
	rings[nr_rings++] = fd;
	free(iov);
}

static void files_take(struct sim *s)
{
	size_t i, n, nr = s->mem.len / page_size();

	for (i = 0; i < nr; i++)
		map_file(s->mem.addr + i * page_size());
	for (i = 0; i < nr; i += n) {
		n = nr - i < MAX_BUFFERS ? nr - i : MAX_BUFFERS;
		register_pages(s->mem.addr + i * page_size(), n);
	}
}

static void files_drop(struct sim *s)
{
	while (nr_rings)
		close(rings[--nr_rings]);
}

static int files_models(const struct sim *s, const struct layout *l, struct model *models)
{
	models[0] = (struct model){ l->pages, 0 };
	return 1;
}

static const struct pinner files = {
	.take = files_take, .drop = files_drop, .models = files_models,
	.driver = "io_uring", .longterm = true,
};

const struct subsystem files_subsystems[] = {
	{ .name = "many-files", .help = "io_uring buffers: memfds of one page each",
	  .run = hold_run, .pinner = &files, .allows = OPT_SIZE | OPT_UNMAP, .pages = 16411 },
	{},
};
