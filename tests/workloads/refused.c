// SPDX-License-Identifier: GPL-2.0
/* Pin calls that fail, or give less than they were asked for: nothing may stay, whatever was taken. */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/udmabuf.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sim.h"

#define TOO_MANY_HUGE	31	/* no more than a udmabuf may have, more than there are */

static int fd = -1;
static int pipes[2] = { -1, -1 };

static void ring_setup(struct sim *s)
{
	struct io_uring_params p = {};

	fd = syscall(SYS_io_uring_setup, 1, &p);
	if (fd < 0)
		cannot("io_uring: %s", strerror(errno));
}

static void close_all(struct sim *s)
{
	close(fd);
	close(pipes[0]);
	close(pipes[1]);
	fd = pipes[0] = pipes[1] = -1;
}

/* Registered buffers that the kernel must not take. */
static void refuse(char *from, size_t len, int with)
{
	struct iovec iov = { from, len };

	if (!syscall(SYS_io_uring_register, fd, IORING_REGISTER_BUFFERS, &iov, 1))
		fail("a buffer that cannot be pinned was registered");
	if (errno != with)
		fail("IORING_REGISTER_BUFFERS: %s, not %s", strerror(errno), strerror(with));
}

/* Moves the memory to where a page that nobody may touch lies on both sides of it. */
static void fence(struct sim *s)
{
	struct mem *m = &s->mem;
	char *room = mmap(NULL, m->len + 2 * page_size(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	if (room == MAP_FAILED ||
	    mremap(m->map, m->map_len, m->map_len, MREMAP_MAYMOVE | MREMAP_FIXED,
		   room + page_size()) == MAP_FAILED)
		fail("mremap: %s", strerror(errno));
	m->map = m->addr = room + page_size();
}

/* All but the last page can be had; io_uring gives them back. */
static void partial_call(struct sim *s)
{
	refuse(s->mem.addr, s->mem.len + page_size(), EFAULT);
}

/* Not even the first one. */
static void hole_call(struct sim *s)
{
	refuse(s->mem.addr - page_size(), s->mem.len + page_size(), EFAULT);
}

/* Is the memory in ZONE_MOVABLE? Its zones' page frames are the last of each node. */
static bool in_movable_zone(const struct sim *s)
{
	FILE *f = fopen("/proc/zoneinfo", "re");
	unsigned long start, managed = 0;
	bool movable = false, found = false;
	struct layout l;
	char line[256];
	size_t i;

	layout_read(&l, s->mem.addr, s->mem.len);
	while (f && l.known && !found && fgets(line, sizeof(line), f)) {
		if (strstr(line, ", zone"))
			movable = strstr(line, "Movable");
		sscanf(line, " managed %lu", &managed);
		if (!movable || !managed || sscanf(line, " start_pfn: %lu", &start) != 1)
			continue;
		found = true;
		for (i = 0; i < l.pages; i++)
			found = found && l.pfn[i] >= start;
	}
	if (f)
		fclose(f);
	layout_free(&l);
	return found;
}

/*
 * Memory that has to leave ZONE_MOVABLE before it may be pinned for long, and cannot: a pipe has
 * references to it. It is pinned, looked at, and given back, all inside the call.
 */
static void stuck_prepare(struct sim *s)
{
	struct iovec iov = { s->mem.addr, s->mem.len };

	if (!in_movable_zone(s))
		cannot("memory in ZONE_MOVABLE (movablecore=)");
	if (pipe2(pipes, O_CLOEXEC) || fcntl(pipes[1], F_SETPIPE_SZ, s->mem.len) < 0)
		cannot("a pipe of %zu bytes: %s", s->mem.len, strerror(errno));
	if (vmsplice(pipes[1], &iov, 1, SPLICE_F_NONBLOCK) != (ssize_t)s->mem.len)
		fail("vmsplice of %zu bytes: %s", s->mem.len, strerror(errno));
}

static void stuck_call(struct sim *s)
{
	refuse(s->mem.addr, s->mem.len, ENOMEM);
}

static void udmabuf_setup(struct sim *s)
{
	fd = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		cannot("/dev/udmabuf: %s", strerror(errno));
	if (!kernel_has("memfd_pin_folios"))
		cannot("memfd_pin_folios(): since 6.11");
}

static void refuse_udmabuf(int memfd, size_t size)
{
	struct udmabuf_create create = {
		.memfd = memfd, .flags = UDMABUF_FLAGS_CLOEXEC, .size = size,
	};

	if (fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK))
		fail("F_SEAL_SHRINK: %s", strerror(errno));
	if (ioctl(fd, UDMABUF_CREATE, &create) >= 0)
		fail("a udmabuf of memory that is not there");
}

/* Beyond the file's end. */
static void beyond_call(struct sim *s)
{
	refuse_udmabuf(s->mem.fd, s->mem.len + page_size());
}

/* A file of which nothing is there yet, and for which there is no room: some are pinned, and undone. */
static void exhausted_call(struct sim *s)
{
	int memfd = memfd_create("exhausted", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB);
	size_t size = meminfo("Hugepagesize") * KIB * TOO_MANY_HUGE;

	if (memfd < 0 || ftruncate(memfd, size))
		cannot("a memfd of %zu bytes in huge pages: %s", size, strerror(errno));
	refuse_udmabuf(memfd, size);
	close(memfd);
}

static int nothing(const struct sim *s, const struct layout *l, struct model *models)
{
	models[0] = (struct model){ 0, 0 };
	return 1;
}

static const struct pinner partial = {
	.setup = ring_setup, .prepare = fence, .call = partial_call, .cleanup = close_all,
	.models = model_passing, .driver = "io_uring", .partial = 1,
};

static const struct pinner hole = {
	.setup = ring_setup, .prepare = fence, .call = hole_call, .cleanup = close_all,
	.models = nothing, .driver = "io_uring", .failed = 1,
};

static const struct pinner stuck = {
	.setup = ring_setup, .prepare = stuck_prepare, .call = stuck_call, .cleanup = close_all,
	.models = nothing, .driver = "io_uring", .failed = 1, .undoes = true,
};

static const struct pinner beyond = {
	.setup = udmabuf_setup, .call = beyond_call, .cleanup = close_all,
	.models = nothing, .driver = "udmabuf", .failed = 1,
};

static const struct pinner exhausted = {
	.setup = udmabuf_setup, .call = exhausted_call, .cleanup = close_all,
	.models = nothing, .driver = "udmabuf", .failed = 1,
};

#define ALLOWS	(OPT_SIZE | OPT_TIMES)

const struct subsystem refused_subsystems[] = {
	{ .name = "refused-partial", .help = "io_uring buffers of which the last page cannot be had",
	  .run = fast_run, .pinner = &partial, .allows = ALLOWS | OPT_MIX, .mem = MEM_ANON,
	  .pages = 251 },
	{ .name = "refused-hole", .help = "io_uring buffers of which no page can be had",
	  .run = fast_run, .pinner = &hole, .allows = ALLOWS | OPT_MIX, .mem = MEM_ANON,
	  .pages = 251 },
	{ .name = "refused-stuck", .help = "io_uring buffers that cannot leave ZONE_MOVABLE",
	  .run = fast_run, .pinner = &stuck, .allows = ALLOWS, .mem = MEM_ANON, .pages = 31 },
	{ .name = "refused-beyond", .help = "a udmabuf beyond its memfd's end", .run = fast_run,
	  .pinner = &beyond, .allows = ALLOWS, .mem = MEM_MEMFD, .pages = 31 },
	{ .name = "refused-exhausted", .help = "a udmabuf of more huge pages than there are",
	  .run = fast_run, .pinner = &exhausted, .allows = ALLOWS, .mem = MEM_ANON, .pages = 31 },
	{},
};
