// SPDX-License-Identifier: GPL-2.0
/*
 * Threads on several CPUs, and interrupts in the middle of what they do, pin
 * and release on the same few blocks at once. Each releases only what it has
 * pinned itself, so every release must find pins, and what is held in the end
 * is what all have pinned and not released.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

#include "random.h"
#include "vec.h"
#include "world.h"
#include "model.skel.h"

#define THREADS 2
#define ROUNDS 100		/* steps in one run of the program: some 10 us */
#define IRQ_ROUNDS 4
#define IRQ_EVERY_NS 50000

static uint64_t seed;

struct thread {
	pthread_t thread;
	struct world *w;
	unsigned int nr;
	int cpu;
	uint64_t runs;
	int *done;
};

static void *run_thread(void *arg)
{
	struct thread *t = arg;
	uint64_t i;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(t->cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	for (i = 0; i < t->runs; i++)
		world_storm(t->w, t->nr);
	__atomic_add_fetch(t->done, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* The same steps from a timer's interrupt on each CPU. The number of events that were opened. */
static int start_irqs(struct world *w, struct bpf_link **links, int nr_cpus)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = IRQ_EVERY_NS,
	};
	int cpu, fd, nr = 0;

	for (cpu = 0; cpu < nr_cpus; cpu++) {
		fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
		if (fd < 0)
			continue;
		links[nr] = bpf_program__attach_perf_event(w->skel->progs.model_storm_irq, fd);
		if (links[nr])
			nr++;
		else
			close(fd);
	}
	return nr;
}

static void storm_threads(struct world *w, uint64_t steps, bool recycle)
{
	struct thread threads[THREADS];
	int i, done = 0, cpus = sysconf(_SC_NPROCESSORS_ONLN);

	for (i = 0; i < THREADS; i++) {
		threads[i] = (struct thread){
			.w = w, .nr = i, .cpu = i % cpus, .runs = steps / ROUNDS,
			.done = &done,
		};
		assert_int_equal(pthread_create(&threads[i].thread, NULL, run_thread, &threads[i]),
				 0);
	}
	while (recycle && __atomic_load_n(&done, __ATOMIC_ACQUIRE) < THREADS)
		assert_int_equal(recycler__run_now(&w->recycler), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i].thread, NULL);
}

#define SLOTS (MODEL_THREADS + MODEL_CPUS)

static void set_drain(struct world *w, uint32_t percent)
{
	int i;

	for (i = 0; i < SLOTS; i++)
		w->storms[i].drain = percent;
}

static int64_t sums[STORM_PLACES];

static void count_place(const struct ledger_pin *pin, void *unused)
{
	uint32_t i;

	if (pin->order) {
		assert_int_equal(pin->order, 4);
		assert_int_equal(pin->pfn >> LEDGER_BLOCK_SHIFT, STORM_BLOCKS);
		sums[STORM_SMALL + (pin->pfn >> 4 & (STORM_FOLIOS - 1))] += pin->pins;
		return;
	}
	for (i = 0; i < pin->folios; i++) {
		assert_true(pin->pfn + i < STORM_SMALL);
		sums[pin->pfn + i] += pin->pins;
	}
}

/* The ledger holds what all threads together do; each owner's record says what its claims hold. */
static void check_storm(struct world *w)
{
	int64_t held = 0, wanted, in_ledger = 0;
	uint64_t missing = 0;
	uint32_t i, k;

	for (i = 0; i < LOST_CAUSES; i++)
		if (w->totals->lost[i])
			fail_msg("seed %lu: lost by cause %u: %llu", seed, i, w->totals->lost[i]);
	for (i = 0; i < SLOTS; i++)
		missing += w->storms[i].missing;
	if (missing)
		fail_msg("seed %lu: %lu releases did not find their pins", seed, missing);
	memset(sums, 0, sizeof(sums));
	ledger_view__each(&w->view, count_place, NULL);
	for (k = 0; k < STORM_PLACES; k++) {
		wanted = 0;
		for (i = 0; i < SLOTS; i++)
			wanted += w->storms[i].held[k];
		if (sums[k] != wanted)
			fail_msg("seed %lu: place %u has %ld pins, %ld were taken", seed, k,
				 sums[k], wanted);
		held += wanted;
	}
	for (i = 1; i < ledger_view__owners_used(&w->view); i++)
		in_ledger += w->owners[i].acquired - w->owners[i].released;
	if (in_ledger != held || ledger_view__in_flight(&w->view) != held)
		fail_msg("seed %lu: owners hold %ld pins, their claims %ld", seed, in_ledger, held);
}

static int64_t held_by_owner[256];

static void count_owner(const struct ledger_pin *pin, void *unused)
{
	held_by_owner[pin->owner] += pin->pins * pin->folios;
}

static void check_owners(struct world *w)
{
	uint32_t i;

	memset(held_by_owner, 0, sizeof(held_by_owner));
	ledger_view__each(&w->view, count_owner, NULL);
	for (i = 1; i < ledger_view__owners_used(&w->view); i++)
		if (held_by_owner[i] != (int64_t)(w->owners[i].acquired - w->owners[i].released))
			fail_msg("seed %lu: owner %u holds %lld pins, its claims %ld", seed, i,
				 w->owners[i].acquired - w->owners[i].released,
				 held_by_owner[i]);
}

