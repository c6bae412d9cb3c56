// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli.h"
#include "follflags.h"
#include "gup_load.h"
#include "ledger.h"
#include "ledger.skel.h"
#include "procinfo.h"
#include "recycle.h"
#include "vec.h"

struct ledger {
	struct ledger_bpf *skel;
	struct attachment *attachment;
	struct ledger_entry *pool;
	struct owner_rec *owners;
	struct ledger_work *work;
	uint32_t entries, nr_owners;
	struct ledger_view view;
	struct recycler recycler;
	bool recycles;
	struct bpf_link *fork;		/* of the program that follows; NULL: nothing is followed */
	uint32_t followed;
	uint64_t followed_start_ns;	/* as procinfo_start() has it */
	struct {
		void *p;
		size_t bytes;
	} mapped[8];
	unsigned int nr_mapped;
};

#define CHECK_BUDGET_NS 400000

static void *map_array(struct ledger *l, const struct bpf_map *map)
{
	size_t value = (bpf_map__value_size(map) + 7) / 8 * 8, page = sysconf(_SC_PAGESIZE);
	size_t bytes = (value * bpf_map__max_entries(map) + page - 1) / page * page;
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	if (p == MAP_FAILED)
		return NULL;
	l->mapped[l->nr_mapped].p = p;
	l->mapped[l->nr_mapped++].bytes = bytes;
	return p;
}

static void set_sizes(struct ledger *l, const struct ledger_opts *opts)
{
	uint64_t blocks = (opts->max_pfn >> LEDGER_BLOCK_SHIFT) + 1;
	uint64_t most = opts->entries ? opts->entries : LEDGER_DEFAULT_ENTRIES;

	/* Half as many again as there are blocks: some want more than one entry. */
	l->entries = 1 + (most < blocks * 3 / 2 ? most : blocks * 3 / 2);
	l->nr_owners = 2 + (opts->owners ? opts->owners : LEDGER_DEFAULT_OWNERS);
	if (l->nr_owners > LEDGER_MAX_OWNERS)
		l->nr_owners = LEDGER_MAX_OWNERS;
	bpf_map__set_max_entries(l->skel->maps.pool, l->entries);
	bpf_map__set_max_entries(l->skel->maps.recycled, l->entries);
	bpf_map__set_max_entries(l->skel->maps.directory, blocks / LEDGER_DIR_SLOTS + 1);
	bpf_map__set_max_entries(l->skel->maps.owners, l->nr_owners);
	bpf_map__set_max_entries(l->skel->maps.owner_index, l->nr_owners);
	bpf_map__set_max_entries(l->skel->maps.recycled_owners, l->nr_owners);
	bpf_map__set_max_entries(l->skel->maps.sites, l->nr_owners / LEDGER_OWNERS_PER_SITE + 64);
	l->skel->rodata->pool_size = l->entries;
	l->skel->rodata->owners_size = l->nr_owners;
}

/* What ledger__open() hands down to load(). */
struct loading {
	struct ledger *l;
	const struct ledger_opts *opts;
	const struct page_array *array;
};

