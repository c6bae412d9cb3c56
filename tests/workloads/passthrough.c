// SPDX-License-Identifier: GPL-2.0
/* Commands for a disk or tape that skip the block layer's page cache: SG_IO, NVMe, st. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/nvme_ioctl.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sim.h"

#define READ_10		0x28
#define SECTOR		512
#define TIMEOUT_MS	20000
#define NVME_READ	0x02
#define ALLOW_DIO	"/sys/module/sg/parameters/allow_dio"

static int dev = -1;

static void open_device(struct sim *s, const char *otherwise)
{
	const char *name = s->o.file ?: otherwise;

	dev = open(name, O_RDWR | O_CLOEXEC);
	if (dev < 0)
		cannot("%s: %s", name, strerror(errno));
}

static void scsi_read(struct sim *s, int flags)
{
	unsigned int n = s->mem.len / SECTOR;
	unsigned char cdb[10] = { READ_10, [7] = n >> 8, [8] = n };
	struct sg_io_hdr io = {
		.interface_id = 'S', .dxfer_direction = SG_DXFER_FROM_DEV, .flags = flags,
		.cmdp = cdb, .cmd_len = sizeof(cdb),
		.dxferp = s->mem.addr, .dxfer_len = s->mem.len,
		.timeout = TIMEOUT_MS,
	};

	if (ioctl(dev, SG_IO, &io) || io.status || io.host_status || io.driver_status)
		fail("SG_IO: %s, status %x %x %x", strerror(errno), io.status, io.host_status,
		     io.driver_status);
	if (flags & SG_FLAG_DIRECT_IO && (io.info & SG_INFO_DIRECT_IO_MASK) != SG_INFO_DIRECT_IO)
		fail("SG_IO: not direct (info %x)", io.info);
}

static void disk_setup(struct sim *s)
{
	open_device(s, "/dev/sda");
}

static void disk_call(struct sim *s)
{
	scsi_read(s, 0);
}

/* Direct I/O has to be allowed first; else sg copies, and says so. */
static void sg_setup(struct sim *s)
{
	FILE *f = fopen(ALLOW_DIO, "we");

	if (!f || fputs("1", f) < 0 || fclose(f))
		cannot("%s: %s", ALLOW_DIO, strerror(errno));
	open_device(s, "/dev/sg0");
}

static void sg_call(struct sim *s)
{
	scsi_read(s, SG_FLAG_DIRECT_IO);
}

static void nvme_setup(struct sim *s)
{
	open_device(s, "/dev/nvme0n1");
}

static void nvme_call(struct sim *s)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = NVME_READ,
		.nsid = ioctl(dev, NVME_IOCTL_ID),
		.addr = (uintptr_t)s->mem.addr,
		.data_len = s->mem.len,
	};
	int size = 0;

	if (ioctl(dev, BLKSSZGET, &size) || size <= 0)
		fail("BLKSSZGET: %s", strerror(errno));
	cmd.cdw12 = s->mem.len / size - 1;
	if (ioctl(dev, NVME_IOCTL_IO_CMD, &cmd))
		fail("NVME_IOCTL_IO_CMD: %s", strerror(errno));
}

static void tape_setup(struct sim *s)
{
	open_device(s, "/dev/nst0");
}

static void tape_call(struct sim *s)
{
	ssize_t n = write(dev, s->mem.addr, s->mem.len);

	if (n != (ssize_t)s->mem.len)
		fail("a block of %zu bytes on tape: %zd (%s)", s->mem.len, n, strerror(errno));
}

static const struct pinner disk = {
	.setup = disk_setup, .call = disk_call, .models = model_passing_extracted, .driver = "sg_io",
};

static const struct pinner generic = {
	.setup = sg_setup, .call = sg_call, .models = model_passing_extracted, .driver = "sg_io",
};

static const struct pinner nvme = {
	.setup = nvme_setup, .call = nvme_call, .models = model_passing_extracted, .driver = "nvme",
};

static const struct pinner tape = {
	.setup = tape_setup, .call = tape_call, .models = model_passing, .driver = "st",
};

/* No more at once than a command can carry: behind an IOMMU, NVMe takes 128 KiB. */
const struct subsystem passthrough_subsystems[] = {
	{ .name = "sgio", .help = "SG_IO of a SCSI disk (/dev/sda)", .run = fast_run,
	  .pinner = &disk, .allows = OPTS_FAST | OPT_FILE, .kinds = KINDS_SHORT, .pages = 61,
	  .limit = 61 },
	{ .name = "sg", .help = "direct SG_IO of a generic SCSI device (/dev/sg0)",
	  .run = fast_run, .pinner = &generic, .allows = OPTS_FAST | OPT_FILE,
	  .kinds = KINDS_SHORT, .pages = 61, .limit = 61 },
	{ .name = "nvme", .help = "NVMe passthrough (/dev/nvme0n1)", .run = fast_run,
	  .pinner = &nvme, .allows = OPTS_FAST | OPT_FILE, .kinds = KINDS_SHORT, .pages = 31,
	  .limit = 31 },
	{ .name = "tape", .help = "writing to a SCSI tape (/dev/nst0)", .run = fast_run,
	  .pinner = &tape, .allows = OPTS_FAST | OPT_FILE, .kinds = KINDS_SHORT, .pages = 13,
	  .limit = 13 },
	{},
};
