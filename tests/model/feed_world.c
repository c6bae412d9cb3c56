// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "feed_world.h"
#include "feed.skel.h"

/* Filters and views look at it. */
static const struct foll_names no_flags;

static void load_only(struct feed_bpf *skel, const struct bpf_program *a)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, skel->obj)
		bpf_program__set_autoload(prog, prog == a);
	assert_int_equal(feed_bpf__load(skel), 0);
}

/* As world.c does it: the array's address has to be known before the programs are loaded. */
static void find_layout(struct feed *f, int *memory, int *arrays)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct feed_bpf *skel = feed_bpf__open();

	assert_non_null(skel);
	load_only(skel, skel->progs.feed_setup);
	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(skel->progs.feed_setup), &opts), 0);
	f->layout = skel->bss->layout;
	*memory = dup(bpf_map__fd(skel->maps.memory));
	*arrays = dup(bpf_map__fd(skel->maps.arrays));
	feed_bpf__destroy(skel);
	assert_int_equal(f->layout.page_sizeof, 64);
}

static void fill_arrays(struct feed *f, uint32_t stride)
{
	uint32_t all = FEED_THREADS * FEED_ARRAYS * FEED_PAGES, i, k;
	size_t bytes = sizeof(struct feed_array) * FEED_THREADS * FEED_ARRAYS;

	f->arrays = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
			 bpf_map__fd(f->skel->maps.arrays), 0);
	assert_ptr_not_equal(f->arrays, MAP_FAILED);
	for (i = 0; i < FEED_THREADS * FEED_ARRAYS; i++)
		for (k = 0; k < FEED_PAGES; k++)
			f->arrays[i].pages[k] = f->layout.memory +
				(i * FEED_PAGES + k * stride) % all * f->layout.page_sizeof;
}

/* --- to the view ------------------------------------------------------------------------------ */

static const struct named_site *site_of(void *arg, uint64_t id)
{
	return &((struct feed *)arg)->site;
}

static const struct named_ustack *no_ustack(void *arg, uint64_t id)
{
	return NULL;
}

static void take_call(const struct trace_call *call, void *arg)
{
	struct feed *f = arg;
	uint64_t pins = call->ev->pins - call->lost;

	if (call->ev->type == TRACE_PIN) {
		f->shown_calls++;
		f->shown_pins += pins;
	} else if (call->ev->type == TRACE_UNPIN) {
		f->shown_releases++;
		f->shown_unpins += pins;
	}
	if (f->run.view)
		trace_run__call(call, &f->run);
}

static int take_record(void *arg, void *record, size_t size)
{
	struct feed *f = arg;

	assembler__take(f->assembler, record, size, take_call, f);
	return 0;
}

/* ---------------------------------------------------------------------------------------------- */

static void open_filtered(struct feed *f, uint32_t buffer, uint32_t stride, bool failed)
{
	int memory, arrays;

	memset(f, 0, sizeof(*f));
	find_layout(f, &memory, &arrays);
	f->skel = feed_bpf__open();
	assert_non_null(f->skel);
	assert_int_equal(bpf_map__reuse_fd(f->skel->maps.memory, memory), 0);
	assert_int_equal(bpf_map__reuse_fd(f->skel->maps.arrays, arrays), 0);
	close(memory);
	close(arrays);
	bpf_map__set_max_entries(f->skel->maps.ring, buffer);
	f->skel->rodata->vmemmap = f->layout.memory;
	f->skel->rodata->zero_pfn = UINT64_MAX;
	f->skel->rodata->ring_wakes = buffer / 8;
	f->skel->rodata->filter.failed = failed;
	load_only(f->skel, f->skel->progs.feed_pair);
	f->skel->bss->layout = f->layout;
	f->threads = f->skel->bss->threads;
	fill_arrays(f, stride);
	f->ring = ring_buffer__new(bpf_map__fd(f->skel->maps.ring), take_record, f, NULL);
	assert_non_null(f->ring);
	f->assembler = assembler__new();
	f->filter.held = -1;
	f->info.page_size = 4096;
	f->info.flags = &no_flags;
	strcpy(f->site.name.driver, "made_up");
	trace_run__init(&f->run);
	f->run.filter = &f->filter;
	f->run.source = (struct trace_source){ .site = site_of, .ustack = no_ustack, .arg = f };
}

void feed_open(struct feed *f, uint32_t buffer, uint32_t stride)
{
	open_filtered(f, buffer, stride, false);
}

void feed_open_failed(struct feed *f, uint32_t buffer, uint32_t stride)
{
	open_filtered(f, buffer, stride, true);
}

void feed_show(struct feed *f, struct trace_view *view)
{
	f->run.view = view;
	view->ops->begin(view, &f->info);
}

void feed_close(struct feed *f)
{
	if (f->run.view)
		f->run.view->ops->free(f->run.view);
	trace_run__free(&f->run);
	assembler__free(f->assembler);
	ring_buffer__free(f->ring);
	munmap(f->arrays, sizeof(struct feed_array) * FEED_THREADS * FEED_ARRAYS);
	feed_bpf__destroy(f->skel);
}

void feed_pair(struct feed *f, uint32_t thread, uint64_t i)
{
	uint64_t args[2] = { thread, i };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(args));

	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(f->skel->progs.feed_pair), &opts),
			 0);
}

void feed_read(struct feed *f)
{
	assert_true(ring_buffer__consume(f->ring) >= 0);
}

void feed_end(struct feed *f, struct trace_health *health)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	memset(health, 0, sizeof(*health));
	health->totals = f->skel->bss->traced;
	health->totals.dropped_pins += assembler__lost_pins(f->assembler);
	health->totals.dropped_unpins += assembler__lost_unpins(f->assembler);
	memcpy(health->lost, f->skel->bss->totals.lost, sizeof(health->lost));
	if (f->run.view)
		trace_run__end(&f->run, health, now.tv_sec * 1000000000ULL + now.tv_nsec);
}
