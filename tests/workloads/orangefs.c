// SPDX-License-Identifier: GPL-2.0
/*
 * OrangeFS: the buffers that its client shares with the kernel. No filesystem has to be mounted.
 * Since it counts in folios (7.x), buffers that begin inside a large one are refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "sim.h"

#define NODE		"/dev/pvfs2-req"
#define DEV_MAP		_IO('k', 4)	/* fs/orangefs/protocol.h: there is no header to include */

struct map_desc {
	void		*ptr;
	int32_t		total_size, size, count;
};

static int major_number(void)
{
	FILE *f = fopen("/proc/devices", "re");
	char line[128], name[64];
	int major = -1, n;

	while (f && major < 0 && fgets(line, sizeof(line), f))
		if (sscanf(line, "%d %63s", &n, name) == 2 && !strcmp(name, "pvfs2-req"))
			major = n;
	if (f)
		fclose(f);
	return major;
}

/* The kernel registers a number, and no node. */
static void orangefs_setup(struct sim *s)
{
	int major = major_number();

	if (major < 0)
		cannot("OrangeFS: no pvfs2-req in /proc/devices (module orangefs)");
	if (mknod(NODE, S_IFCHR | 0600, makedev(major, 0)) && errno != EEXIST)
		cannot(NODE ": %s", strerror(errno));
}

static void orangefs_take(struct sim *s)
{
	struct map_desc map = {
		.ptr = s->mem.addr, .total_size = s->mem.len,
		.size = page_size(), .count = s->mem.len / page_size(),
	};

	s->pin_fd = open(NODE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (s->pin_fd < 0)
		cannot(NODE ": %s", strerror(errno));
	if (ioctl(s->pin_fd, DEV_MAP, &map))
		fail("ORANGEFS_DEV_MAP: %s", strerror(errno));
}

static void orangefs_drop(struct sim *s)
{
	close(s->pin_fd);
	s->pin_fd = -1;
}

static const struct pinner orangefs = {
	.setup = orangefs_setup, .take = orangefs_take, .drop = orangefs_drop,
	.models = model_per_page, .driver = "orangefs",
};

const struct subsystem orangefs_subsystems[] = {
	{ .name = "orangefs", .help = "OrangeFS client buffers", .run = hold_run,
	  .pinner = &orangefs, .allows = (OPTS_HELD & ~OPT_MEMFD) | OPT_MIX,
	  .kinds = KINDS_SHORT & ~KIND(PARTIAL_THP), .pages = 1009 },
	{},
};
