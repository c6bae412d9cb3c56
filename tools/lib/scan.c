// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "calibrate.h"
#include "caps.h"
#include "cli.h"
#include "programs.h"
#include "scan.h"
#include "vec.h"

#define MAX_THREADS 64
/* No run of the program holds a CPU for longer than a millisecond: stop well before. */
#define BUDGET_NS 400000
/* Large folios are naturally aligned and at most 1 GiB on most machines: none crosses a slice. */
#define SLICE_BYTES (1ULL << 30)

struct scanner {
	struct programs *programs;
	const struct program_fds *fds;
	struct scan_slot *slots;
	size_t slots_size;
	unsigned int threads;
	enum scan_read read;
	struct page_array array;
	uint64_t huge_zero_pfn;		/* of this scan; 0: not asked yet, UINT64_MAX: none */
};

struct slice {
	struct pfn_range range;
	struct scan_result res;
};

struct scan_job {
	struct scanner *s;
	struct slice *slices;
	size_t nr, next;
	bool whole_folios;
	int err;
};

struct worker {
	struct scan_job *job;
	unsigned int slot;
	pthread_t thread;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* What a run takes from others, without what others took from it meanwhile. */
static uint64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static bool alike(const struct pin_run *a, const struct pin_run *b)
{
	return a->mapping == b->mapping && a->cgroup == b->cgroup && a->pins == b->pins &&
	       a->mappings == b->mappings && a->node == b->node && a->order == b->order &&
	       a->kind == b->kind && a->zone == b->zone && a->block == b->block;
}

static void append(struct scan_result *res, const struct pin_run *run)
{
	struct pin_run *last = res->nr ? &res->runs[res->nr - 1] : NULL;

	if (last && last->pfn + pin_run_pages(last) == run->pfn && alike(last, run) &&
	    last->folios <= UINT32_MAX - run->folios)
		last->folios += run->folios;
	else
		*vec_push(res->runs, res->nr, res->cap) = *run;
}

static int map_slots(struct scanner *s, struct fail *fail)
{
	size_t value = (sizeof(struct scan_slot) + 7) / 8 * 8;
	size_t page = sysconf(_SC_PAGESIZE);

	s->slots_size = (s->threads * value + page - 1) / page * page;
	s->slots = mmap(NULL, s->slots_size, PROT_READ | PROT_WRITE, MAP_SHARED,
			s->fds->slots, 0);
	if (s->slots == MAP_FAILED) {
		s->slots = NULL;
		return fail_set(fail, EXIT_ATTACH, "cannot map the scan's results: %s",
				strerror(errno));
	}
	return 0;
}

struct scanner *scanner__open(const struct scan_opts *opts, struct fail *fail)
{
	struct scanner *s = xcalloc(1, sizeof(*s));

	s->threads = opts->threads ? opts->threads : 1;
	if (s->threads > MAX_THREADS)
		s->threads = MAX_THREADS;
	s->read = opts->read;
	s->programs = programs__load(s->threads, opts->btf, fail);
	if (s->programs)
		s->fds = programs__fds(s->programs);
	if (!s->programs || map_slots(s, fail) ||
	    page_array_find(s->fds->scan_setup, &s->array, fail)) {
		scanner__free(s);
		return NULL;
	}
	return s;
}

const struct page_array *scanner__page_array(const struct scanner *s)
{
	return &s->array;
}

int scanner__task_iterator(const struct scanner *s)
{
	return s->fds->list_tasks;
}

void scanner__free(struct scanner *s)
{
	if (!s)
		return;
	if (s->slots)
		munmap(s->slots, s->slots_size);
	programs__free(s->programs);
	free(s);
}

/* Runs the program over one slice, as often as its time budget and its room want. */
static int scan_slice(struct scanner *s, unsigned int nr, struct slice *slice, bool whole_folios)
{
	struct scan_slot *slot = &s->slots[nr];
	struct scan_ctx ctx = { .slot = nr };
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = &ctx, .ctx_size_in = sizeof(ctx));
	struct scan_counts *c = &slice->res.counts;
	int fd = s->fds->scan_run;

