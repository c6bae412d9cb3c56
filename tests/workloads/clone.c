// SPDX-License-Identifier: GPL-2.0
/* Processes of their own that share all memory with the one that pins: clone() with CLONE_VM. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "sim.h"

#define SHARERS		2
#define STACK_SIZE	(64 * KIB)

/* Shares errno with its parent as well, so it does as little as there is to do. */
static int sharer(void *arg)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "pinsim-sharer");
	sleep_for_ever();
}

static pid_t start_sharer(void)
{
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	pid_t pid;

	if (stack == MAP_FAILED)
		fail("mmap: %s", strerror(errno));
	pid = clone(sharer, stack + STACK_SIZE, CLONE_VM | SIGCHLD, NULL);
	if (pid < 0)
		fail("clone: %s", strerror(errno));
	return pid;
}

/* They map what is pinned and pin nothing: that is how they are reported, and ended. */
static void clone_take(struct sim *s)
{
	struct batch *b = &s->mappers;
	int i;

	uring_pinner.take(s);
	b->pids = calloc(SHARERS, sizeof(*b->pids));
	for (i = 0; b->pids && i < SHARERS; i++)
		b->pids[b->nr++] = start_sharer();
}

static void clone_drop(struct sim *s)
{
	uring_pinner.drop(s);
}

static int clone_models(const struct sim *s, const struct layout *l, struct model *models)
{
	return uring_pinner.models(s, l, models);
}

static const struct pinner cloned = {
	.take = clone_take, .drop = clone_drop, .models = clone_models,
	.driver = "io_uring", .longterm = true,
};

const struct subsystem clone_subsystems[] = {
	{ .name = "uring-clone-vm", .run = hold_run, .pinner = &cloned,
	  .help = "io_uring buffers: two more processes share all memory (CLONE_VM)",
	  .allows = OPT_SIZE | OPT_UNMAP, .mem = MEM_ANON, .pages = 1009 },
	{},
};
