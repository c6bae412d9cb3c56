// SPDX-License-Identifier: GPL-2.0
/* Memory that one process has pinned by two drivers, of which the second lets go first. */
#include <unistd.h>

#include "sim.h"

/* Until a kernel worker has released what an AF_XDP socket had. */
#define PATIENCE_MS 5000
#define LOOK_SECONDS 3

static void twice_take(struct sim *s)
{
	long long pages = (long long)(s->mem.len / page_size());
	int ring;

	uring_pinner.take(s);
	ring = s->pin_fd;
	xdp_pinner.take(s);
	/* Who looks on has to have looked once to know which driver a new owner's pins are of. */
	sleep(LOOK_SECONDS);
	close(s->pin_fd);
	s->pin_fd = ring;
	if (pins_wait(&s->before, pages, PATIENCE_MS) != pages)
		note(s, "the AF_XDP socket's pins are still there");
}

static void twice_drop(struct sim *s)
{
	uring_pinner.drop(s);
}

static int twice_models(const struct sim *s, const struct layout *l, struct model *models)
{
	models[0] = (struct model){ 2 * (long long)l->pages, (long long)l->pages };
	return 1;
}

static const struct pinner twice = {
	.take = twice_take, .drop = twice_drop, .models = twice_models,
	.driver = "io_uring", .longterm = true,
};

const struct subsystem twice_subsystems[] = {
	{ .name = "twice", .help = "io_uring buffers, that were an AF_XDP socket's as well",
	  .run = hold_run, .pinner = &twice, .allows = OPT_SIZE, .kinds = KIND(ANON), .pages = 509 },
	{},
};
