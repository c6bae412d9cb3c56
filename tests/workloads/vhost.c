// SPDX-License-Identifier: GPL-2.0
/*
 * vhost's dirty log: the kernel sets bits in a bitmap of ours, one pin for each. It is vhost-vsock
 * that writes here, and all it does is start: that logs its two rings' flags, and a worker, who has
 * borrowed our memory, logs the flags of one of them off and on again.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vhost.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim.h"

#define RINGS		2
#define ENTRIES		8
#define GUEST_CID	42
#define WRITES		4	/* to the log, per start */
#define RING_SPACE	4096

static char *rings;		/* of the guest that is not there: descriptors, avail, used */
static int dev = -1;

static void set(unsigned long request, void *arg, const char *name)
{
	if (ioctl(dev, request, arg))
		fail("%s: %s", name, strerror(errno));
}

static void set_ring(unsigned int nr)
{
	char *at = rings + nr * 3 * RING_SPACE;
	struct vhost_vring_state size = { .index = nr, .num = ENTRIES };
	struct vhost_vring_addr addr = {
		.index = nr, .flags = 1 << VHOST_VRING_F_LOG,
		.desc_user_addr = (uintptr_t)at,
		.avail_user_addr = (uintptr_t)at + RING_SPACE,
		.used_user_addr = (uintptr_t)at + 2 * RING_SPACE,
		.log_guest_addr = (nr * 3 + 2) * RING_SPACE,
	};

	set(VHOST_SET_VRING_NUM, &size, "VHOST_SET_VRING_NUM");
	set(VHOST_SET_VRING_ADDR, &addr, "VHOST_SET_VRING_ADDR");
}

static void set_memory(void)
{
	struct vhost_memory *m = calloc(1, sizeof(*m) + sizeof(m->regions[0]));

	if (!m)
		fail("out of memory");
	m->nregions = 1;
	m->regions[0].memory_size = RINGS * 3 * RING_SPACE;
	m->regions[0].userspace_addr = (uintptr_t)rings;
	set(VHOST_SET_MEM_TABLE, m, "VHOST_SET_MEM_TABLE");
	free(m);
}

static void vhost_setup(struct sim *s)
{
	dev = open("/dev/vhost-vsock", O_RDWR | O_CLOEXEC);
	if (dev < 0)
		cannot("/dev/vhost-vsock: %s", strerror(errno));
	rings = mmap(NULL, RINGS * 3 * RING_SPACE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (rings == MAP_FAILED)
		fail("mmap: %s", strerror(errno));
}

/* Once: a device keeps its settings while it is stopped. */
static void configure(struct sim *s)
{
	uint64_t features = 1ULL << VHOST_F_LOG_ALL, cid = GUEST_CID;
	uint64_t log = (uintptr_t)s->mem.addr;
	unsigned int i;

	set(VHOST_SET_OWNER, NULL, "VHOST_SET_OWNER");
	set_memory();
	set(VHOST_SET_LOG_BASE, &log, "VHOST_SET_LOG_BASE");
	set(VHOST_SET_FEATURES, &features, "VHOST_SET_FEATURES");
	for (i = 0; i < RINGS; i++)
		set_ring(i);
	set(VHOST_VSOCK_SET_GUEST_CID, &cid, "VHOST_VSOCK_SET_GUEST_CID");
}

/* The worker has to be through before we stop it again. */
static void vhost_call(struct sim *s)
{
	static bool configured;
	struct pincount before;
	int run = 1, i;

	if (!configured)
		configure(s);
	configured = true;
	before = pins_read();
	set(VHOST_VSOCK_SET_RUNNING, &run, "VHOST_VSOCK_SET_RUNNING");
	for (i = 0; i < 500 && pins_read().acquired < before.acquired + WRITES; i++)
		usleep(2000);
	run = 0;
	set(VHOST_VSOCK_SET_RUNNING, &run, "VHOST_VSOCK_SET_RUNNING");
}

static int vhost_models(const struct sim *s, const struct layout *l, struct model *models)
{
	models[0] = (struct model){ WRITES, WRITES };
	return 1;
}

static const struct pinner vhost = {
	.setup = vhost_setup, .call = vhost_call, .models = vhost_models, .driver = "vhost",
};

const struct subsystem vhost_subsystems[] = {
	{ .name = "vhost", .help = "vhost's dirty log", .run = fast_run, .pinner = &vhost,
	  .allows = OPT_TIMES | OPT_HUGE, .kinds = KINDS_SHORT & ~KIND(PARTIAL_THP), .pages = 1,
	  .limit = 1 },
	{},
};
