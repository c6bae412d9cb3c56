// SPDX-License-Identifier: GPL-2.0
/* Memory of an AF_XDP socket (umem). */
#include <errno.h>
#include <linux/if_xdp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim.h"

static void xdp_take(struct sim *s)
{
	struct xdp_umem_reg umem = {
		.addr = (uintptr_t)s->mem.addr,
		.len = s->mem.len,
		.chunk_size = page_size() < 4096 ? page_size() : 4096,
	};

	s->pin_fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (s->pin_fd < 0)
		cannot("AF_XDP: %s", strerror(errno));
	if (setsockopt(s->pin_fd, SOL_XDP, XDP_UMEM_REG, &umem, sizeof(umem))) {
		if (errno == ENOBUFS)
			cannot("%zu bytes of XDP memory: %s (RLIMIT_MEMLOCK?)", s->mem.len,
			       strerror(errno));
		fail("XDP_UMEM_REG: %s", strerror(errno));
	}
}

/* There is no other way than to close it; a kernel worker unpins. */
static void xdp_drop(struct sim *s)
{
	close(s->pin_fd);
	s->pin_fd = -1;
}

const struct pinner xdp_pinner = {
	.take = xdp_take, .drop = xdp_drop, .models = model_per_page,
	.driver = "af_xdp", .longterm = true,
};

const struct subsystem xdp_subsystems[] = {
	{ .name = "xdp", .help = "AF_XDP socket memory", .run = hold_run, .pinner = &xdp_pinner,
	  .allows = OPTS_HELD | OPT_PASS | OPT_MIX, .kinds = KINDS_LONG | KINDS_DRIVER,
	  .pages = 127 },
	{},
};
