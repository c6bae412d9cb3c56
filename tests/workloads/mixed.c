// SPDX-License-Identifier: GPL-2.0
/* Everything that needs no disk of its own, at once, by many processes that are killed at random. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim.h"

#define PROCS		8
#define MAX_KINDS	128
#define TICK_MS		5
#define KILL_ONE_IN	8	/* ticks */
#define TRIES		3	/* before something is taken for impossible here */
#define TEXT_MAX	8192
#define MOST_PAGES	509	/* of one call */
#define SMALL_ONE_IN	4	/* where pins are to be many */
#define MOST_HUGETLB	2	/* there are few, for all of them */

/* Shared by all workers. What a killed one was at is in none of the sums. */
struct tally {
	_Atomic long	done, cannot;
};

static struct {
	struct scenario	kinds[MAX_KINDS];
	int		nr_kinds;
	struct tally	*tally;
	_Atomic int	*at;		/* of each worker: the kind it is busy with */
	pid_t		*pids;
	int		nr;
	long		killed, started, failed;
} mix;

static void *shared(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		fail("mmap: %s", strerror(errno));
	return p;
}

static void collect(void)
{
	struct scenario sc = {};

	while (scenario_next(&sc))
		if (sc.allows & OPT_MIX && mix.nr_kinds < MAX_KINDS)
			mix.kinds[mix.nr_kinds++] = sc;
	mix.tally = shared(mix.nr_kinds * sizeof(*mix.tally));
	mix.at = shared(mix.nr * sizeof(*mix.at));
	mix.pids = calloc(mix.nr, sizeof(*mix.pids));
	if (!mix.pids)
		fail("out of memory");
}

static bool impossible(int kind)
{
	return !mix.tally[kind].done && mix.tally[kind].cannot >= TRIES;
}

/* Where all is done many times, pins are to be many: large folios are taken more often. */
static bool passed_over(const struct sim *s, int kind)
{
	return s->o.times && !(KINDS_HUGE & 1U << mix.kinds[kind].mem) &&
	       random() % SMALL_ONE_IN;
}

/* Huge ones hold as much memory as small ones may. */
static size_t some_pages(enum mem_kind mem, size_t most)
{
	static const short primes[] = { 1, 2, 3, 7, 13, 31, 61, 127, 251, 509, 1021, 2039, 4093, 8191 };
	size_t nr = 0, huge = 1 + most / 512;

	if (KINDS_HUGETLB & 1U << mem && huge > MOST_HUGETLB)
		huge = MOST_HUGETLB;
	if (KINDS_HUGE & 1U << mem)
		return 1 + random() % (huge > 1 ? huge : 2);
	while (nr < ARRAY_SIZE(primes) && primes[nr] <= (long)most)
		nr++;
	return primes[random() % (nr ? nr : 1)];
}

static void held(struct sim *s)
{
	long i;

	for (i = 1; i < s->o.times; i++) {
		s->sc.pinner->take(s);
		s->sc.pinner->drop(s);
	}
	s->sc.pinner->take(s);
	usleep(random() % 30000);
	s->sc.pinner->drop(s);
}

static void fast(struct sim *s)
{
	long i, times = (1 + random() % 5) * (s->o.times ?: 1);

	for (i = 0; i < times; i++)
		s->sc.pinner->call(s);
}

static void once(struct sim *s, const struct scenario *sc, size_t most)
{
	const struct pinner *p = sc->pinner;
	struct batch owner = {};

	s->sc = *sc;
	s->o.pages = sc->allows & OPT_SIZE ? some_pages(sc->mem, most) : 0;
	s->o.release = random() % 2 ? RELEASE_CLOSE : RELEASE_UNREGISTER;
	if (p->setup)
		p->setup(s);
	if (p->remote)
		fast_remote_memory(s, &owner);
	else
		mem_get(s);
	if (p->prepare)
		p->prepare(s);
	(p->take ? held : fast)(s);
	if (p->cleanup)
		p->cleanup(s);
	if (p->remote) {
		batch_kill(&owner);
		return;
	}
	mem_unmap(s);
	mem_close(s);
}

static void work(struct sim *s, int nr)
{
	size_t most = s->o.pages ?: MOST_PAGES;

	s->out = shared(sizeof(*s->out));
	s->o.quiet = true;
	srandom(getpid());
	for (;;) {
		int kind = random() % mix.nr_kinds;

		if (impossible(kind) || passed_over(s, kind))
			continue;
		mix.at[nr] = kind;
		once(s, &mix.kinds[kind], most);
		mix.tally[kind].done++;
	}
}

static void start(struct sim *s, int nr)
{
	mix.started++;
	mix.pids[nr] = batch_fork(s);
	if (mix.pids[nr])
		return;
	/* Why something cannot be had here was asked by nobody. */
	if (!freopen("/dev/null", "w", stderr))
		_exit(1);
	work(s, nr);
}

static void ended(int nr, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_CANNOT) {
		mix.tally[mix.at[nr]].cannot++;
	} else if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) {
		mix.failed++;
		fprintf(stderr, "pinsim: %s failed\n", mix.kinds[mix.at[nr]].name);
	}
}

static void tick(struct sim *s)
{
	int i, status;

	if (random() % KILL_ONE_IN == 0) {
		kill(mix.pids[random() % mix.nr], SIGKILL);
		mix.killed++;
	}
	for (i = 0; i < mix.nr; i++) {
		if (waitpid(mix.pids[i], &status, WNOHANG) != mix.pids[i])
			continue;
		ended(i, status);
		start(s, i);
	}
}

static long done(void)
{
	long n = 0;
	int i;

	for (i = 0; i < mix.nr_kinds; i++)
		n += mix.tally[i].done;
	return n;
}

static const char *tallies(void)
{
	static char text[TEXT_MAX];
	size_t len = 0;
	int i;

	for (i = 0; i < mix.nr_kinds && len < sizeof(text) - 64; i++)
		len += snprintf(text + len, sizeof(text) - len, "%s\"%s\":%ld", i ? "," : "",
				mix.kinds[i].name, (long)mix.tally[i].done);
	return text;
}

static void report(struct sim *s)
{
	struct pincount c;

	pins_wait(&s->before, 0, 10000);
	c = pins_read();
	report_released(s, "\"started\":%ld,\"killed\":%ld,\"failed\":%ld,\"done\":%ld,"
			"\"acquired\":%lld,\"released\":%lld,\"each\":{%s}",
			mix.started, mix.killed, mix.failed, done(),
			c.acquired - s->before.acquired, c.released - s->before.released,
			tallies());
}

static int mixed_run(struct sim *s)
{
	struct scenario sc = s->sc;
	struct batch rest;
	int i;

	mix.nr = s->o.procs ?: PROCS;
	collect();
	s->before = pins_settled();
	for (i = 0; i < mix.nr; i++)
		start(s, i);
	while (!done()) {
		tick(s);
		usleep(1000);
	}
	s->sc = sc;
	s->out->pid = syscall(SYS_gettid);
	s->out->tgid = getpid();
	s->out->expected = s->out->observed = UNKNOWN;	/* never the same twice */
	report_pinned(s, "\"procs\":%d", mix.nr);
	wait_end(s, tick, TICK_MS);
	rest = (struct batch){ .nr = mix.nr, .pids = mix.pids };
	batch_kill(&rest);
	report(s);
	return mix.failed ? 1 : 0;
}

const struct subsystem mixed_subsystems[] = {
	{ .name = "mixed", .help = "all that needs no disk of its own, by processes (8) killed at random",
	  .run = mixed_run, .allows = OPT_PROCS | OPT_SIZE | OPT_TIMES },
	{},
};
