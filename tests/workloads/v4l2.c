// SPDX-License-Identifier: GPL-2.0
/* V4L2: a capture buffer in user memory (USERPTR), queued and never filled. */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sim.h"

#define DEVICE	"/dev/video0"
#define WIDTH	640
#define HEIGHT	360

static void request(struct sim *s, unsigned int count)
{
	struct v4l2_requestbuffers req = {
		.count = count,
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_USERPTR,
	};

	if (ioctl(s->pin_fd, VIDIOC_REQBUFS, &req))
		cannot("V4L2_MEMORY_USERPTR: %s", strerror(errno));
}

static void v4l2_take(struct sim *s)
{
	struct v4l2_format fmt = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.fmt.pix = { .width = WIDTH, .height = HEIGHT,
			     .pixelformat = V4L2_PIX_FMT_YUYV, .field = V4L2_FIELD_NONE },
	};
	struct v4l2_buffer buf = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_USERPTR,
		.m.userptr = (uintptr_t)s->mem.addr, .length = s->mem.len,
	};
	int err;

	s->pin_fd = open(s->o.file ?: DEVICE, O_RDWR | O_CLOEXEC);
	if (s->pin_fd < 0)
		cannot("%s: %s", s->o.file ?: DEVICE, strerror(errno));
	err = ioctl(s->pin_fd, VIDIOC_S_FMT, &fmt);
	if (err && errno == EBUSY)
		cannot("%s: another has buffers there", s->o.file ?: DEVICE);
	if (err)
		fail("VIDIOC_S_FMT: %s", strerror(errno));
	if (fmt.fmt.pix.sizeimage > s->mem.len)
		cannot("a picture has %u bytes: more pages, please", fmt.fmt.pix.sizeimage);
	request(s, 1);
	if (ioctl(s->pin_fd, VIDIOC_QBUF, &buf))
		fail("VIDIOC_QBUF: %s", strerror(errno));
}

static void v4l2_drop(struct sim *s)
{
	if (s->o.release == RELEASE_UNREGISTER)
		request(s, 0);
	close(s->pin_fd);
	s->pin_fd = -1;
}

static const struct pinner v4l2 = {
	.take = v4l2_take, .drop = v4l2_drop, .models = model_per_page, .driver = "v4l2",
	.longterm = true,
};

const struct subsystem v4l2_subsystems[] = {
	{ .name = "v4l2", .help = "V4L2 capture buffer (" DEVICE ")", .run = hold_run,
	  .pinner = &v4l2, .allows = (OPTS_HELD & ~OPT_MEMFD) | OPT_FILE | OPT_MIX,
	  .kinds = KINDS_LONG & ~KIND(PARTIAL_THP), .pages = 127 },
	{},
};
