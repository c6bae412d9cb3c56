// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "assemble.h"
#include "cli.h"
#include "gup_load.h"
#include "trace.skel.h"
#include "tracer.h"
#include "vec.h"

struct tracer {
	struct trace_bpf *skel;
	struct attachment *attachment;
	struct bpf_link *fork, *exit, *syscalls;
	uint64_t missed_runs;		/* until it was stopped */
	struct ring_buffer *ring;
	struct assembler *assembler;
	trace_call_fn each;		/* of the tracer__read() that is under way */
	void *arg;
};

/* A reader that is woken for each record would spend its time on waking up. */
#define WAKE_SHARE 8

struct loading {
	struct tracer *t;
	const struct tracer_opts *opts;
	const struct page_array *array;
};

static uint32_t ring_bytes(const struct tracer_opts *opts)
{
	uint32_t wanted = opts->buffer ? opts->buffer : TRACER_BUFFER, bytes = sysconf(_SC_PAGESIZE);

	/* The kernel wants a power of two of pages. */
	while (bytes < wanted && bytes < 1U << 31)
		bytes <<= 1;
	return bytes;
}

static int load(void *arg, const struct btf *btf, const struct attachment *plan)
{
	const struct loading *loading = arg;
	const struct tracer_opts *opts = loading->opts;
	LIBBPF_OPTS(bpf_object_open_opts, open_opts, .btf_custom_path = opts->btf);
	struct tracer *t = loading->t;
	struct foll_names names;
	int err;

	t->skel = trace_bpf__open_opts(&open_opts);
	if (!t->skel)
		return -errno;
	foll_names_read(&names, btf);
	bpf_map__set_max_entries(t->skel->maps.ring, ring_bytes(opts));
	t->skel->rodata->vmemmap = loading->array->base;
	t->skel->rodata->zero_pfn = loading->array->zero_pfn;
	t->skel->rodata->foll_longterm = foll_value(&names, "LONGTERM");
	t->skel->rodata->filter = opts->filter;
	t->skel->rodata->ring_wakes = ring_bytes(opts) / WAKE_SHARE;
	t->skel->rodata->release_stacks = opts->release_stacks;
	t->skel->rodata->user_stacks = opts->user_stacks;
	t->skel->rodata->audit = opts->audit;
	bpf_program__set_autoload(t->skel->progs.follow_fork, opts->filter.followed);
	bpf_program__set_autoload(t->skel->progs.syscall_ends, opts->audit);
	bpf_program__set_autoload(t->skel->progs.look, opts->audit);
	attach_choose(t->skel->obj, btf, plan);
	err = trace_bpf__load(t->skel);
	if (err) {
		trace_bpf__destroy(t->skel);
		t->skel = NULL;
	}
	return err;
}

static void unload(void *arg)
{
	struct tracer *t = ((const struct loading *)arg)->t;

	trace_bpf__destroy(t->skel);
	t->skel = NULL;
}

static struct bpf_object *object(void *arg)
{
	return ((const struct loading *)arg)->t->skel->obj;
}

static int take(void *arg, void *record, size_t size)
{
	struct tracer *t = arg;

	assembler__take(t->assembler, record, size, t->each, t->arg);
	return 0;
}

static int attach_others(struct tracer *t, const struct tracer_opts *opts, struct fail *fail)
{
	t->exit = bpf_program__attach(t->skel->progs.process_exit);
	if (!t->exit)
		return fail_set(fail, EXIT_ATTACH, "cannot see processes exit: %s", strerror(errno));
	if (opts->filter.followed) {
		t->fork = bpf_program__attach(t->skel->progs.follow_fork);
		if (!t->fork)
			return fail_set(fail, EXIT_ATTACH, "cannot see processes fork: %s",
					strerror(errno));
	}
	if (opts->audit) {
		t->syscalls = bpf_program__attach(t->skel->progs.syscall_ends);
		if (!t->syscalls)
			return fail_set(fail, EXIT_ATTACH, "cannot see system calls end: %s",
					strerror(errno));
	}
	t->ring = ring_buffer__new(bpf_map__fd(t->skel->maps.ring), take, t, NULL);
	if (!t->ring)
		return fail_set(fail, EXIT_ATTACH, "cannot map the ring buffer: %s",
				strerror(errno));
	return 0;
}

