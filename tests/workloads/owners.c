// SPDX-License-Identifier: GPL-2.0
/* Very many owners that have exited: each pinned a page through a ring that another keeps open. */
#include <errno.h>
#include <linux/io_uring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim.h"

#define PROCS 1009

static void allow_files(int nr)
{
	struct rlimit limit = { nr + 64, nr + 64 };

	if (setrlimit(RLIMIT_NOFILE, &limit))
		cannot("%d open files: %s", nr, strerror(errno));
}

static int new_ring(void)
{
	struct io_uring_params p = {};
	int fd = syscall(SYS_io_uring_setup, 1, &p);

	if (fd < 0)
		cannot("io_uring: %s", strerror(errno));
	return fd;
}

/* What it writes is a page of its own. */
static void pin_one(int ring, char *page)
{
	struct iovec iov = { page, page_size() };

	*page = 2;
	_exit(syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &iov, 1) ? 1 : 0);
}

static int owners_run(struct sim *s)
{
	int i, status, nr = s->o.procs ?: PROCS, *rings = calloc(nr, sizeof(*rings));
	pid_t pid;

	if (!rings)
		fail("out of memory");
	allow_files(nr);
	mem_get(s);
	s->before = pins_settled();
	for (i = 0; i < nr; i++) {
		rings[i] = new_ring();
		pid = batch_fork(s);
		if (!pid)
			pin_one(rings[i], s->mem.addr);
		if (waitpid(pid, &status, 0) != pid || status)
			cannot("a registered buffer in the %dth process (RLIMIT_MEMLOCK?)", i);
	}
	s->out->pid = syscall(SYS_gettid);
	s->out->tgid = getpid();
	s->out->known = true;
	s->out->bytes = (uint64_t)nr * page_size();
	s->out->expected = nr;
	s->out->observed = pins_since(&s->before);
	report_pinned(s, "\"procs\":%d", nr);
	wait_end(s, NULL, 0);
	for (i = 0; i < nr; i++)
		close(rings[i]);
	report_released(s, NULL);
	free(rings);
	return 0;
}

const struct subsystem owners_subsystems[] = {
	{ .name = "owners", .help = "io_uring buffers of processes (1009) that have exited",
	  .run = owners_run, .allows = OPT_PROCS, .pages = 1, .mem = MEM_ANON },
	{},
};