	slot->args = (struct scan_args){
		.start = slice->range.start,
		.end = slice->range.end,
		.vmemmap = s->array.base,
		.mem_section = s->array.mem_section,
		.zero_pfn = s->array.zero_pfn,
		.budget_ns = BUDGET_NS,
		.flags = SCAN_FIRST | (whole_folios ? SCAN_WHOLE_FOLIOS : 0),
		.read = s->read,
		.page_size = s->array.kernel.page_size,
		.section_shift = s->array.section_shift,
		.pageblock_order = s->array.pageblock_order,
	};
	/* Memory cgroups, address spaces and pageblocks come and go between scans. */
	slot->last_memcg = 0;
	slot->last_cgroup = 0;
	slot->last_mapping = 0;
	slot->last_block = UINT64_MAX;

	while (slot->args.start < slot->args.end) {
		uint64_t t = cpu_ns();
		uint32_t i;
		int err;

		slot->args.runs = 0;
		err = bpf_prog_test_run_opts(fd, &run);
		if (err)
			return err;
		t = cpu_ns() - t;
		c->program_runs++;
		if (t > c->longest_run_ns)
			c->longest_run_ns = t;
		for (i = 0; i < slot->args.runs && i < SCAN_RUNS; i++)
			append(&slice->res, &slot->runs[i]);
	}
	c->read = slot->args.read;
	c->pages_in_range = slice->range.end - slice->range.start;
	c->pages = slot->args.pages;
	c->folios = slot->args.folios;
	c->free_pages = slot->args.free_pages;
	c->unreadable = slot->args.unreadable;
	c->raced = slot->args.raced;
	c->files_lost = slot->args.files_lost;
	return 0;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct scan_job *job = w->job;
	size_t i;
	int err;

	while ((i = __atomic_fetch_add(&job->next, 1, __ATOMIC_RELAXED)) < job->nr) {
		err = scan_slice(job->s, w->slot, &job->slices[i], job->whole_folios);
		if (err) {
			__atomic_store_n(&job->err, err, __ATOMIC_RELAXED);
			break;
		}
	}
	return NULL;
}

static void cut(const struct pfn_ranges *ranges, struct scan_job *job)
{
	uint64_t slice_pages = SLICE_BYTES / sysconf(_SC_PAGESIZE);
	size_t i, cap = 0;

	for (i = 0; i < ranges->nr; i++) {
		uint64_t at = ranges->r[i].start, end = ranges->r[i].end, stop;

		for (; at < end; at = stop) {
			struct slice *slice = vec_push(job->slices, job->nr, cap);

			stop = at / slice_pages * slice_pages + slice_pages;
			if (stop > end)
				stop = end;
			memset(slice, 0, sizeof(*slice));
			slice->range = (struct pfn_range){ at, stop };
		}
	}
}

static void add_counts(struct scan_counts *to, const struct scan_counts *from)
{
	to->read = from->read;
	to->pages_in_range += from->pages_in_range;
	to->pages += from->pages;
	to->folios += from->folios;
	to->free_pages += from->free_pages;
	to->unreadable += from->unreadable;
	to->raced += from->raced;
	to->files_lost += from->files_lost;
	to->program_runs += from->program_runs;
	if (from->longest_run_ns > to->longest_run_ns)
		to->longest_run_ns = from->longest_run_ns;
}

/*
 * The huge zero folio looks like any driver's 2 MiB block. Finding out where
 * it lies makes the kernel allocate it, so this is asked only when a folio
 * that could be it is pinned. Once in each scan: between two of them it may be
 * switched on, or freed and allocated anew.
 */
static void label_huge_zero(struct scanner *s, struct pin_run *run)
{
	if (run->kind != PIN_DRIVER || run->order != s->array.pmd_order || run->cgroup)
		return;
	if (!s->huge_zero_pfn)
		s->huge_zero_pfn = find_huge_zero_pfn();
	if (run->pfn == s->huge_zero_pfn && run->folios == 1)
		run->kind = PIN_HUGE_ZERO;
}

int scanner__run(struct scanner *s, const struct pfn_ranges *ranges, bool whole_folios,
		 struct scan_result *res, struct fail *fail)
{
	struct scan_job job = { .s = s, .whole_folios = whole_folios };
	struct worker workers[MAX_THREADS];
	unsigned int t, started = 0;
	uint64_t start = now_ns();
	size_t i, k;

