// SPDX-License-Identifier: GPL-2.0
/* A disk of zeros in user space: virtio's split ring, and VDUSE's few messages. */
#include <errno.h>
#include <linux/vduse.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim.h"
#include "vduse.h"

#define MAX_REGIONS	16

static struct region {
	uint64_t	start, last;
	char		*at;
} regions[MAX_REGIONS];
static int nr_regions, dev, kick;
static uint16_t next;		/* request to look at */
static pthread_t thread;
static atomic_bool stop;

static void forget_regions(void)
{
	while (nr_regions) {
		struct region *r = &regions[--nr_regions];

		munmap(r->at, r->last - r->start + 1);
	}
}

/* Where the driver's address is in ours. */
static void *at(uint64_t iova, size_t len)
{
	struct vduse_iotlb_entry e = { .start = iova, .last = iova + len - 1 };
	struct region *r;
	int fd;

	for (r = regions; r < regions + nr_regions; r++)
		if (iova >= r->start && iova + len - 1 <= r->last)
			return r->at + (iova - r->start);
	if (nr_regions == MAX_REGIONS)
		forget_regions();
	fd = ioctl(dev, VDUSE_IOTLB_GET_FD, &e);
	if (fd < 0)
		fail("VDUSE_IOTLB_GET_FD: %s", strerror(errno));
	r = &regions[nr_regions++];
	r->start = e.start;
	r->last = e.last;
	r->at = mmap(NULL, e.last - e.start + 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, e.offset);
	if (r->at == MAP_FAILED)
		fail("VDUSE: mmap: %s", strerror(errno));
	close(fd);
	return r->at + (iova - r->start);
}

/* What the driver wants to read is zero; so is the last byte, the status. Returns its length. */
static uint32_t answer(const struct vring_desc *desc, uint16_t head)
{
	uint32_t len = 0;

	for (;; head = desc[head].next) {
		if (desc[head].flags & VRING_DESC_F_WRITE) {
			memset(at(desc[head].addr, desc[head].len), 0, desc[head].len);
			len += desc[head].len;
		}
		if (!(desc[head].flags & VRING_DESC_F_NEXT))
			return len;
	}
}

static void serve_ring(void)
{
	struct vduse_vq_info q = { .index = 0 };
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;

	if (ioctl(dev, VDUSE_VQ_GET_INFO, &q) || !q.ready)
		return;
	desc = at(q.desc_addr, q.num * sizeof(*desc));
	avail = at(q.driver_addr, sizeof(*avail) + q.num * sizeof(avail->ring[0]));
	used = at(q.device_addr, sizeof(*used) + q.num * sizeof(used->ring[0]));
	while (next != __atomic_load_n(&avail->idx, __ATOMIC_ACQUIRE)) {
		struct vring_used_elem *e = &used->ring[used->idx % q.num];

		e->id = avail->ring[next++ % q.num];
		e->len = answer(desc, e->id);
		__atomic_store_n(&used->idx, used->idx + 1, __ATOMIC_RELEASE);
	}
	if (ioctl(dev, VDUSE_VQ_INJECT_IRQ, &q.index))
		fail("VDUSE_VQ_INJECT_IRQ: %s", strerror(errno));
}

/* A reset, which is status 0, takes away everything that was set up for a driver. */
static void new_status(uint8_t status)
{
	struct vduse_vq_eventfd event = { .index = 0, .fd = kick };

	if (status & VIRTIO_CONFIG_S_DRIVER_OK && ioctl(dev, VDUSE_VQ_SETUP_KICKFD, &event))
		fail("VDUSE_VQ_SETUP_KICKFD: %s", strerror(errno));
	if (!status) {
		forget_regions();
		next = 0;
	}
}

static void serve_message(void)
{
	struct vduse_dev_request req;
	struct vduse_dev_response resp = { .result = VDUSE_REQ_RESULT_OK };

	if (read(dev, &req, sizeof(req)) != sizeof(req))
		return;
	resp.request_id = req.request_id;
	if (req.type == VDUSE_GET_VQ_STATE)
		resp.vq_state.split.avail_index = next;
	if (req.type == VDUSE_UPDATE_IOTLB)
		forget_regions();
	if (req.type == VDUSE_SET_STATUS)
		new_status(req.s.status);
	if (write(dev, &resp, sizeof(resp)) != sizeof(resp))
		fail("VDUSE: answering message %u: %s", req.type, strerror(errno));
}

static void *disk_thread(void *arg)
{
	struct pollfd p[2] = {
		{ .fd = dev, .events = POLLIN },
		{ .fd = kick, .events = POLLIN },
	};
	uint64_t kicks;

	while (poll(p, 2, -1) > 0 && !stop) {
		if (p[0].revents & POLLIN)
			serve_message();
		if (p[1].revents & POLLIN && read(kick, &kicks, sizeof(kicks)) > 0)
			serve_ring();
	}
	return NULL;
}

void disk_start(int fd)
{
	struct vduse_vq_config queue = { .index = 0, .max_size = DISK_ENTRIES };
	int err;

	dev = fd;
	kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (kick < 0 || ioctl(dev, VDUSE_VQ_SETUP, &queue))
		fail("VDUSE: setting up the queue: %s", strerror(errno));
	err = pthread_create(&thread, NULL, disk_thread, NULL);
	if (err)
		fail("pthread_create: %s", strerror(err));
}

void disk_stop(void)
{
	uint64_t one = 1;

	stop = true;
	if (write(kick, &one, sizeof(one)) != sizeof(one))
		fail("VDUSE: eventfd: %s", strerror(errno));
	pthread_join(thread, NULL);
	forget_regions();
	close(kick);
}
