// SPDX-License-Identifier: GPL-2.0
/*
 * VDUSE: the bounce buffer of a virtio device in user space, replaced by memory of ours. A real
 * device has to be there, with a driver that has done I/O: a disk of zeros and virtio_blk.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vduse.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "netlink.h"
#include "sim.h"
#include "vduse.h"

#define NAME		"pinsim"
#define CONTROL		"/dev/vduse/control"
#define SECTORS		2048
#define CONFIG_SIZE	64
#define PAGES		257	/* not less than 1 MiB: the kernel's own rule */

static int control = -1, dev = -1;

static void create(void)
{
	size_t len = sizeof(struct vduse_dev_config) + CONFIG_SIZE;
	struct vduse_dev_config *c = calloc(1, len);
	uint64_t version = 0, sectors = SECTORS;

	if (!c)
		fail("out of memory");
	strcpy(c->name, NAME);
	c->device_id = VIRTIO_ID_BLOCK;
	c->features = 1ULL << VIRTIO_F_VERSION_1 | 1ULL << VIRTIO_F_ACCESS_PLATFORM;
	c->vq_num = 1;
	c->vq_align = page_size();
	c->config_size = CONFIG_SIZE;
	memcpy(c->config, &sectors, sizeof(sectors));	/* begins with the capacity */
	control = open(CONTROL, O_RDWR | O_CLOEXEC);
	if (control < 0)
		cannot(CONTROL ": %s (module vduse)", strerror(errno));
	if (ioctl(control, VDUSE_SET_API_VERSION, &version) || ioctl(control, VDUSE_CREATE_DEV, c))
		cannot("VDUSE_CREATE_DEV: %s", strerror(errno));
	free(c);
	dev = open("/dev/vduse/" NAME, O_RDWR | O_CLOEXEC);
	if (dev < 0)
		fail("/dev/vduse/" NAME ": %s", strerror(errno));
}

static void set_size(size_t bytes)
{
	FILE *f = fopen("/sys/class/vduse/" NAME "/bounce_size", "we");

	if (!f || fprintf(f, "%zu", bytes) < 0 || fclose(f))
		cannot("VDUSE: a bounce buffer of %zu bytes: %s", bytes, strerror(errno));
}

/* There is a bounce buffer from the driver's first I/O on: it looks for partitions. */
static void wait_for_io(void)
{
	double end = now() + 20;

	while (now() < end) {
		struct vduse_iova_info info = { .start = 0, .last = 0 };

		if (!ioctl(dev, VDUSE_IOTLB_GET_INFO, &info) &&
		    info.capability & VDUSE_IOVA_CAP_UMEM)
			return;
		usleep(5000);
	}
	cannot("VDUSE: no driver does I/O (modules virtio_vdpa and virtio_blk)");
}

static void vduse_setup(struct sim *s)
{
	int err;

	create();
	set_size(PAGES * page_size());
	disk_start(dev);
	err = vdpa_add(NAME);
	if (err)
		cannot("VDUSE: adding the device: %s", strerror(-err));
	wait_for_io();
}

static void vduse_take(struct sim *s)
{
	struct vduse_iova_umem umem = { .uaddr = (uintptr_t)s->mem.addr, .size = s->mem.len };

	s->pin_fd = dev;
	if (ioctl(dev, VDUSE_IOTLB_REG_UMEM, &umem))
		fail("VDUSE_IOTLB_REG_UMEM: %s", strerror(errno));
}

static void vduse_drop(struct sim *s)
{
	struct vduse_iova_umem umem = { .size = s->mem.len };

	if (ioctl(dev, VDUSE_IOTLB_DEREG_UMEM, &umem))
		fail("VDUSE_IOTLB_DEREG_UMEM: %s", strerror(errno));
	s->pin_fd = -1;
}

/* The disk serves until its driver has let go. */
static void vduse_cleanup(struct sim *s)
{
	char name[VDUSE_NAME_MAX] = NAME;
	int err = vdpa_del(NAME);

	if (err)
		fail("VDUSE: removing the device: %s", strerror(-err));
	disk_stop();
	close(dev);
	if (ioctl(control, VDUSE_DESTROY_DEV, name))
		fail("VDUSE_DESTROY_DEV: %s", strerror(errno));
}

static const struct pinner vduse = {
	.setup = vduse_setup, .take = vduse_take, .drop = vduse_drop, .cleanup = vduse_cleanup,
	.models = model_per_page, .driver = "vduse", .longterm = true,
};

const struct subsystem vduse_subsystems[] = {
	{ .name = "vduse", .help = "VDUSE memory for a virtio device", .run = hold_run,
	  .pinner = &vduse, .allows = OPT_TIMES | OPT_HUGE | OPT_UNMAP,
	  .kinds = KINDS_LONG & ~KIND(PARTIAL_THP), .pages = PAGES, .limit = PAGES },
	{},
};
