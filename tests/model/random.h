/* SPDX-License-Identifier: GPL-2.0 */
/* Random numbers that can be had again: xorshift64*. */
#ifndef PINSCOPE_TESTS_RANDOM_H
#define PINSCOPE_TESTS_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t x;
};

static inline uint64_t random_next(struct random *r)
{
	r->x ^= r->x >> 12;
	r->x ^= r->x << 25;
	r->x ^= r->x >> 27;
	return r->x * 0x2545f4914f6cdd1dULL;
}

/* 0 to n - 1 */
static inline uint32_t random_below(struct random *r, uint32_t n)
{
	return (random_next(r) >> 33) % n;
}

/* True in @percent of the cases. */
static inline int random_chance(struct random *r, uint32_t percent)
{
	return random_below(r, 100) < percent;
}

/* From PINSCOPE_SEED, or the time; never 0. */
uint64_t random_seed(void);

#endif
