// SPDX-License-Identifier: GPL-2.0
/*
 * What the ledger's update costs, in nanoseconds for a pin and its release,
 * without the kernel's own work and without the stack: made-up calls on
 * made-up pages, in this machine's kernel.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "world.h"

enum { PAGES, FOLIOS, RANGE, FOLIO };	/* as enum walk_form */

#define RUNS 501
#define RUN_PAGES 8192		/* pages that are pinned in one run, at most */

static struct world world;

struct job {
	uint32_t thread, first, nr, stride, owner;
	double ns;		/* a call */
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* The median of many runs. */
static void *measure(void *arg)
{
	struct job *job = arg;
	struct model_step *s = &world.steps[job->thread];
	double begin, ns[RUNS];
	cpu_set_t set;
	uint32_t i;

	CPU_ZERO(&set);
	CPU_SET(job->thread, &set);
	sched_setaffinity(0, sizeof(set), &set);
	memset(s, 0, sizeof(*s));
	s->key.tgid = 1000 + job->owner;
	s->key.start_ns = 1;
	s->owner = OWNER_OTHERS + 1 + job->owner;
	s->from = world_array(&world, job->thread);
	s->nr = job->nr;
	s->form = PAGES;
	s->pairs = RUN_PAGES / job->nr < MODEL_PAIRS ? RUN_PAGES / job->nr : MODEL_PAIRS;
	for (i = 0; i < job->nr; i++)
		s->pages[i] = world_page(&world, job->first + i * job->stride);
	for (i = 0; i < RUNS; i++) {
		begin = now();
		world_pairs(&world, job->thread);
		ns[i] = (now() - begin) / s->pairs;
	}
	qsort(ns, RUNS, sizeof(*ns), by_size);
	job->ns = ns[RUNS / 2];
	return NULL;
}

static void show(const char *what, const struct job *job)
{
	printf("%-44s %9.0f ns a pair, %6.1f a page\n", what, job->ns, job->ns / job->nr);
}

static void two(const char *what, struct job a, struct job b)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, measure, &a))
		return;
	measure(&b);
	pthread_join(thread, NULL);
	show(what, a.ns > b.ns ? &a : &b);
}

int main(void)
{
	const struct world_size size = { .pages = 1 << 18, .entries = 8192, .owners = 64 };
	struct job one = { .first = 64, .nr = 1, .stride = 1 };
	struct job sixteen = { .first = 128, .nr = 16, .stride = 1 };
	struct job contiguous = { .first = 1024, .nr = 512, .stride = 1 };
	struct job scattered = { .first = 4096, .nr = 512, .stride = 67 };
	struct job huge = { .first = 1 << 17, .nr = 512, .stride = 1 };
	struct job shared = { .first = 64, .nr = 1, .stride = 1, .owner = 1 };
	struct job other = { .thread = 1, .first = 1 << 16, .nr = 1, .stride = 1, .owner = 1 };
	struct job same = { .thread = 1, .first = 64, .nr = 1, .stride = 1, .owner = 1 };
	struct owner_key key = { .start_ns = 1 };
	int i;

	world_open(&world, &size);
	world_folio(&world, huge.first, 9);
	for (i = 0; i < 2; i++) {
		key.tgid = 1000 + i;
		world_owner(&world, &key);
	}
	measure(&one);
	show("1 page", &one);
	measure(&sixteen);
	show("16 pages in a row", &sixteen);
	measure(&contiguous);
	show("512 pages in a row", &contiguous);
	measure(&scattered);
	show("512 pages, each in another block", &scattered);
	measure(&huge);
	show("512 pages of one huge page", &huge);

	/* Somebody else has a pin of that page all the time. */
	world.steps[0] = (struct model_step){
		.key = key, .frame = 1, .from = world_page(&world, 64), .nr = 1, .got = 1,
		.form = RANGE,
	};
	key.tgid = 999;
	world.steps[0].key = key;
	world_begin(&world, 0);
	world_end(&world, 0);
	measure(&shared);
	show("1 page that another process has pinned", &shared);

	two("1 page, on two CPUs", one, other);
	two("1 page, the same one on two CPUs", one, same);
	world_close(&world);
	return 0;
}
