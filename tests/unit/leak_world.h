/* SPDX-License-Identifier: GPL-2.0 */
/* A machine without pins so far, and pinleak's model of it. See live_world.h for who is there. */
#ifndef PINSCOPE_TESTS_LEAK_WORLD_H
#define PINSCOPE_TESTS_LEAK_WORLD_H

#include <errno.h>
#include <stdlib.h>

#include "leak_model.h"
#include "live_world.h"

struct leak_world {
	struct live_world w;
	struct leak_model m;
};

static inline int leak_start(void **state)
{
	struct leak_world *w = calloc(1, sizeof(*w));

	live_fill(&w->w);
	w->w.sites[0].detail = (char *)"type1";
	leak_model__init(&w->m);
	leak_model__begin(&w->m, &w->w.snap);
	*state = w;
	return 0;
}

static inline int leak_stop(void **state)
{
	struct leak_world *w = *state;

	leak_model__free(&w->m);
	free(w);
	return 0;
}

#define leak_test(f) cmocka_unit_test_setup_teardown(f, leak_start, leak_stop)

#endif
