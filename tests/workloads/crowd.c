// SPDX-License-Identifier: GPL-2.0
/* Many processes and no pin: what a scan has to live with, and what it must not take for a pin. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim.h"

#define CHURN_PROCS	200
#define MAPPERS_PROCS	2000

static struct {
	pid_t	*pids;
	int	nr;
	long	started;
} churn;

static void nothing_pinned(struct sim *s)
{
	struct outcome *out = s->out;

	out->pid = syscall(SYS_gettid);
	out->tgid = getpid();
	out->address = (uintptr_t)s->mem.addr;
	out->length = s->mem.len;
	out->known = true;
	out->expected = 0;
	out->observed = pins_wait(&s->before, 0, 50);
}

/* Mean 1.5 s: 200 of them are some 130 forks per second, which leaves a small machine some time. */
static double short_life(void)
{
	return 0.1 + random() % 2900 / 1e3;
}

/* Some memory of its own, so that it is worth a look while it lives. */
static int nap_run(struct sim *s)
{
	mem_get(s);
	wait_end(s, NULL, 0);
	return 0;
}

/* One in four executes a program: that is a new mm in the middle of a life. */
static void short_lived(struct sim *s, long nr)
{
	char seconds[32];

	srandom(getpid());
	s->o.hold = short_life();
	if (nr % 4 == 0) {
		snprintf(seconds, sizeof(seconds), "%f", s->o.hold);
		execl("/proc/self/exe", "pinsim", "nap", "--hold", seconds, NULL);
		_exit(1);
	}
	usleep(s->o.hold * 1e6);
	_exit(0);
}

static void churn_tick(struct sim *s)
{
	pid_t gone;
	int i;

	while ((gone = waitpid(-1, NULL, WNOHANG)) > 0)
		for (i = 0; i < churn.nr; i++)
			if (churn.pids[i] == gone)
				churn.pids[i] = 0;
	for (i = 0; i < churn.nr; i++) {
		if (churn.pids[i])
			continue;
		churn.started++;
		churn.pids[i] = batch_fork(s);
		if (!churn.pids[i])
			short_lived(s, churn.started);
	}
}

static int churn_run(struct sim *s)
{
	struct batch rest;

	s->before = pins_settled();
	churn.nr = s->o.procs ?: CHURN_PROCS;
	churn.pids = calloc(churn.nr, sizeof(*churn.pids));
	if (!churn.pids)
		fail("out of memory");
	churn_tick(s);
	nothing_pinned(s);
	report_pinned(s, "\"procs\":%d", churn.nr);
	wait_end(s, churn_tick, 5);
	rest = (struct batch){ .nr = churn.nr, .pids = churn.pids };
	batch_kill(&rest);
	report_released(s, "\"started\":%ld", churn.started);
	return 0;
}

static void mapper(struct sim *s, struct batch *b)
{
	mem_touch(s);
	batch_ready(b);
	sleep_for_ever();
}

/* Reference counts above 1024, the kernel's bias for one pin, with no pin. */
static int mappers_run(struct sim *s)
{
	struct batch b = {};

	s->before = pins_settled();
	mem_get(s);
	batch_start(s, &b, s->o.procs ?: MAPPERS_PROCS, mapper);
	batch_wait(&b);
	nothing_pinned(s);
	report_pinned(s, "\"procs\":%d,\"mapcount\":%lld", b.nr, layout_mapcount(s->mem.addr));
	wait_end(s, NULL, 0);
	batch_kill(&b);
	report_released(s, NULL);
	return 0;
}

const struct subsystem crowd_subsystems[] = {
	{ .name = "churn", .help = "processes that come and go all the time (200), no pin",
	  .run = churn_run, .allows = OPT_PROCS },
	{ .name = "mappers", .help = "a memfd page mapped by many processes (2000), no pin",
	  .run = mappers_run, .allows = OPT_PROCS | OPT_SIZE, .pages = 1, .mem = MEM_MEMFD },
	{ .name = "nap", .help = "touch some memory and sleep, without a word: churn's",
	  .run = nap_run, .allows = OPT_SIZE, .pages = 31, .mem = MEM_ANON },
	{},
};