struct tracer *tracer__open(const struct tracer_opts *opts, const struct page_array *array,
			    struct fail *fail)
{
	struct tracer *t = xcalloc(1, sizeof(*t));
	struct loading loading = { .t = t, .opts = opts, .array = array };
	struct gup_object programs = {
		.load = load, .unload = unload, .object = object, .arg = &loading,
	};

	t->assembler = assembler__new();
	t->attachment = gup_load(&programs, opts->btf, opts->no_fentry, fail);
	if (!t->attachment || attach_others(t, opts, fail)) {
		tracer__free(t);
		return NULL;
	}
	return t;
}

static uint64_t missed_runs(const struct tracer *t)
{
	return attachment__missed_runs(t->attachment, &t->skel->bss->totals);
}

void tracer__stop(struct tracer *t)
{
	if (!t->attachment)
		return;
	t->missed_runs = missed_runs(t);
	attachment__free(t->attachment);
	t->attachment = NULL;
	bpf_link__destroy(t->fork);
	bpf_link__destroy(t->exit);
	bpf_link__destroy(t->syscalls);
	t->fork = t->exit = t->syscalls = NULL;
}

void tracer__free(struct tracer *t)
{
	if (!t)
		return;
	if (t->attachment)
		tracer__stop(t);
	ring_buffer__free(t->ring);
	trace_bpf__destroy(t->skel);
	assembler__free(t->assembler);
	free(t);
}

const struct attachment *tracer__attachment(const struct tracer *t)
{
	return t->attachment;
}

int tracer__follow(struct tracer *t, pid_t pid)
{
	uint32_t tgid = pid;
	uint64_t start_ns = 0;

	return bpf_map_update_elem(bpf_map__fd(t->skel->maps.followed), &tgid, &start_ns, BPF_ANY) ?
		       -errno : 0;
}

int tracer__fd(const struct tracer *t)
{
	return ring_buffer__epoll_fd(t->ring);
}

void tracer__read(struct tracer *t, trace_call_fn each, void *arg)
{
	t->each = each;
	t->arg = arg;
	ring_buffer__consume(t->ring);
}

void tracer__health(const struct tracer *t, struct trace_health *health)
{
	const struct ledger_totals *totals = &t->skel->bss->totals;
	int i;

	memset(health, 0, sizeof(*health));
	health->totals = t->skel->bss->traced;
	health->totals.dropped_pins += assembler__lost_pins(t->assembler);
	health->totals.dropped_unpins += assembler__lost_unpins(t->assembler);
	for (i = 0; i < LOST_CAUSES; i++)
		health->lost[i] = totals->lost[i];
	health->nested = totals->nested;
	health->missed_runs = t->attachment ? missed_runs(t) : t->missed_runs;
	health->follow_lost = t->skel->bss->follow_lost;
}

int tracer__site(const struct tracer *t, uint64_t site, struct pin_site *stack)
{
	return bpf_map_lookup_elem(bpf_map__fd(t->skel->maps.sites), &site, stack) ? -1 : 0;
}

int tracer__ustack(const struct tracer *t, uint64_t id, struct pin_ustack *stack)
{
	return bpf_map_lookup_elem(bpf_map__fd(t->skel->maps.ustacks), &id, stack) ? -1 : 0;
}

int tracer__look(const struct tracer *t, struct trace_look *look)
{
	/* Of a syscall program it is both in and out. */
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = look, .ctx_size_in = sizeof(*look));

	return bpf_prog_test_run_opts(bpf_program__fd(t->skel->progs.look), &opts) ? -errno : 0;
}
