// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once, the tool looking on. One process beside it holds what it has, which has to
 * stand there at each look; of the others counts what is left when it is over.
 */
#include <signal.h>
#include <string.h>
#include <time.h>

#include "exact.h"

#define LOOKS_APART 0.5		/* seconds */
#define MIXED_SECONDS 900
/* The kernel's counters can be compared only where calls are few: now and then none are made. */
#define FREEZE_EVERY 8		/* looks */
#define FROZEN_POLLS 20
#define POLLS_APART_NS 100000000
#define STEADY "uring-anon --pages 1009"
#define STEADY_PINS 1009
#define SIM_SECONDS 60

uint64_t mixed_least;

/* What the looks in between saw. */
struct looks {
	int nr, known, differing, unsteady;
	int frozen;		/* of those compared with the kernel: while nothing was pinned or released */
	long long most;		/* in flight at one of them */
};

/* Sums over all owners since the tool began. */
static long long taken(const struct world *w, long long *released)
{
	long long acquired = 0;
	size_t i;

	*released = 0;
	for (i = 0; i < w->snap->nr_procs; i++) {
		acquired += (long long)w->snap->procs[i].flow.acquired;
		*released += (long long)w->snap->procs[i].flow.released;
	}
	return acquired;
}

static void look(struct world *w, const struct sim *steady, struct looks *looks)
{
	const struct snap_proc *p;

	world_poll(w);
	p = world_process(w, (pid_t)sim_number(steady->said, "owner", 0));
	looks->nr++;
	looks->known += w->snap->live->difference_known;
	looks->unsteady += !p || p->sum.pins != STEADY_PINS;
	if (w->snap->live->in_flight > looks->most)
		looks->most = w->snap->live->in_flight;
	if (!w->snap->live->difference_known || !w->snap->live->difference)
		return;
	/* Where something is known to be missed there may be one, until it is repaired. */
	looks->differing += !w->snap->live->suspect;
	say("difference %lld at look %d, %s", (long long)w->snap->live->difference, looks->nr,
	    w->snap->live->suspect ? "as something was missed" : "unexplained");
	world_say_lost(w);
}

/* The kernel's CPU-local counters may take a second or two until they can be summed up. */
static void look_frozen(struct world *w, const struct sim *s, const struct sim *steady,
			struct looks *looks)
{
	const struct timespec pause = { .tv_nsec = POLLS_APART_NS };
	int i, known = looks->known;

	sim_freeze(s, true);
	for (i = 0; i < FROZEN_POLLS && looks->known == known; i++) {
		nanosleep(&pause, NULL);
		look(w, steady, looks);
	}
	looks->frozen += looks->known > known;
	sim_freeze(s, false);
}

/* Looks on until pinsim's last line, the second one; ends it when that is enough. */
static json_t *look_on(struct world *w, struct sim *s, const struct sim *steady,
		       struct looks *looks, long long before)
{
	int left = (int)(MIXED_SECONDS / LOOKS_APART), lines = 0;
	json_t *said = NULL, *line;
	bool stopped = !mixed_least;
	long long released;

	while (left-- && lines < 2) {
		line = sim_read(s, LOOKS_APART);
		if (line) {
			lines++;
			json_decref(said);
			said = line;
		}
		if (looks->nr % FREEZE_EVERY != FREEZE_EVERY / 2)
			look(w, steady, looks);
		else
			look_frozen(w, s, steady, looks);
		if (!stopped && lines && taken(w, &released) - before >= (long long)mixed_least) {
			kill(s->pid, SIGTERM);
			stopped = true;
		}
	}
	return said;
}

/* Every pin that it saw being taken is by something that pins there. */
static void check_drivers(const struct world *w, const char *line)
{
	static const char *const expected[] = {
		"io_uring", "process_vm", "direct-io", "af_xdp", "udmabuf", "af_alg", "rdma",
		"vfio", "v4l2", "orangefs", "rds",
	};
	const struct snap_live *live = w->snap->live;
	size_t i, k, unknown = 0, seen = 0;

	for (i = 0; i < live->nr_drivers; i++) {
		const char *name = live->drivers[i].name;

		for (k = 0; k < sizeof(expected) / sizeof(expected[0]); k++)
			if (!strcmp(name, expected[k]))
				break;
		seen += k < sizeof(expected) / sizeof(expected[0]);
		if (k < sizeof(expected) / sizeof(expected[0]) || name[0] == '(')
			continue;
		unknown++;
		say("driver %s: %llu pins", name,
		    (unsigned long long)live->drivers[i].flow.acquired);
	}
	is(unknown, 0, "%s: no driver that does not pin there", line);
	ok(seen >= 4, "%s: by %zu drivers", line, seen);
}

static void check_looks(struct world *w, const struct looks *looks, const char *line)
{
	say("looks: %d, compared with the kernel %d, %d times while frozen, up to %lld pins in flight",
	    looks->nr, looks->known, looks->frozen, looks->most);
	ok(looks->nr > 1, "%s: it was looked at meanwhile", line);
	ok(looks->frozen > 0, "%s: it was compared with the kernel meanwhile", line);
	is(looks->differing, 0, "%s: no look shows a difference where nothing was missed", line);
	is(looks->unsteady, 0, "%s: who holds still has the same pins at each look", line);
	if (!world_missed(w))
		world_check_clean(w, line);
}

static void report(const struct world *w, long long acquired, long long kernel)
{
	const struct snap_live *live = w->snap->live;

	say("mixed: %lld pins in %llu calls, %llu of them releases inside pin calls; kernel %lld; "
	    "%llu runs missed, %llu repairs that changed %llu pins; %llu owners, %llu entries",
	    acquired, (unsigned long long)live->events, (unsigned long long)live->nested, kernel,
	    (unsigned long long)live->missed_runs, (unsigned long long)live->repairs,
	    (unsigned long long)live->repaired_pins, (unsigned long long)live->owners,
	    (unsigned long long)live->entries);
}

void run_mixed(struct world *w, const char *line)
{
	long long acquired, released, before, before_released;
	struct looks looks = {};
	struct sim s, steady;
	json_t *said;

	world_rebase(w);
	sim_start(&steady, STEADY);
	steady.said = sim_read(&steady, SIM_SECONDS);
	if (!ok(steady.said, "%s: one that holds", line)) {
		sim_end(&steady, false);
		return;
	}
	world_look(w, STEADY_PINS);
	w->preempts = true;
	before = taken(w, &before_released);
	sim_start(&s, line);
	said = look_on(w, &s, &steady, &looks, before);
	if (ok(said, "%s: pinsim says what it did", line))
		is(sim_number(said, "remaining_pins", -1), 0, "%s: no pin is left", line);
	is(sim_end(&s, false), 0, "%s: pinsim ends", line);
	world_look(w, STEADY_PINS);
	is(w->snap->live->in_flight, w->base + STEADY_PINS, "%s: nothing stays in the ledger", line);
	world_check(w, line);
	check_looks(w, &looks, line);
	check_drivers(w, line);
	acquired = taken(w, &released) - before;
	released -= before_released;
	is(released, acquired, "%s: as many released as taken, by owners", line);
	if (mixed_least)
		ok(acquired >= (long long)mixed_least, "%s: %lld pins in all", line, acquired);
	report(w, acquired, said ? sim_number(said, "acquired", 0) : 0);
	json_decref(said);
	is(sim_end(&steady, true), 0, "%s: the one that holds ends", line);
	world_look(w, 0);
	is(w->snap->live->in_flight, w->base, "%s: nothing at all stays", line);
	w->preempts = false;
}
