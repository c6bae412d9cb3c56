// SPDX-License-Identifier: GPL-2.0
/* RDS sockets: what is asked for is written to the buffer's pages, pinned meanwhile. */
#include <errno.h>
#include <linux/rds.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim.h"

static int sock = -1;

static void rds_setup(struct sim *s)
{
	sock = socket(AF_RDS, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (sock < 0)
		cannot("RDS: %s", strerror(errno));
}

static void rds_call(struct sim *s)
{
	socklen_t len = s->mem.len;

	if (getsockopt(sock, SOL_RDS, RDS_INFO_COUNTERS, s->mem.addr, &len) < 0)
		fail("RDS_INFO_COUNTERS: %s", strerror(errno));
}

static const struct pinner rds = {
	.setup = rds_setup, .call = rds_call, .models = model_passing, .driver = "rds",
};

const struct subsystem rds_subsystems[] = {
	{ .name = "rds", .help = "RDS counters", .run = fast_run, .pinner = &rds,
	  .allows = OPTS_FAST | OPT_MIX, .kinds = KINDS_SHORT, .pages = 13, .limit = 61 },
	{},
};