static int load(void *arg, const struct btf *btf, const struct attachment *plan)
{
	const struct loading *loading = arg;
	LIBBPF_OPTS(bpf_object_open_opts, open_opts, .btf_custom_path = loading->opts->btf);
	struct ledger *l = loading->l;
	struct foll_names flags;
	int err;

	l->skel = ledger_bpf__open_opts(&open_opts);
	if (!l->skel)
		return -errno;
	set_sizes(l, loading->opts);
	l->skel->rodata->vmemmap = loading->array->base;
	l->skel->rodata->zero_pfn = loading->array->zero_pfn;
	foll_names_read(&flags, btf);
	l->skel->rodata->foll_longterm = foll_value(&flags, "FOLL_LONGTERM");
	l->skel->bss->totals.entries_used = 1;
	l->skel->bss->totals.owners_used = OWNER_OTHERS + 1;
	l->skel->rodata->marked_cgroup = loading->opts->cgroup;
	l->skel->rodata->marked_cgroup_level = loading->opts->cgroup_level;
	l->skel->rodata->user_stacks = loading->opts->user_stacks;
	if (!loading->opts->user_stacks) {
		bpf_map__set_max_entries(l->skel->maps.met, sysconf(_SC_PAGESIZE));
		bpf_map__set_max_entries(l->skel->maps.ustacks, 1);
	}
	bpf_program__set_autoload(l->skel->progs.follow_fork, loading->opts->follow);
	if (!loading->opts->follow)
		bpf_map__set_max_entries(l->skel->maps.followed, 1);
	attach_choose(l->skel->obj, btf, plan);
	err = ledger_bpf__load(l->skel);
	if (err) {
		ledger_bpf__destroy(l->skel);
		l->skel = NULL;
	}
	return err;
}

static void unload(void *arg)
{
	struct ledger *l = ((const struct loading *)arg)->l;

	ledger_bpf__destroy(l->skel);
	l->skel = NULL;
}

static struct bpf_object *object(void *arg)
{
	return ((const struct loading *)arg)->l->skel->obj;
}

static int map_all(struct ledger *l, struct fail *fail)
{
	struct recycler *r = &l->recycler;

	l->pool = map_array(l, l->skel->maps.pool);
	l->owners = map_array(l, l->skel->maps.owners);
	l->work = map_array(l, l->skel->maps.work);
	r->closed = map_array(l, l->skel->maps.closed);
	r->recycled = map_array(l, l->skel->maps.recycled);
	r->recycled_owners = map_array(l, l->skel->maps.recycled_owners);
	if (!l->pool || !l->owners || !l->work || !r->closed || !r->recycled ||
	    !r->recycled_owners)
		return fail_set(fail, EXIT_ATTACH, "cannot map the ledger: %s", strerror(errno));
	l->view = (struct ledger_view){
		.totals = &l->skel->bss->totals,
		.owners = l->owners,
		.pool = l->pool,
		.nr_entries = l->entries,
		.nr_owners = l->nr_owners,
	};
	r->view = l->view;
	r->totals = &l->skel->bss->totals;
	r->pool = l->pool;
	r->owners = l->owners;
	r->close_prog = bpf_program__fd(l->skel->progs.ledger_close);
	r->owner_index = bpf_map__fd(l->skel->maps.owner_index);
	r->sites = bpf_map__fd(l->skel->maps.sites);
	r->sites_size = bpf_map__max_entries(l->skel->maps.sites);
	return 0;
}

struct ledger *ledger__open(const struct ledger_opts *opts, const struct page_array *array,
			    struct fail *fail)
{
	struct ledger *l = xcalloc(1, sizeof(*l));
	LIBBPF_OPTS(bpf_test_run_opts, run);
	struct loading loading = { .l = l, .opts = opts, .array = array };
	struct gup_object programs = {
		.load = load, .unload = unload, .object = object, .arg = &loading,
	};

	l->attachment = gup_load(&programs, opts->btf, opts->no_fentry, fail);
	if (!l->attachment || map_all(l, fail)) {
		ledger__free(l);
		return NULL;
	}
	bpf_prog_test_run_opts(bpf_program__fd(l->skel->progs.ledger_contexts), &run);
	l->recycles = !recycler__open(&l->recycler);
	strcpy(l->owners[OWNER_OTHERS].comm, "(others)");
	return l;
}

void ledger__free(struct ledger *l)
{
	if (!l)
		return;
	attachment__free(l->attachment);
	bpf_link__destroy(l->fork);
	if (l->recycles)
		recycler__close(&l->recycler);
	while (l->nr_mapped) {
		l->nr_mapped--;
		munmap(l->mapped[l->nr_mapped].p, l->mapped[l->nr_mapped].bytes);
	}
	ledger_bpf__destroy(l->skel);
	free(l);
}

