// SPDX-License-Identifier: GPL-2.0
/* AF_ALG: the kernel's crypto for programs; what is sent to a hash is read where it lies. */
#include <errno.h>
#include <linux/if_alg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim.h"

#define DIGEST	32

static int hash = -1;

static void alg_setup(struct sim *s)
{
	struct sockaddr_alg sa = {
		.salg_family = AF_ALG, .salg_type = "hash", .salg_name = "sha256",
	};
	int fd = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		cannot("AF_ALG: %s", strerror(errno));
	if (bind(fd, (void *)&sa, sizeof(sa)))
		cannot("AF_ALG: sha256: %s", strerror(errno));
	hash = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	if (hash < 0)
		fail("AF_ALG: accept: %s", strerror(errno));
	close(fd);
}

static void alg_call(struct sim *s)
{
	char digest[DIGEST];

	if (send(hash, s->mem.addr, s->mem.len, 0) != (ssize_t)s->mem.len)
		fail("AF_ALG: %zu bytes: %s", s->mem.len, strerror(errno));
	if (read(hash, digest, sizeof(digest)) != sizeof(digest))
		fail("AF_ALG: digest: %s", strerror(errno));
}

static void alg_cleanup(struct sim *s)
{
	close(hash);
}

static const struct pinner alg = {
	.setup = alg_setup, .call = alg_call, .cleanup = alg_cleanup,
	.models = model_passing_extracted, .driver = "af_alg",
};

const struct subsystem alg_subsystems[] = {
	{ .name = "alg", .help = "AF_ALG, sha256", .run = fast_run, .pinner = &alg,
	  .allows = OPTS_FAST | OPT_MIX, .kinds = KINDS_SHORT, .pages = 251, .limit = 521 },
	{},
};
