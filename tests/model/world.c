// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "vec.h"
#include "world.h"
#include "model.skel.h"

static void run(const struct bpf_program *prog, uint64_t arg)
{
	uint64_t args[1] = { arg };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(args));

	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(prog), &opts), 0);
}

static void *map_array(struct world *w, const struct bpf_map *map)
{
	size_t value = (bpf_map__value_size(map) + 7) / 8 * 8, page = sysconf(_SC_PAGESIZE);
	size_t bytes = (value * bpf_map__max_entries(map) + page - 1) / page * page;
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	w->maps[w->nr_maps] = p;
	w->map_bytes[w->nr_maps++] = bytes;
	return p;
}

/*
 * Where this kernel keeps what in a struct page. The array's address must be
 * known before the programs are loaded, and there is none before something is
 * loaded: so @memory and @steps are made by a first, small load.
 */
static void find_layout(struct world *w, int *memory, int *steps)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct model_bpf *skel = model_bpf__open();
	struct bpf_program *prog;

	assert_non_null(skel);
	bpf_object__for_each_program(prog, skel->obj)
		bpf_program__set_autoload(prog, prog == skel->progs.model_setup);
	bpf_map__set_max_entries(skel->maps.memory, w->pages);
	assert_int_equal(model_bpf__load(skel), 0);
	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(skel->progs.model_setup), &opts),
			 0);
	w->layout = skel->bss->layout;
	*memory = dup(bpf_map__fd(skel->maps.memory));
	*steps = dup(bpf_map__fd(skel->maps.steps));
	model_bpf__destroy(skel);
	assert_int_equal(w->layout.page_sizeof, 64);
}

void world_open(struct world *w, const struct world_size *size)
{
	int memory, steps;

	*w = (struct world){ .pages = size->pages };
	w->blocks = size->blocks ? size->blocks : size->pages >> LEDGER_BLOCK_SHIFT;
	w->order = xcalloc(w->pages, 1);
	find_layout(w, &memory, &steps);

	w->skel = model_bpf__open();
	assert_non_null(w->skel);
	bpf_map__set_max_entries(w->skel->maps.memory, w->pages);
	assert_int_equal(bpf_map__reuse_fd(w->skel->maps.memory, memory), 0);
	assert_int_equal(bpf_map__reuse_fd(w->skel->maps.steps, steps), 0);
	close(memory);
	close(steps);
	bpf_map__set_max_entries(w->skel->maps.pool, size->entries);
	bpf_map__set_max_entries(w->skel->maps.recycled, size->entries);
	bpf_map__set_max_entries(w->skel->maps.directory,
				 (w->blocks + LEDGER_DIR_SLOTS - 1) / LEDGER_DIR_SLOTS);
	bpf_map__set_max_entries(w->skel->maps.owners, size->owners);
	bpf_map__set_max_entries(w->skel->maps.owner_index, size->owners);
	bpf_map__set_max_entries(w->skel->maps.recycled_owners, size->owners);
	w->skel->rodata->pool_size = size->entries;
	w->skel->rodata->owners_size = size->owners;
	w->skel->rodata->vmemmap = w->layout.memory;
	w->skel->rodata->zero_pfn = WORLD_ZERO_PFN;
	w->skel->bss->totals.entries_used = 1;
	w->skel->bss->totals.owners_used = OWNER_OTHERS + 1;
	assert_int_equal(model_bpf__load(w->skel), 0);

	w->totals = &w->skel->bss->totals;
	w->memory = map_array(w, w->skel->maps.memory);
	w->steps = map_array(w, w->skel->maps.steps);
	w->storms = map_array(w, w->skel->maps.storms);
	w->pool = map_array(w, w->skel->maps.pool);
	w->owners = map_array(w, w->skel->maps.owners);
	w->directory = map_array(w, w->skel->maps.directory);
	w->work = map_array(w, w->skel->maps.work);
	w->view = (struct ledger_view){
		.totals = w->totals, .owners = w->owners, .pool = w->pool,
		.nr_entries = size->entries, .nr_owners = size->owners,
	};
	w->recycler = (struct recycler){
		.view = w->view, .totals = w->totals, .pool = w->pool, .owners = w->owners,
		.closed = map_array(w, w->skel->maps.closed),
		.recycled = map_array(w, w->skel->maps.recycled),
		.recycled_owners = map_array(w, w->skel->maps.recycled_owners),
		.close_prog = bpf_program__fd(w->skel->progs.ledger_close),
		.owner_index = bpf_map__fd(w->skel->maps.owner_index),
	};
	assert_int_equal(recycler__open(&w->recycler), 0);
}

void world_close(struct world *w)
{
	size_t i;

	recycler__close(&w->recycler);
	for (i = 0; i < w->nr_maps; i++)
		munmap(w->maps[i], w->map_bytes[i]);
	model_bpf__destroy(w->skel);
	free(w->order);
}

void world_folio(struct world *w, uint32_t pfn, uint32_t order)
{
	uint8_t *head = w->memory + pfn * w->layout.page_sizeof;
	uint64_t tail = world_page(w, pfn) | 1;
	uint32_t i;

	*(uint64_t *)head |= w->layout.head_flag;
	/* The order's byte, resp. the lowest of a word. */
	head[w->layout.order_offset] = order;
	for (i = 0; i < 1U << order; i++) {
		w->order[pfn + i] = order;
		if (i)
			*(uint64_t *)(head + i * w->layout.page_sizeof + w->layout.info_offset) =
				tail;
	}
}

uint64_t world_page(const struct world *w, uint32_t pfn)
{
	return w->layout.memory + pfn * w->layout.page_sizeof;
}

uint64_t world_array(const struct world *w, uint32_t thread)
{
	return w->layout.steps + thread * sizeof(struct model_step) +
	       offsetof(struct model_step, pages);
}

void world_begin(struct world *w, uint32_t thread)
{
	run(w->skel->progs.model_begin, thread);
}

void world_end(struct world *w, uint32_t thread)
{
	run(w->skel->progs.model_end, thread);
}

void world_release(struct world *w, uint32_t thread)
{
	run(w->skel->progs.model_release, thread);
}

void world_pairs(struct world *w, uint32_t thread)
{
	run(w->skel->progs.model_pairs, thread);
}

void world_add(struct world *w, uint32_t thread)
{
	run(w->skel->progs.model_add, thread);
}

int64_t world_repair(struct world *w, uint32_t pfn, uint32_t owner, uint32_t pins)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	w->work->nr_diffs = 1;
	w->work->diffs[0] = (struct ledger_diff){ .pfn = pfn, .owner = owner, .pinned = pins };
	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(w->skel->progs.ledger_adjust),
						&opts), 0);
	return w->work->diffs[0].changed;
}

void world_storm(struct world *w, uint32_t thread)
{
	run(w->skel->progs.model_storm, thread);
}

uint32_t world_owner(struct world *w, const struct owner_key *key)
{
	struct ledger_owner_ctx ctx = { .key = *key };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &ctx, .ctx_size_in = sizeof(ctx));

	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(w->skel->progs.ledger_owner),
						&opts), 0);
	return ctx.owner;
}