const struct attachment *ledger__attachment(const struct ledger *l)
{
	return l->attachment;
}

const struct ledger_totals *ledger__totals(const struct ledger *l)
{
	return &l->skel->bss->totals;
}

uint32_t ledger__owners_used(const struct ledger *l)
{
	return ledger_view__owners_used(&l->view);
}

uint32_t ledger__entries_used(const struct ledger *l)
{
	return ledger_view__entries_used(&l->view);
}

uint32_t ledger__entries_size(const struct ledger *l)
{
	return l->entries;
}

uint32_t ledger__owners_size(const struct ledger *l)
{
	return l->nr_owners;
}

const struct owner_rec *ledger__owner(const struct ledger *l, uint32_t nr)
{
	return &l->owners[nr];
}

const struct ledger_entry *ledger__entry(const struct ledger *l, uint32_t nr)
{
	return &l->pool[nr];
}

uint64_t ledger__calls_under_way(const struct ledger *l)
{
	const struct ledger_totals *t = &l->skel->bss->totals;
	/* In this order: what ends in between must not be more than what began. */
	uint64_t ended = __atomic_load_n(&t->ended, __ATOMIC_ACQUIRE);

	return __atomic_load_n(&t->begun, __ATOMIC_ACQUIRE) - ended;
}

/* Too many owners of one block are seldom found in memory: each page has one there. */
static enum ledger_loss why_no_room(const struct ledger *l)
{
	return ledger__entries_used(l) == l->entries ? LOST_NO_ENTRY : LOST_BEYOND;
}

void ledger__rebase(struct ledger *l, int64_t unplaced)
{
	struct ledger_totals *t = &l->skel->bss->totals;
	int64_t known = t->lost[LOST_NO_ENTRY] + t->lost[LOST_TOO_MANY] + t->lost[LOST_BEYOND];

	/* Most are those of calls, and counted then. */
	if (unplaced > known)
		__atomic_fetch_add(&t->lost[why_no_room(l)], unplaced - known, __ATOMIC_RELAXED);
	l->view.base = 0;
	l->view.base = unplaced - ledger_view__unplaced(&l->view);
}

int64_t ledger__in_flight(const struct ledger *l)
{
	return ledger_view__in_flight(&l->view);
}

uint64_t ledger__extra(const struct ledger *l)
{
	return ledger_view__extra(&l->view) + l->recycler.gone.extra;
}

int ledger__recycle(struct ledger *l)
{
	return l->recycles ? recycler__run(&l->recycler) : -EOPNOTSUPP;
}

int ledger__follow(struct ledger *l, pid_t pid)
{
	uint32_t tgid = pid;
	uint64_t start_ns = 0;

	if (!bpf_program__autoload(l->skel->progs.follow_fork))
		return -EOPNOTSUPP;
	if (!l->fork)
		l->fork = bpf_program__attach(l->skel->progs.follow_fork);
	if (!l->fork || bpf_map_update_elem(bpf_map__fd(l->skel->maps.followed), &tgid, &start_ns,
					    BPF_ANY))
		return -errno;
	l->followed = tgid;
	l->followed_start_ns = procinfo_start(pid);
	return 0;
}

bool ledger__is_followed(const struct ledger *l, uint32_t tgid, uint64_t start_ns)
{
	uint64_t start;

	if (!l->fork || bpf_map_lookup_elem(bpf_map__fd(l->skel->maps.followed), &tgid, &start))
		return false;
	if (!start)
		return tgid == l->followed && procinfo_rounded(start_ns) == l->followed_start_ns;
	return start == start_ns;
}

uint64_t ledger__follow_lost(const struct ledger *l)
{
	return l->skel->bss->follow_lost;
}

void ledger__each(const struct ledger *l, void (*each)(const struct ledger_pin *pin, void *arg),
		  void *arg)
{
	ledger_view__each(&l->view, each, arg);
}

