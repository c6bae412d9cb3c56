// SPDX-License-Identifier: GPL-2.0
/*
 * Does pintrace keep up? Made-up pin calls and releases, at a given rate and as
 * fast as one CPU makes them, through the tracer's programs and its buffer to a
 * view, read as pintrace reads: how many pairs were lost on the way, and how
 * many the reader could take if it had nothing to wait for. Without the
 * kernel's own work for a pin.
 */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
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

static void measure(const char *name, struct trace_view *(*view)(FILE *, const struct trace_view_opts *), uint32_t nr, uint64_t rate)
{
	const struct trace_view_opts opts = { 0 };
	struct pollfd pfd = { .events = POLLIN };
	FILE *out = fopen("/dev/null", "w");
	struct producer p = { .rate = rate };
	struct trace_health h;
	struct feed f;
	pthread_t thread;
	double cpu;
	uint64_t lost;

	feed_open(&f, TRACER_BUFFER, 1);
	feed_show(&f, view(out, &opts));
	f.threads[0].nr = nr;
	p.feed = &f;
	pfd.fd = ring_buffer__epoll_fd(f.ring);
	to_cpu(1);
	cpu = now(CLOCK_THREAD_CPUTIME_ID);
	if (pthread_create(&thread, NULL, produce, &p))
		return;
	while (!atomic_load(&p.over)) {
		poll(&pfd, 1, READ_EVERY_MS);
		feed_read(&f);
	}
	pthread_join(thread, NULL);
	feed_read(&f);
	cpu = now(CLOCK_THREAD_CPUTIME_ID) - cpu;
	feed_end(&f, &h);
	lost = h.totals.dropped_calls > h.totals.dropped_releases ? h.totals.dropped_calls :
								   h.totals.dropped_releases;
	printf("| %s | %u | %s | %.0f | %llu | %.1f %% | **%.1f** |\n", name, nr,
	       rate ? "200000" : "all", (double)f.threads[0].pairs / p.took,
	       (unsigned long long)lost, 100 * cpu / p.took,
	       (double)(f.threads[0].pairs - lost) / cpu / ASKED);
	fflush(stdout);
	feed_close(&f);
	fclose(out);
}

int main(void)
{
	static const struct {
		const char *name;
		struct trace_view *(*view)(FILE *out, const struct trace_view_opts *opts);
	} views[] = { { "-c", view_summary }, { "lines", view_text } };
	static const uint64_t rates[] = { ASKED, 0 };
	static const uint32_t pages[] = { 1, 16, 512 };
	size_t i, k, m;

	puts("| view | pages a call | pairs/s asked for | made | lost | reader, of a CPU | "
	     "it would take, times 200000 |\n|---|--:|--:|--:|--:|--:|--:|");
	for (i = 0; i < 2; i++)
		for (k = 0; k < 2; k++)
			for (m = 0; m < 3; m++)
				measure(views[i].name, views[i].view, pages[m], rates[k]);
	return 0;
}
