// SPDX-License-Identifier: GPL-2.0
/*
 * RDMA as programs do it: through rdma-core, a memory region, and messages between two connected
 * queue pairs, there and back, half of the memory on each side.
 */
#include "sim.h"

#ifdef HAVE_IBVERBS

#include <errno.h>
#include <infiniband/verbs.h>
#include <string.h>

#define PORT		1
#define ROUNDS		7
#define MESSAGE_MAX	(64 * KIB)
#define POLLS_MAX	100000000UL

static struct ibv_context *ctx;
static struct ibv_pd *pd;
static struct ibv_cq *cq;
static struct ibv_qp *qp[2];
static struct ibv_mr *mr;
static union ibv_gid gid;
static int gid_index;

static void open_device(void)
{
	struct ibv_device **list = ibv_get_device_list(NULL);
	int i;

	for (i = 0; list && list[i] && !ctx; i++)
		if (!strcmp(ibv_get_device_name(list[i]), RDMA_DEVICE))
			ctx = ibv_open_device(list[i]);
	if (!ctx)
		cannot("RDMA: rdma-core does not know " RDMA_DEVICE);
	ibv_free_device_list(list);
}

/* Of an IPv4 address: ::ffff:a.b.c.d. */
static void find_gid(void)
{
	static const unsigned char v4[12] = { [10] = 0xff, [11] = 0xff };

	for (gid_index = 0; !ibv_query_gid(ctx, PORT, gid_index, &gid); gid_index++)
		if (!memcmp(gid.raw, v4, sizeof(v4)))
			return;
	cannot("RDMA: " RDMA_DEVICE " has no IPv4 address: is the loopback device up?");
}

static void create_qp(int i)
{
	struct ibv_qp_init_attr init = {
		.send_cq = cq, .recv_cq = cq, .qp_type = IBV_QPT_RC,
		.cap = { .max_send_wr = 1, .max_recv_wr = 1, .max_send_sge = 1, .max_recv_sge = 1 },
	};
	struct ibv_qp_attr attr = { .qp_state = IBV_QPS_INIT, .port_num = PORT };

	qp[i] = ibv_create_qp(pd, &init);
	if (!qp[i])
		fail("ibv_create_qp: %s", strerror(errno));
	if (ibv_modify_qp(qp[i], &attr,
			  IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT | IBV_QP_ACCESS_FLAGS))
		fail("ibv_modify_qp to INIT: %s", strerror(errno));
}

static void connect_qp(struct ibv_qp *from, const struct ibv_qp *to)
{
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_RTR, .path_mtu = IBV_MTU_1024, .dest_qp_num = to->qp_num,
		.max_dest_rd_atomic = 1, .min_rnr_timer = 12,
		.ah_attr = { .is_global = 1, .port_num = PORT,
			     .grh = { .dgid = gid, .sgid_index = gid_index, .hop_limit = 1 } },
	};

	if (ibv_modify_qp(from, &attr,
			  IBV_QP_STATE | IBV_QP_AV | IBV_QP_PATH_MTU | IBV_QP_DEST_QPN |
			  IBV_QP_RQ_PSN | IBV_QP_MAX_DEST_RD_ATOMIC | IBV_QP_MIN_RNR_TIMER))
		fail("ibv_modify_qp to RTR: %s", strerror(errno));
	attr = (struct ibv_qp_attr){
		.qp_state = IBV_QPS_RTS, .timeout = 14, .retry_cnt = 7, .rnr_retry = 7,
		.max_rd_atomic = 1,
	};
	if (ibv_modify_qp(from, &attr,
			  IBV_QP_STATE | IBV_QP_TIMEOUT | IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY |
			  IBV_QP_SQ_PSN | IBV_QP_MAX_QP_RD_ATOMIC))
		fail("ibv_modify_qp to RTS: %s", strerror(errno));
}

/* Sent and received: two completions. */
static void complete(void)
{
	unsigned long polls;
	struct ibv_wc wc;
	int left = 2;

	for (polls = 0; left && polls < POLLS_MAX; polls++) {
		int n = ibv_poll_cq(cq, 1, &wc);

		if (n < 0 || (n && wc.status != IBV_WC_SUCCESS))
			fail("ibv_poll_cq: %s", n < 0 ? "error" : ibv_wc_status_str(wc.status));
		left -= n;
	}
	if (left)
		fail("RDMA: a message did not arrive");
}

static void message(int from, char *src, char *dst, size_t len)
{
	struct ibv_sge out = { (uintptr_t)src, len, mr->lkey };
	struct ibv_sge in = { (uintptr_t)dst, len, mr->lkey };
	struct ibv_recv_wr recv = { .sg_list = &in, .num_sge = 1 }, *bad_recv;
	struct ibv_send_wr send = {
		.sg_list = &out, .num_sge = 1, .opcode = IBV_WR_SEND,
		.send_flags = IBV_SEND_SIGNALED,
	}, *bad_send;

	if (ibv_post_recv(qp[!from], &recv, &bad_recv) || ibv_post_send(qp[from], &send, &bad_send))
		fail("RDMA: posting a message: %s", strerror(errno));
	complete();
	if (memcmp(src, dst, len))
		fail("RDMA: another message arrived than was sent");
}

static void ping_pong(struct sim *s)
{
	size_t half = s->mem.len / 2, len = half < MESSAGE_MAX ? half : MESSAGE_MAX;
	char *ping = s->mem.addr, *pong = s->mem.addr + half;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		memset(ping, 'a' + i, len);
		message(0, ping, pong, len);
		memset(pong, 'A' + i, len);
		message(1, pong, ping, len);
	}
}

static void pingpong_take(struct sim *s)
{
	int i;

	open_device();
	find_gid();
	pd = ibv_alloc_pd(ctx);
	cq = pd ? ibv_create_cq(ctx, 4, NULL, NULL, 0) : NULL;
	if (!cq)
		fail("ibv_create_cq: %s", strerror(errno));
	mr = ibv_reg_mr(pd, s->mem.addr, s->mem.len, IBV_ACCESS_LOCAL_WRITE);
	if (!mr)
		fail("ibv_reg_mr of %zu bytes: %s", s->mem.len, strerror(errno));
	for (i = 0; i < 2; i++)
		create_qp(i);
	connect_qp(qp[0], qp[1]);
	connect_qp(qp[1], qp[0]);
	ping_pong(s);
}

static void pingpong_drop(struct sim *s)
{
	if (ibv_destroy_qp(qp[0]) || ibv_destroy_qp(qp[1]) || ibv_dereg_mr(mr) ||
	    ibv_destroy_cq(cq) || ibv_dealloc_pd(pd) || ibv_close_device(ctx))
		fail("RDMA: tearing down: %s", strerror(errno));
	ctx = NULL;
}

#else

static void pingpong_take(struct sim *s)
{
	cannot("rdma-core: pinsim was built without libibverbs");
}

static void pingpong_drop(struct sim *s)
{
}

#endif

static void pingpong_setup(struct sim *s)
{
	rdma_add_link();
}

static const struct pinner pingpong = {
	.setup = pingpong_setup, .take = pingpong_take, .drop = pingpong_drop,
	.models = model_per_page, .driver = "rdma", .longterm = true,
};

const struct subsystem pingpong_subsystems[] = {
	{ .name = "pingpong", .help = "RDMA messages through rdma-core (rxe)", .run = hold_run,
	  .pinner = &pingpong, .allows = OPTS_FAST | OPT_UNMAP | OPT_ABORT, .kinds = KINDS_LONG,
	  .pages = 127 },
	{},
};
