// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <time.h>

#include "random.h"

uint64_t random_seed(void)
{
	const char *env = getenv("PINSCOPE_SEED");
	struct timespec now;
	uint64_t seed;

	clock_gettime(CLOCK_REALTIME, &now);
	seed = env ? strtoull(env, NULL, 0) : (uint64_t)now.tv_sec * 1000000007 + now.tv_nsec;
	return seed ? seed : 1;
}