	memset(res, 0, sizeof(*res));
	s->huge_zero_pfn = 0;
	cut(ranges, &job);
	for (t = 1; t < s->threads && t < job.nr; t++) {
		workers[started] = (struct worker){ .job = &job, .slot = t };
		if (pthread_create(&workers[started].thread, NULL, work, &workers[started]))
			break;
		started++;
	}
	work(&(struct worker){ .job = &job, .slot = 0 });
	for (t = 0; t < started; t++)
		pthread_join(workers[t].thread, NULL);

	for (i = 0; i < job.nr; i++) {
		struct slice *slice = &job.slices[i];

		for (k = 0; k < slice->res.nr && !job.err; k++) {
			label_huge_zero(s, &slice->res.runs[k]);
			append(res, &slice->res.runs[k]);
		}
		add_counts(&res->counts, &slice->res.counts);
		free(slice->res.runs);
	}
	free(job.slices);
	res->counts.ns = now_ns() - start;
	if (job.err) {
		scan_result_free(res);
		return fail_set(fail, EXIT_ATTACH, "cannot run the scan program: %s",
				caps_explain(-job.err, NULL));
	}
	return 0;
}

void scan_result_free(struct scan_result *res)
{
	free(res->runs);
	memset(res, 0, sizeof(*res));
}

bool scanner__file(struct scanner *s, uint64_t mapping, struct pin_file *file)
{
	return !bpf_map_lookup_elem(s->fds->files, &mapping, file);
}

void scanner__forget_files(struct scanner *s)
{
	uint64_t key;
	int fd = s->fds->files;

	while (!bpf_map_get_next_key(fd, NULL, &key))
		if (bpf_map_delete_elem(fd, &key))
			break;
}

const char *scanner__zone_name(const struct scanner *s, unsigned int zone)
{
	const struct scan_setup *k = &s->array.kernel;
	int z = zone;

	return z == k->zone_normal ? "Normal" : z == k->zone_movable ? "Movable" :
	       z == k->zone_dma32 ? "DMA32" : z == k->zone_dma ? "DMA" :
	       z == k->zone_device ? "Device" : "unknown";
}

const char *scanner__block_name(const struct scanner *s, unsigned int block)
{
	const struct scan_setup *k = &s->array.kernel;
	int b = block;

	if (block == PIN_BLOCK_UNKNOWN)
		return "unknown";
	return b == k->mt_movable ? "movable" : b == k->mt_cma ? "cma" :
	       b == k->mt_unmovable ? "unmovable" : b == k->mt_reclaimable ? "reclaimable" :
	       b == k->mt_highatomic ? "highatomic" : b == k->mt_isolate ? "isolate" : "unknown";
}

bool scanner__is_movable_zone(const struct scanner *s, const struct pin_run *run)
{
	return run->zone == s->array.kernel.zone_movable;
}

bool scanner__is_cma(const struct scanner *s, const struct pin_run *run)
{
	return run->block != PIN_BLOCK_UNKNOWN && run->block == s->array.kernel.mt_cma;
}

bool scanner__in_movable_block(const struct scanner *s, const struct pin_run *run)
{
	return scanner__is_movable_zone(s, run) ||
	       (run->block != PIN_BLOCK_UNKNOWN && run->block == s->array.kernel.mt_movable);
}

bool scanner__knows_blocks(const struct scanner *s)
{
	return s->array.mem_section;
}

static const char *const read_names[] = {
	[SCAN_READ_CAST] = "cast", [SCAN_READ_BULK] = "bulk", [SCAN_READ_PAGE] = "page",
};

const char *scan_read_name(enum scan_read read)
{
	return read_names[read];
}

int scan_read_parse(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(read_names) / sizeof(*read_names); i++)
		if (!strcmp(read_names[i], name))
			return i;
	return -1;
}

const char *pin_kind_name(unsigned int kind)
{
	static const char *const names[PIN_KINDS] = {
		[PIN_ANON] = "anon",
		[PIN_KSM] = "ksm",
		[PIN_FILE] = "file",
		[PIN_SHMEM] = "shmem",
		[PIN_HUGETLB] = "hugetlb",
		[PIN_HUGE_ZERO] = "huge_zero",
		[PIN_TRUNCATED] = "truncated",
		[PIN_DRIVER] = "driver",
		[PIN_BIAS] = "refcount_bias",
	};

	return kind < PIN_KINDS ? names[kind] : "unknown";
}
