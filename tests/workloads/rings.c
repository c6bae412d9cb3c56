// SPDX-License-Identifier: GPL-2.0
/* io_uring's rings in user memory: of provided buffers, and its own two. */
#include <errno.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sim.h"

#define SETUP_NO_MMAP	(1U << 14)	/* since 6.5 */
#define PBUF_MAX	32768		/* entries, by the kernel's own rule */
#define ENTRIES		256
/* What stands in front of the completions: 64 to 320 bytes, depending on the kernel. */
#define RINGS_HEAD	1024

static int setup(unsigned int entries, struct io_uring_params *p)
{
	int fd = syscall(SYS_io_uring_setup, entries, p);

	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		cannot("io_uring: %s", strerror(errno));
	if (fd < 0 && p->flags & SETUP_NO_MMAP && errno == EINVAL)
		cannot("IORING_SETUP_NO_MMAP: %s (since 6.5)", strerror(errno));
	if (fd < 0)
		fail("io_uring_setup: %s", strerror(errno));
	return fd;
}

/* A ring has 2^n entries; several of them make any number of pages. Returns how many there are. */
static int for_each_pbuf(struct sim *s, void (*body)(struct sim *, struct io_uring_buf_reg *))
{
	size_t most = PBUF_MAX * sizeof(struct io_uring_buf), at = 0, size;
	int nr = 0;

	for (size = most; size >= page_size(); size /= 2)
		for (; s->mem.len - at >= size; at += size) {
			struct io_uring_buf_reg reg = {
				.ring_addr = (uintptr_t)s->mem.addr + at,
				.ring_entries = size / sizeof(struct io_uring_buf),
				.bgid = nr++,
			};

			body(s, &reg);
		}
	return nr;
}

static void pbuf_register(struct sim *s, struct io_uring_buf_reg *reg)
{
	if (!syscall(SYS_io_uring_register, s->pin_fd, IORING_REGISTER_PBUF_RING, reg, 1))
		return;
	if (errno == EINVAL)
		cannot("IORING_REGISTER_PBUF_RING: %s (since 5.19)", strerror(errno));
	fail("IORING_REGISTER_PBUF_RING: %s", strerror(errno));
}

static void pbuf_unregister(struct sim *s, struct io_uring_buf_reg *reg)
{
	struct io_uring_buf_reg which = { .bgid = reg->bgid };

	if (syscall(SYS_io_uring_register, s->pin_fd, IORING_UNREGISTER_PBUF_RING, &which, 1))
		fail("IORING_UNREGISTER_PBUF_RING: %s", strerror(errno));
}

static void close_ring(struct sim *s)
{
	close(s->pin_fd);
	s->pin_fd = -1;
}

static void pbuf_take(struct sim *s)
{
	struct io_uring_params p = {};

	s->pin_fd = setup(1, &p);
	for_each_pbuf(s, pbuf_register);
}

static void pbuf_drop(struct sim *s)
{
	if (s->o.release == RELEASE_UNREGISTER)
		for_each_pbuf(s, pbuf_unregister);
	close_ring(s);
}

/* The entries to submit lie first, then both rings: 4 and 3 pages of 4 KiB. */
static void nommap_take(struct sim *s)
{
	size_t sqes = ENTRIES * sizeof(struct io_uring_sqe), rings;
	struct io_uring_params p = { .flags = SETUP_NO_MMAP };
	uint64_t at = (uintptr_t)s->mem.addr;

	rings = RINGS_HEAD + 2 * ENTRIES * sizeof(struct io_uring_cqe) + ENTRIES * sizeof(uint32_t);
	if (sqes + (rings + page_size() - 1) / page_size() * page_size() != s->mem.len)
		cannot("rings of %zu bytes with pages of %zu", s->mem.len, page_size());
	/* In the last eight bytes of each structure, which older headers call resv2. */
	memcpy((char *)&p.sq_off + sizeof(p.sq_off) - 8, &at, 8);
	at += sqes;
	memcpy((char *)&p.cq_off + sizeof(p.cq_off) - 8, &at, 8);
	s->pin_fd = setup(ENTRIES, &p);
}

static const struct pinner pbuf = {
	.take = pbuf_take, .drop = pbuf_drop, .models = model_per_page,
	.driver = "io_uring", .longterm = true,
};

static const struct pinner nommap = {
	.take = nommap_take, .drop = close_ring, .models = model_per_page,
	.driver = "io_uring", .longterm = true,
};

const struct subsystem rings_subsystems[] = {
	{ .name = "pbufring", .help = "io_uring rings of provided buffers", .run = hold_run,
	  .pinner = &pbuf, .allows = OPTS_HELD | OPT_PASS | OPT_MIX, .kinds = KINDS_LONG,
	  .pages = 127 },
	{ .name = "nommap", .help = "io_uring's own rings in user memory", .run = hold_run,
	  .pinner = &nommap, .allows = (OPTS_HELD & ~OPT_SIZE) | OPT_PASS | OPT_MIX,
	  .kinds = KINDS_LONG & ~KIND(PARTIAL_THP), .pages = 7, .limit = 7 },
	{},
};
