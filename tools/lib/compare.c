// SPDX-License-Identifier: GPL-2.0
#include <time.h>

#include "compare.h"

/* So often what differs is looked at, in so many tries to find nothing under way. */
#define LOOKS 4
#define TRIES 8
#define APART_NS 1000000
/* What has been under way for so long, and a run was missed, never ends. */
#define STUCK_NS 30000000000ULL

struct look {
	int64_t ahead;		/* the kernel's count less the ledger's */
	uint64_t added;		/* pins by folio_add_pin() */
};

void comparer__in_line(struct comparer *c)
{
	c->has_base = false;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/*
 * Is none but those under way that will never end? A task whose pin call was
 * not seen to end may not make another one, or be gone.
 */
static bool none_under_way(struct comparer *c, const struct ledger *l, bool missed)
{
	uint64_t under_way = ledger__calls_under_way(l), now = now_ns();

	if (under_way < c->stuck)
		c->stuck = under_way;
	if (!c->window_ns || under_way < c->least)
		c->least = under_way;
	if (!c->window_ns)
		c->window_ns = now;
	if (now - c->window_ns > STUCK_NS) {
		if (missed)
			c->stuck = c->least;
		c->least = under_way;
		c->window_ns = now;
	}
	return under_way == c->stuck;
}

/* 1, 0 when calls came or were under way, or -1 when there is nothing to compare with. */
static int look(struct comparer *c, const struct ledger *l, bool missed, struct look *look,
		 struct vmstat_pins *kernel)
{
	const struct ledger_totals *t = ledger__totals(l);
	uint64_t begun = __atomic_load_n(&t->begun, __ATOMIC_ACQUIRE);
	uint64_t events = __atomic_load_n(&t->events, __ATOMIC_ACQUIRE);
	bool quiet = none_under_way(c, l, missed);

	if (vmstat_refresh() || vmstat_read(kernel))
		return -1;
	look->ahead = kernel->in_flight - ledger__in_flight(l);
	look->added = ledger__extra(l);
	return quiet && __atomic_load_n(&t->begun, __ATOMIC_ACQUIRE) == begun &&
	       __atomic_load_n(&t->events, __ATOMIC_ACQUIRE) == events;
}

static int64_t unexplained(struct comparer *c, const struct look *at)
{
	int64_t more = at->ahead - c->base_ahead;
	int64_t added = (int64_t)(at->added - c->base_added);

	if (c->has_base && added && !more)
		c->counts_added = true;
	return c->counts_added ? more : more + added;
}

static void set_base(struct comparer *c, const struct look *at)
{
	c->base_ahead = at->ahead;
	c->base_added = at->added;
	c->has_base = true;
}

/*
 * The least of several looks, or one that finds no difference: what is under way
 * makes one, and takes none away. False: so many looks could not be had.
 */
static bool confirm(struct comparer *c, const struct ledger *l, bool missed, struct look *least,
		    struct vmstat_pins *kernel)
{
	const struct timespec apart = { .tv_nsec = APART_NS };
	struct look at = {};
	int tries, looks = 0, got;

	for (tries = 0; tries < TRIES && looks < LOOKS; tries++) {
		if (tries)
			nanosleep(&apart, NULL);
		got = look(c, l, missed, &at, kernel);
		if (got < 0)
			return false;
		if (!got)
			continue;
		if (!looks++ || unexplained(c, &at) < unexplained(c, least))
			*least = at;
		if (c->has_base && !unexplained(c, &at)) {
			*least = at;
			return true;
		}
	}
	return looks == LOOKS;
}

struct compared comparer__run(struct comparer *c, const struct ledger *l, bool in_line, bool missed,
			      struct vmstat_pins *kernel)
{
	struct compared res = {};
	struct look least = {};

	res.known = confirm(c, l, missed, &least, kernel);
	if (res.known && !c->has_base && in_line)
		set_base(c, &least);
	res.known = res.known && c->has_base;
	if (res.known)
		res.difference = unexplained(c, &least);
	res.extra = c->counts_added ? 0 : ledger__extra(l);
	res.drift = c->base_ahead + (c->counts_added ? 0 : (int64_t)c->base_added);
	return res;
}