int ledger__site(const struct ledger *l, uint64_t site, struct pin_site *stack)
{
	if (!bpf_map_lookup_elem(bpf_map__fd(l->skel->maps.sites), &site, stack))
		return 0;
	return recycler__removed_site(&l->recycler, site, stack);
}

int ledger__met_fd(const struct ledger *l)
{
	return bpf_map__fd(l->skel->maps.met);
}

int ledger__ustacks_fd(const struct ledger *l)
{
	return bpf_map__fd(l->skel->maps.ustacks);
}

void ledger__set_driver(struct ledger *l, uint32_t nr, uint32_t driver)
{
	/* To programs, what is no driver and what is not known is the same. */
	__atomic_store_n(&l->owners[nr].driver, driver < DRIVER_FIRST ? 0 : driver,
			 __ATOMIC_RELAXED);
}

void ledger__name_code(struct ledger *l, uint32_t (*driver)(uint64_t ip, void *arg), void *arg)
{
	int map = bpf_map__fd(l->skel->maps.code);
	uint64_t ip, last;
	uint32_t known;
	bool first = true;

	for (; !bpf_map_get_next_key(map, first ? NULL : &last, &ip); last = ip, first = false) {
		if (bpf_map_lookup_elem(map, &ip, &known) || known != DRIVER_NOT_ASKED)
			continue;
		known = driver(ip, arg);
		bpf_map_update_elem(map, &ip, &known, BPF_EXIST);
	}
}

struct ledger_work *ledger__work(struct ledger *l)
{
	return l->work;
}

int ledger__run_check(struct ledger *l)
{
	struct ledger_check_ctx ctx = { .budget_ns = CHECK_BUDGET_NS };
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = &ctx, .ctx_size_in = sizeof(ctx));

	return bpf_prog_test_run_opts(bpf_program__fd(l->skel->progs.ledger_check), &run);
}

int ledger__run_adjust(struct ledger *l)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);

	return bpf_prog_test_run_opts(bpf_program__fd(l->skel->progs.ledger_adjust), &run);
}

uint32_t ledger__make_owner(struct ledger *l, const struct owner_key *key, const char *comm)
{
	struct ledger_owner_ctx ctx = { .key = *key };
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = &ctx, .ctx_size_in = sizeof(ctx));

	if (bpf_prog_test_run_opts(bpf_program__fd(l->skel->progs.ledger_owner), &run))
		return 0;
	if (ctx.owner > OWNER_OTHERS)
		strncpy(l->owners[ctx.owner].comm, comm, sizeof(l->owners[0].comm) - 1);
	return ctx.owner;
}

void ledger__set_peak(struct ledger *l)
{
	uint32_t i, nr = ledger__owners_used(l);

	for (i = 1; i < nr; i++) {
		uint64_t held = l->owners[i].acquired - l->owners[i].released;

		if ((int64_t)held > 0 && held > l->owners[i].peak)
			l->owners[i].peak = held;
	}
}

const char *ledger_loss_text(enum ledger_loss loss)
{
	static const char *const text[LOST_CAUSES] = {
		[LOST_NO_ENTRY] = "pins had no room in the ledger",
		[LOST_TOO_MANY] = "pins were more owners' of one block than there is room for",
		[LOST_BEYOND] = "pins are of device memory or memory added later",
		[LOST_UNREADABLE] = "pins had page arrays that could not be read",
		[LOST_UNMATCHED] = "releases were of pins that the ledger did not have",
		[LOST_NO_OWNER] = "pins stand under (others): the table of owners is full",
		[LOST_NO_TASK] = "calls were of tasks that could not be remembered",
		[LOST_NO_SITE] = "calls had stacks that could not be remembered",
		[LOST_EXIT] = "calls were seen only to begin or only to end",
	};

	return text[loss];
}
