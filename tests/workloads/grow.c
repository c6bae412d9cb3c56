// SPDX-License-Identifier: GPL-2.0
/* A leak in the making: twice a second the same pins are taken once more, and none is given back. */
#include <sys/syscall.h>
#include <unistd.h>

#include "sim.h"

#define TICK_MS		500
#define RINGS_MAX	4096

static int rings[RINGS_MAX];
static int nr_rings;

static void take_more(struct sim *s)
{
	if (nr_rings == RINGS_MAX)
		return;
	uring_pinner.take(s);
	rings[nr_rings++] = s->pin_fd;
}

static int grow_run(struct sim *s)
{
	struct outcome *out = s->out;
	int takes;

	s->before = pins_settled();
	mem_get(s);
	out->pid = syscall(SYS_gettid);
	out->tgid = getpid();
	out->address = (uintptr_t)s->mem.addr;
	out->length = s->mem.len;
	out->known = true;
	take_more(s);
	out->expected = s->mem.len / page_size();
	out->observed = pins_wait(&s->before, out->expected, 50);
	report_pinned(s, "\"every_ms\":%d", TICK_MS);
	wait_end(s, take_more, TICK_MS);
	takes = nr_rings;
	while (nr_rings)
		close(rings[--nr_rings]);
	report_released(s, "\"takes\":%d", takes);
	return 0;
}

const struct subsystem grow_subsystems[] = {
	{ .name = "grow", .help = "io_uring buffers, registered once more all the time",
	  .run = grow_run, .allows = OPT_SIZE, .pages = 13, .mem = MEM_ANON },
	{},
};
