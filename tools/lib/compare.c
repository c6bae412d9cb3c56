// SPDX-License-Identifier: GPL-2.0
#include <time.h>

#include "compare.h"

/*
 * So often what differs is looked at, in so many tries to find nothing under way; and so often
 * again, further apart, since a task may be put aside in the middle of a release.
 */
#define LOOKS 4
#define TRIES 8
#define APART_NS 1000000
#define MORE_TRIES 24
#define MORE_APART_NS 5000000
/*
 * What has been under way for so long, and an end may have been missed, never
 * ends: while others come and go, and while nothing at all happens, pins by the
 * kernel's counters included.
 */
#define STUCK_NS 30000000000ULL
#define STILL_NS 2000000000ULL

struct look {
	int64_t ahead;		/* the kernel's count less the ledger's */
	int64_t taken;		/* the same of pins taken, in all */
	uint64_t added;		/* pins by folio_add_pin() */
};

void comparer__in_line(struct comparer *c, bool agreed)
{
	c->in_line = true;
	c->agreed = agreed;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Those found not to be going on any more are not stuck any more, so many at most. */
static void forget_stuck(struct comparer *c, const struct ledger *l, uint64_t under_way)
{
	uint64_t exits = ledger__totals(l)->lost[LOST_EXIT], found = exits - c->exits;

	c->exits = exits;
	c->stuck -= found < c->stuck ? found : c->stuck;
	if (under_way < c->stuck)
		c->stuck = under_way;
}

/*
 * Is none but those under way that will never end? A task whose pin call was
 * not seen to end may not make another one, or be gone.
 */
static bool none_under_way(struct comparer *c, const struct ledger *l, bool missed)
{
	uint64_t under_way = ledger__calls_under_way(l), now = now_ns();

	forget_stuck(c, l, under_way);
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

/* Where all stands still, what is under way stands still as well. */
static void look_for_stuck(struct comparer *c, const struct ledger *l, bool missed,
			   const struct vmstat_pins *kernel)
{
	const struct ledger_totals *t = ledger__totals(l);
	uint64_t under_way = ledger__calls_under_way(l), now = now_ns();

	if (!missed || c->still.begun != t->begun || c->still.events != t->events ||
	    c->still.under_way != under_way || c->still.acquired != kernel->acquired ||
	    c->still.released != kernel->released) {
		c->still.begun = t->begun;
		c->still.events = t->events;
		c->still.under_way = under_way;
		c->still.acquired = kernel->acquired;
		c->still.released = kernel->released;
		c->still.since_ns = now;
	} else if (now - c->still.since_ns > STILL_NS) {
		c->stuck = under_way;
	}
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
	look->taken = (int64_t)(kernel->acquired - ledger__acquired(l));
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
	struct timespec apart = { .tv_nsec = APART_NS };
	int tries, looks = 0, got;
	struct look at = {};

	for (tries = 0; tries < TRIES + MORE_TRIES; tries++) {
		if (tries == TRIES && looks < LOOKS)
			return false;
		if (tries == TRIES)
			apart.tv_nsec = MORE_APART_NS;
		if (tries)
			nanosleep(&apart, NULL);
		got = look(c, l, missed, &at, kernel);
		if (got < 0)
			return false;
		if (!got)
			continue;
		if (!looks++ || unexplained(c, &at) < unexplained(c, least))
			*least = at;
		if (!unexplained(c, &at)) {
			*least = at;
			return true;
		}
	}
	return true;
}

/* The difference, once it is known what of it is the kernel's error. */
static int64_t judge(struct comparer *c, const struct look *at, bool sound)
{
	static const struct look none = {};
	int64_t difference = unexplained(c, at);
	bool learns = sound && c->agreed && c->has_last && c->last == difference;
	bool no_error = sound && c->in_line &&
			!(at->ahead + (c->counts_added ? 0 : (int64_t)at->added));

	if (difference && no_error)
		set_base(c, c->counts_added ? at : &none);
	else if (difference && learns)
		set_base(c, at);
	difference = unexplained(c, at);
	if (!difference)
		c->has_base = true;
	c->last = difference;
	c->has_last = true;
	c->in_line = c->agreed = false;
	return difference;
}

/* What is taken and given back inside calls shows where the counts of pins in flight agree. */
static uint64_t retried(struct comparer *c, const struct look *at)
{
	int64_t taken = at->taken + (c->counts_added ? 0 : (int64_t)at->added);

	if (!c->has_taken || taken < c->base_taken)
		c->base_taken = taken;
	c->has_taken = true;
	return (uint64_t)(taken - c->base_taken);
}

struct compared comparer__run(struct comparer *c, const struct ledger *l, bool sound, bool missed,
			      struct vmstat_pins *kernel)
{
	struct compared res = {};
	struct look least = {};

	if (!sound)
		c->in_line = c->agreed = false;
	res.known = confirm(c, l, missed, &least, kernel);
	look_for_stuck(c, l, missed, kernel);
	if (res.known)
		res.difference = judge(c, &least, sound);
	res.differs = res.known && res.difference;
	res.known = res.known && c->has_base;
	if (res.known && !res.difference)
		c->retried = retried(c, &least);
	res.retried = c->retried;
	res.extra = c->counts_added ? 0 : ledger__extra(l);
	res.drift = c->base_ahead + (c->counts_added ? 0 : (int64_t)c->base_added);
	return res;
}
