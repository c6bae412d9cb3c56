// SPDX-License-Identifier: GPL-2.0
/* RDMA memory regions, by the verbs' own interface, on a software device (rxe) of our making. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <rdma/ib_user_verbs.h>
#include <rdma/rdma_netlink.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "netlink.h"
#include "sim.h"

#define NETDEV		"lo"
#define CLASS		"/sys/class/infiniband_verbs"
#define ACCESS		(1 | 2 | 4)	/* local write, remote write, remote read */

static __u32 mr_handle;

/* As "rdma link add" does. One that is there already is as good. */
void rdma_add_link(void)
{
	union nl_message m;
	int err;

	nl_start(&m, RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_NEWLINK), 0);
	nl_put(&m, RDMA_NLDEV_ATTR_DEV_NAME, RDMA_DEVICE);
	nl_put(&m, RDMA_NLDEV_ATTR_LINK_TYPE, "rxe");
	nl_put(&m, RDMA_NLDEV_ATTR_NDEV_NAME, NETDEV);
	err = nl_talk(&m, NETLINK_RDMA);
	if (err && err != -EEXIST)
		cannot("an rxe device on " NETDEV ": %s (module rdma_rxe)", strerror(-err));
}

/* CLASS/uverbsN/ibdev names the device of /dev/infiniband/uverbsN. */
static bool is_ours(const char *name)
{
	char path[PATH_MAX], text[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), CLASS "/%s/ibdev", name);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (!fgets(text, sizeof(text), f))
		text[0] = 0;
	fclose(f);
	return !strcmp(text, RDMA_DEVICE "\n");
}

static int open_device(void)
{
	DIR *dir = opendir(CLASS);
	char path[PATH_MAX];
	struct dirent *d;
	int fd = -1;

	if (!dir)
		cannot(CLASS ": %s (module ib_uverbs)", strerror(errno));
	while (fd < 0 && (d = readdir(dir))) {
		if (!is_ours(d->d_name))
			continue;
		snprintf(path, sizeof(path), "/dev/infiniband/%s", d->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
	}
	closedir(dir);
	if (fd < 0)
		cannot("the verbs of " RDMA_DEVICE ": %s", strerror(errno));
	return fd;
}

/* A command and its answer are structures in words of four bytes; the first is where to answer. */
static void verb(int fd, int command, void *cmd, size_t cmd_len, void *resp, size_t resp_len)
{
	char buf[256];
	struct ib_uverbs_cmd_hdr *h = (void *)buf;
	uint64_t answer = (uintptr_t)resp;
	size_t len = sizeof(*h) + cmd_len;

	h->command = command;
	h->in_words = len / 4;
	h->out_words = resp_len / 4;
	if (resp)
		memcpy(cmd, &answer, sizeof(answer));
	memcpy(h + 1, cmd, cmd_len);
	if (write(fd, buf, len) != (ssize_t)len)
		fail("verbs command %d: %s", command, strerror(errno));
}

static void rdma_take(struct sim *s)
{
	struct ib_uverbs_get_context context = {};
	struct ib_uverbs_get_context_resp context_resp;
	struct ib_uverbs_alloc_pd pd = {};
	struct ib_uverbs_alloc_pd_resp pd_resp;
	struct ib_uverbs_reg_mr mr = {
		.start = (uintptr_t)s->mem.addr, .length = s->mem.len,
		.hca_va = (uintptr_t)s->mem.addr, .access_flags = ACCESS,
	};
	struct ib_uverbs_reg_mr_resp mr_resp;
	int fd = s->pin_fd = open_device();

	verb(fd, IB_USER_VERBS_CMD_GET_CONTEXT, &context, sizeof(context), &context_resp,
	     sizeof(context_resp));
	close(context_resp.async_fd);
	verb(fd, IB_USER_VERBS_CMD_ALLOC_PD, &pd, sizeof(pd), &pd_resp, sizeof(pd_resp));
	mr.pd_handle = pd_resp.pd_handle;
	verb(fd, IB_USER_VERBS_CMD_REG_MR, &mr, sizeof(mr), &mr_resp, sizeof(mr_resp));
	mr_handle = mr_resp.mr_handle;
}

static void rdma_drop(struct sim *s)
{
	struct ib_uverbs_dereg_mr mr = { .mr_handle = mr_handle };

	if (s->o.release == RELEASE_UNREGISTER)
		verb(s->pin_fd, IB_USER_VERBS_CMD_DEREG_MR, &mr, sizeof(mr), NULL, 0);
	close(s->pin_fd);
	s->pin_fd = -1;
}

static void rdma_setup(struct sim *s)
{
	rdma_add_link();
}

static const struct pinner rdma = {
	.setup = rdma_setup, .take = rdma_take, .drop = rdma_drop, .models = model_per_page,
	.driver = "rdma", .longterm = true,
};

const struct subsystem rdma_subsystems[] = {
	{ .name = "rdma", .help = "RDMA memory region (rxe)", .run = hold_run, .pinner = &rdma,
	  .allows = OPTS_HELD | OPT_MIX, .kinds = KINDS_LONG, .pages = 1009 },
	{},
};
