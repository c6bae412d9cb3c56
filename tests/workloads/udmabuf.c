// SPDX-License-Identifier: GPL-2.0
/* udmabuf: a DMA buffer made of a memfd, as virtual machine monitors make them for graphics. */
#include <errno.h>
#include <fcntl.h>
#include <linux/udmabuf.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sim.h"

static void udmabuf_take(struct sim *s)
{
	struct udmabuf_create create = {
		.memfd = s->mem.fd, .flags = UDMABUF_FLAGS_CLOEXEC, .size = s->mem.len,
	};
	int dev = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);

	if (dev < 0)
		cannot("/dev/udmabuf: %s", strerror(errno));
	/* What it is made of must not shrink. */
	if (fcntl(s->mem.fd, F_ADD_SEALS, F_SEAL_SHRINK))
		fail("F_SEAL_SHRINK: %s", strerror(errno));
	s->pin_fd = ioctl(dev, UDMABUF_CREATE, &create);
	if (s->pin_fd < 0 && s->mem.kind == MEM_MEMFD_HUGETLB && errno == EINVAL)
		cannot("a udmabuf of hugetlb pages: %s", strerror(errno));
	if (s->pin_fd < 0)
		fail("UDMABUF_CREATE of %zu bytes: %s", s->mem.len, strerror(errno));
	close(dev);
}

static void udmabuf_drop(struct sim *s)
{
	close(s->pin_fd);
	s->pin_fd = -1;
}

/* One pin per folio with memfd_pin_folios(), since 6.11; plain references before. */
static int udmabuf_models(const struct sim *s, const struct layout *l, struct model *models)
{
	models[0] = (struct model){ kernel_has("memfd_pin_folios") ? l->folios : 0, 0 };
	return 1;
}

static const struct pinner udmabuf = {
	.take = udmabuf_take, .drop = udmabuf_drop, .models = udmabuf_models,
	.driver = "udmabuf", .longterm = true,
};

const struct subsystem udmabuf_subsystems[] = {
	{ .name = "udmabuf", .help = "a DMA buffer made of a memfd", .run = hold_run,
	  .pinner = &udmabuf, .allows = OPTS_HELD | OPT_PASS | OPT_MIX, .kinds = KINDS_MEMFD,
	  .pages = 251 },
	{},
};
