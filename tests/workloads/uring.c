// SPDX-License-Identifier: GPL-2.0
/* Registered buffers of io_uring. */
#include <errno.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sim.h"

#define BUFFER_MAX	GIB	/* of one buffer, by the kernel's own rule */

static size_t nr_buffers(size_t len)
{
	return (len + BUFFER_MAX - 1) / BUFFER_MAX;
}

static int ring_setup(void)
{
	struct io_uring_params p = {};
	int fd = syscall(SYS_io_uring_setup, 1, &p);

	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		cannot("io_uring: %s", strerror(errno));
	if (fd < 0)
		fail("io_uring_setup: %s", strerror(errno));
	return fd;
}

/* A signal, be it to stop, ends its waiting. */
static int ring_register(const struct sim *s, unsigned int what, void *arg, size_t nr)
{
	long err;

	do
		err = syscall(SYS_io_uring_register, s->pin_fd, what, arg, nr);
	while (err && errno == EINTR);
	return err;
}

static void uring_take(struct sim *s)
{
	size_t i, nr = nr_buffers(s->mem.len);
	struct iovec *iov = calloc(nr, sizeof(*iov));

	if (!iov)
		fail("out of memory");
	for (i = 0; i < nr; i++) {
		size_t left = s->mem.len - i * BUFFER_MAX;

		iov[i].iov_base = s->mem.addr + i * BUFFER_MAX;
		iov[i].iov_len = left < BUFFER_MAX ? left : BUFFER_MAX;
	}
	s->pin_fd = ring_setup();
	if (ring_register(s, IORING_REGISTER_BUFFERS, iov, nr)) {
		if (errno == ENOMEM)
			cannot("%zu bytes of registered buffers: %s (RLIMIT_MEMLOCK?)", s->mem.len,
			       strerror(errno));
		fail("IORING_REGISTER_BUFFERS: %s", strerror(errno));
	}
	free(iov);
}

static void uring_drop(struct sim *s)
{
	if (s->o.release == RELEASE_UNREGISTER &&
	    ring_register(s, IORING_UNREGISTER_BUFFERS, NULL, 0))
		fail("IORING_UNREGISTER_BUFFERS: %s", strerror(errno));
	close(s->pin_fd);
	s->pin_fd = -1;
}

static bool next_in_folio(const struct layout *l, size_t i)
{
	return l->head[i] == l->head[i - 1] && l->pfn[i] == l->pfn[i - 1] + 1;
}

/* A buffer inside one folio is held by one pin: kernels from 6.3 on. */
static long long in_one_folio(const struct layout *l, size_t from, size_t to)
{
	size_t i;

	for (i = from + 1; i < to; i++)
		if (!next_in_folio(l, i))
			return to - from;
	return 1;
}

/*
 * One pin per folio, in a buffer whose folios are of one size and whole, but for the first one's
 * start and the last one's end: kernels from 6.12 on.
 */
static long long in_folios(const struct layout *l, size_t from, size_t to)
{
	long long folios = 1;
	size_t i;

	if (l->nr[from] == 1)
		return to - from;
	for (i = from + 1; i < to; i++) {
		if (next_in_folio(l, i))
			continue;
		if (l->nr[i] != l->nr[from] || l->pfn[i] != l->head[i] ||
		    l->pfn[i - 1] != l->head[i - 1] + l->nr[i - 1] - 1)
			return to - from;
		folios++;
	}
	return folios;
}

static struct model registered(const struct layout *l, long long stay)
{
	return (struct model){ l->pages, (long long)l->pages - stay };
}

static int uring_models(const struct sim *s, const struct layout *l, struct model *models)
{
	size_t step = BUFFER_MAX / page_size(), from;
	long long one_folio = 0, folios = 0;

	for (from = 0; from < l->pages; from += step) {
		size_t to = from + step < l->pages ? from + step : l->pages;

		one_folio += in_one_folio(l, from, to);
		folios += in_folios(l, from, to);
	}
	models[0] = registered(l, l->pages);
	models[1] = registered(l, one_folio);
	models[2] = registered(l, folios);
	return 3;
}

const struct pinner uring_pinner = {
	.take = uring_take, .drop = uring_drop, .models = uring_models,
	.driver = "io_uring", .longterm = true,
};

const struct subsystem uring_subsystems[] = {
	{ .name = "uring", .help = "io_uring buffers", .run = hold_run, .pinner = &uring_pinner,
	  .allows = OPTS_HELD | OPT_PASS | OPT_MIX, .kinds = KINDS_LONG | KIND(MTHP), .pages = 1009 },
	{},
};
