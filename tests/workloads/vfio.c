// SPDX-License-Identifier: GPL-2.0
/* VFIO (type 1): memory mapped for a PCI device behind an IOMMU; QEMU's "edu" device by default. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sim.h"

#define PCI		"/sys/bus/pci"
#define EDU		"0x11e81234\n"
#define IOVA		(16 * MIB)

static char address[32];	/* of the device */
static int group = -1;

static bool read_text(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "re");
	bool ok = f && fgets(buf, size, f);

	if (f)
		fclose(f);
	return ok;
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (!f || fputs(text, f) < 0 || fclose(f))
		cannot("%s: %s", path, strerror(errno));
}

static bool is_edu(const char *name)
{
	char path[PATH_MAX], vendor[16] = "", device[16] = "", both[32];

	snprintf(path, sizeof(path), PCI "/devices/%s/vendor", name);
	read_text(path, vendor, sizeof(vendor));
	snprintf(path, sizeof(path), PCI "/devices/%s/device", name);
	read_text(path, device, sizeof(device));
	snprintf(both, sizeof(both), "%.6s%s", device, strlen(vendor) > 2 ? vendor + 2 : "");
	return !strcmp(both, EDU);
}

static void find_device(struct sim *s)
{
	struct dirent *d;
	DIR *dir;

	if (s->o.file) {
		snprintf(address, sizeof(address), "%s", s->o.file);
		return;
	}
	dir = opendir(PCI "/devices");
	while (dir && !address[0] && (d = readdir(dir)))
		if (is_edu(d->d_name))
			snprintf(address, sizeof(address), "%.31s", d->d_name);
	if (dir)
		closedir(dir);
	if (!address[0])
		cannot("VFIO: no edu device on the PCI bus");
}

static void vfio_setup(struct sim *s)
{
	char path[PATH_MAX];

	find_device(s);
	snprintf(path, sizeof(path), PCI "/devices/%s/driver_override", address);
	write_text(path, "vfio-pci");
	write_text(PCI "/drivers_probe", address);
}

static void open_group(void)
{
	char path[PATH_MAX], link[PATH_MAX] = "";

	snprintf(path, sizeof(path), PCI "/devices/%s/iommu_group", address);
	if (readlink(path, link, sizeof(link) - 1) < 0)
		cannot("VFIO: %s has no IOMMU group", address);
	snprintf(path, sizeof(path), "/dev/vfio/%.64s", strrchr(link, '/') + 1);
	group = open(path, O_RDWR | O_CLOEXEC);
	if (group < 0)
		cannot("%s: %s (module vfio-pci)", path, strerror(errno));
}

static void open_container(struct sim *s)
{
	s->pin_fd = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (s->pin_fd < 0)
		cannot("/dev/vfio/vfio: %s", strerror(errno));
	open_group();
	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &s->pin_fd))
		fail("VFIO_GROUP_SET_CONTAINER: %s", strerror(errno));
	if (ioctl(s->pin_fd, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		cannot("VFIO_SET_IOMMU: %s (interrupt remapping?)", strerror(errno));
}

static void map(struct sim *s)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map), .flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)s->mem.addr, .iova = IOVA, .size = s->mem.len,
	};

	if (ioctl(s->pin_fd, VFIO_IOMMU_MAP_DMA, &map))
		fail("VFIO_IOMMU_MAP_DMA: %s", strerror(errno));
}

static void unmap(struct sim *s)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap), .iova = IOVA, .size = s->mem.len,
	};

	if (ioctl(s->pin_fd, VFIO_IOMMU_UNMAP_DMA, &unmap) || unmap.size != s->mem.len)
		fail("VFIO_IOMMU_UNMAP_DMA: %s", strerror(errno));
}

static void vfio_take(struct sim *s)
{
	open_container(s);
	map(s);
}

static void vfio_drop(struct sim *s)
{
	if (s->o.release == RELEASE_UNREGISTER)
		unmap(s);
	close(group);
	close(s->pin_fd);
	s->pin_fd = group = -1;
}

/* All in one container. */
static void remap_setup(struct sim *s)
{
	vfio_setup(s);
	open_container(s);
}

static const struct pinner vfio = {
	.setup = vfio_setup, .take = vfio_take, .drop = vfio_drop, .models = model_per_page,
	.driver = "vfio", .longterm = true,
};

static const struct pinner vfio_remap = {
	.setup = remap_setup, .take = map, .drop = unmap, .models = model_per_page,
	.driver = "vfio", .longterm = true,
};

const struct subsystem vfio_subsystems[] = {
	{ .name = "vfio", .help = "VFIO mapping for a PCI device", .run = hold_run,
	  .pinner = &vfio, .allows = (OPTS_HELD & ~(OPT_MEMFD | OPT_FORK)) | OPT_FILE | OPT_MIX,
	  .kinds = KINDS_LONG, .pages = 1009 },
	{ .name = "vfioremap", .help = "the same: mapped and unmapped in one container",
	  .run = hold_run, .pinner = &vfio_remap, .allows = OPT_SIZE | OPT_HUGE | OPT_TIMES | OPT_FILE,
	  .kinds = KINDS_LONG, .pages = 1009 },
	{},
};
