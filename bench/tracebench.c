// SPDX-License-Identifier: GPL-2.0
/*
 * Does pintrace keep up? Made-up pin calls and releases, at a given rate and as
 * fast as one CPU makes them, through the tracer's programs and its buffer to a
 * view, read as pintrace reads: how many pairs were lost on the way, and how
 * many the reader could take if it had nothing to wait for. Without the
 * kernel's own work for a pin. Ends with 1 where pintrace -c does not keep up
 * with what it is to keep up with.
 */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/libbpf.h>

#include "feed_world.h"
#include "tracer.h"

#define ASKED 200000		/* pairs a second that -c is to keep up with */
#define SECONDS 3.0
#define READ_EVERY_MS 100	/* as pintrace's, see trace_live.c */

struct producer {
	struct feed *feed;
	uint64_t rate;		/* pairs a second; 0: as many as there can be */
	double took;
	atomic_bool over;
};

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void *produce(void *arg)
{
	struct producer *p = arg;
	double begin = now(CLOCK_MONOTONIC), t = begin;
	uint64_t i;

	to_cpu(0);
	for (i = 0; t - begin < SECONDS; i++) {
		feed_pair(p->feed, 0, i);
		do
			t = now(CLOCK_MONOTONIC);
		while (p->rate && (double)i > (t - begin) * (double)p->rate);
	}
	p->took = t - begin;
	atomic_store(&p->over, true);
	return NULL;
}

struct bench_view {
	const char *name;
	struct trace_view *(*open)(FILE *out, const struct trace_view_opts *opts);
	bool keeps_up;		/* is to lose nothing of ASKED pairs a second */
};

struct result {
	double made;		/* pairs a second */
	double cpu;		/* of the reader, for each second */
	double would_take;	/* pairs a second, with nothing to wait for */
	uint64_t lost;
};

static struct result measure(const struct bench_view *view, uint32_t nr, uint64_t rate)
{
	const struct trace_view_opts opts = { 0 };
	struct pollfd pfd = { .events = POLLIN };
	FILE *out = fopen("/dev/null", "w");
	struct producer p = { .rate = rate };
	struct result res;
	struct trace_health h;
	struct feed f;
	pthread_t thread;
	double cpu;

	feed_open(&f, TRACER_BUFFER, 1);
	feed_show(&f, view->open(out, &opts));
	f.threads[0].nr = nr;
	p.feed = &f;
	pfd.fd = ring_buffer__epoll_fd(f.ring);
	to_cpu(1);
	cpu = now(CLOCK_THREAD_CPUTIME_ID);
	if (pthread_create(&thread, NULL, produce, &p)) {
		fputs("tracebench: cannot start a thread\n", stderr);
		exit(1);
	}
	while (!atomic_load(&p.over)) {
		poll(&pfd, 1, READ_EVERY_MS);
		feed_read(&f);
	}
	pthread_join(thread, NULL);
	feed_read(&f);
	cpu = now(CLOCK_THREAD_CPUTIME_ID) - cpu;
	feed_end(&f, &h);
	res.lost = h.totals.dropped_calls > h.totals.dropped_releases ?
			h.totals.dropped_calls : h.totals.dropped_releases;
	res.made = (double)f.threads[0].pairs / p.took;
	res.cpu = cpu / p.took;
	res.would_take = (double)(f.threads[0].pairs - res.lost) / cpu;
	feed_close(&f);
	fclose(out);
	return res;
}

static void print(const struct bench_view *view, uint32_t nr, uint64_t rate,
		  const struct result *res)
{
	printf("| %s | %u | %s | %.0f | %llu | %.1f %% | **%.1f** |\n", view->name, nr,
	       rate ? "200000" : "all", res->made, (unsigned long long)res->lost, 100 * res->cpu,
	       res->would_take / ASKED);
	fflush(stdout);
}

/* Did it lose nothing of what was asked for, and was that made at all? Of one page a call. */
static bool is_enough(const struct bench_view *view, uint32_t nr, uint64_t rate,
		      const struct result *res)
{
	if (!view->keeps_up || nr != 1 || !rate)
		return true;
	if (!res->lost && res->made >= 0.99 * ASKED)
		return true;
	fprintf(stderr, "tracebench: %s: %.0f pairs a second were made and %llu lost; "
		"%d a second are to be, and none lost%s\n", view->name, res->made,
		(unsigned long long)res->lost, ASKED,
		res->lost ? "" : " (is the machine busy with something else?)");
	return false;
}

int main(void)
{
	static const struct bench_view views[] = {
		{ "-c", view_summary, true }, { "lines", view_text, false },
	};
	static const uint64_t rates[] = { ASKED, 0 };
	static const uint32_t pages[] = { 1, 16, 512 };
	struct result res;
	bool enough = true;
	size_t i, k, m;

	puts("| view | pages a call | pairs/s asked for | made | lost | reader, of a CPU | "
	     "it would take, times 200000 |\n|---|--:|--:|--:|--:|--:|--:|");
	for (i = 0; i < 2; i++)
		for (k = 0; k < 2; k++)
			for (m = 0; m < 3; m++) {
				res = measure(&views[i], pages[m], rates[k]);
				print(&views[i], pages[m], rates[k], &res);
				enough &= is_enough(&views[i], pages[m], rates[k], &res);
			}
	return enough ? 0 : 1;
}