/* No two records for the same key, but for those that lost the race to be the first. */
static void check_keys(struct world *w)
{
	uint32_t i, used[STORM_KEYS] = {};

	for (i = OWNER_OTHERS + 1; i < ledger_view__owners_used(&w->view); i++) {
		const struct owner_rec *r = &w->owners[i];

		if (r->key.flags & OWNER_UNUSED) {
			assert_int_equal(r->acquired, 0);
			continue;
		}
		assert_in_range(r->key.tgid, 1000, 1000 + STORM_KEYS - 1);
		assert_int_equal(used[r->key.tgid - 1000]++, 0);
	}
}

struct storm_opts {
	uint32_t owners[THREADS], first_owner[THREADS];
	uint32_t keys;
	uint64_t steps;		/* of each thread */
	int bursts;
	bool recycle;
};

/* The storm names its owners by number: their records must stay. */
static bool is_alive(uint32_t tgid, uint64_t start_ns)
{
	return true;
}

/* Is it time to end, after @bursts? A busy machine gives the recycling thread few turns. */
static bool is_enough(const struct storm_opts *opts, const struct world *w, int bursts)
{
	if (opts->recycle && w->recycler.entries_back <= 100 && bursts < 50 * opts->bursts)
		return false;
	return bursts >= opts->bursts;
}

static void storm(const struct storm_opts *opts)
{
	const struct world_size size = { .pages = 4096, .entries = 2048, .owners = 256 };
	int cpus = sysconf(_SC_NPROCESSORS_ONLN), i, nr_irqs;
	struct bpf_link *links[MODEL_CPUS];
	struct owner_key key = {};
	uint64_t steps = 0, irq_steps = 0;
	struct world w;

	world_open(&w, &size);
	w.recycler.alive = is_alive;
	for (i = 0; i < 32 && !opts->keys; i++) {
		key.tgid = 1000 + i / 2;
		key.start_ns = 7;
		key.site = i;
		assert_int_equal(world_owner(&w, &key), OWNER_OTHERS + 1 + i);
		/* So that releases want to know whose they are, in interrupts as well. */
		w.owners[OWNER_OTHERS + 1 + i].driver = DRIVER_FIRST + i % 3;
	}
	for (i = 0; i < SLOTS; i++) {
		int like = i % THREADS;

		w.storms[i].seed = seed + i * 7919;
		w.storms[i].owners = opts->owners[like];
		w.storms[i].first_owner = opts->first_owner[like] + OWNER_OTHERS + 1;
		w.storms[i].keys = opts->keys;
		w.storms[i].rounds = i < MODEL_THREADS ? ROUNDS : IRQ_ROUNDS;
	}
	for (i = 0; !is_enough(opts, &w, i); i++) {
		/*
		 * Up and down, so that claims are emptied and taken by others all the time.
		 * With half of the steps or less, more and more would be held.
		 */
		nr_irqs = start_irqs(&w, links, cpus < MODEL_CPUS ? cpus : MODEL_CPUS);
		assert_int_not_equal(nr_irqs, 0);
		set_drain(&w, opts->recycle ? 70 : 55);
		storm_threads(&w, opts->steps / opts->bursts / 2, opts->recycle);
		set_drain(&w, opts->recycle ? 97 : 65);
		storm_threads(&w, opts->steps / opts->bursts / 2, opts->recycle);
		while (nr_irqs)
			bpf_link__destroy(links[--nr_irqs]);
		check_storm(&w);
		check_owners(&w);
	}
	if (opts->keys)
		check_keys(&w);
	for (i = 0; i < SLOTS; i++) {
		steps += w.storms[i].steps;
		irq_steps += i < MODEL_THREADS ? 0 : w.storms[i].steps;
	}
	printf("# %lu steps, %lu of them in interrupts, %lu entries given back\n", steps, irq_steps,
	       w.recycler.entries_back);
	assert_true(irq_steps > 0);
	if (opts->recycle)
		assert_true(w.recycler.entries_back > 0);
	world_close(&w);
}

static uint64_t times(uint64_t steps)
{
	return steps * (getenv("PINSCOPE_TIMES") ? strtoull(getenv("PINSCOPE_TIMES"), NULL, 0) : 1);
}

static void same_owners(void **state)
{
	const struct storm_opts opts = {
		.owners = { 1, 1 }, .steps = times(200000), .bursts = 10,
	};

	storm(&opts);
}

static void few_owners(void **state)
{
	const struct storm_opts opts = {
		.owners = { 3, 3 }, .first_owner = { 0, 2 }, .steps = times(150000), .bursts = 10,
	};

	storm(&opts);
}

static void many_owners(void **state)
{
	const struct storm_opts opts = {
		.owners = { 32, 32 }, .steps = times(200000), .bursts = 10,
	};

	storm(&opts);
}

/* Entries are closed, waited for and given out again in the middle of all that. */
static void recycling(void **state)
{
	const struct storm_opts opts = {
		.owners = { 8, 8 }, .first_owner = { 0, 4 }, .steps = times(400000), .bursts = 10,
		.recycle = true,
	};

	storm(&opts);
}

static void new_owners(void **state)
{
	const struct storm_opts opts = { .keys = STORM_KEYS, .steps = times(30000), .bursts = 1 };

	storm(&opts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_owners),
		cmocka_unit_test(few_owners),
		cmocka_unit_test(many_owners),
		cmocka_unit_test(recycling),
		cmocka_unit_test(new_owners),
	};

	if (getenv("PINSCOPE_TEST"))
		cmocka_set_test_filter(getenv("PINSCOPE_TEST"));
	seed = random_seed();
	printf("# PINSCOPE_SEED=%lu\n", seed);
	return cmocka_run_group_tests_name("storm", tests, NULL, NULL);
}
