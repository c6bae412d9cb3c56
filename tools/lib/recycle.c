// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "recycle.h"
#include "vec.h"

#define LONGEST_PAUSE 16	/* calls */

int recycler__open(struct recycler *r)
{
	return grace_open(&r->grace);
}

void recycler__close(struct recycler *r)
{
	grace_close(&r->grace);
	free(r->numbers);
	free(r->removed);
}

static uint32_t in_use(uint32_t used, const uint64_t *recycled, const uint64_t *taken)
{
	return used - (__atomic_load_n(recycled, __ATOMIC_RELAXED) -
		       __atomic_load_n(taken, __ATOMIC_RELAXED));
}

uint32_t recycler__entries(const struct recycler *r)
{
	return in_use(ledger_view__entries_used(&r->view),
		      (const uint64_t *)&r->totals->entries_recycled,
		      (const uint64_t *)&r->totals->entries_taken);
}

uint32_t recycler__owners(const struct recycler *r)
{
	return in_use(ledger_view__owners_used(&r->view),
		      (const uint64_t *)&r->totals->owners_recycled,
		      (const uint64_t *)&r->totals->owners_taken);
}

/* Is it time to look, when so many of @size are in use? */
static bool is_short(struct pause *p, uint32_t use, uint32_t size)
{
	if (use <= size / 4 * 3) {
		*p = (struct pause){};
		return false;
	}
	if (p->left) {
		p->left--;
		return false;
	}
	return true;
}

/* Where looking gave little, the next look can wait. */
static void looked(struct pause *p, size_t found, uint32_t size)
{
	if (found > size / 64)
		p->next = 0;
	else if (p->next < LONGEST_PAUSE)
		p->next = p->next ? p->next * 2 : 1;
	p->left = p->next;
}

/* Into the ring, for programs to take. */
static void give(const struct recycler *r, uint64_t *ring, uint32_t size, uint64_t *written)
{
	uint64_t at = *written;
	size_t i;

	for (i = 0; i < r->nr_numbers; i++)
		ring[(at + i) % size] = r->numbers[i];
	__atomic_store_n(written, at + i, __ATOMIC_RELEASE);
}

/* --- entries ------------------------------------------------------------------------------ */

static void note_chain(struct recycler *r, uint32_t head)
{
	uint32_t at;

	for (at = head; at && at != LEDGER_CLOSED; at = r->pool[at].next)
		*vec_push(r->numbers, r->nr_numbers, r->cap_numbers) = at;
}

/* Closes all chains that are empty; their entries become r->numbers. */
static int close_chains(struct recycler *r)
{
	struct ledger_close_ctx ctx = { .from = 1 };
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = &ctx, .ctx_size_in = sizeof(ctx));
	uint32_t i;
	int err;

	for (; ctx.from < ledger_view__entries_used(&r->view); ctx.from += CLOSE_LOOKS) {
		err = bpf_prog_test_run_opts(r->close_prog, &run);
		if (err)
			return err;
		for (i = 0; i < r->closed->nr; i++)
			note_chain(r, r->closed->heads[i]);
	}
	return 0;
}

static int recycle_entries(struct recycler *r)
{
	int err;
	size_t i;

	r->nr_numbers = 0;
	/* What was closed before an error is given back all the same. */
	err = close_chains(r);
	looked(&r->entries_pause, r->nr_numbers, r->view.nr_entries);
	if (!r->nr_numbers)
		return err;
	if (grace_wait(&r->grace))
		return -errno;
	for (i = 0; i < r->nr_numbers; i++)
		r->pool[r->numbers[i]] = (struct ledger_entry){};
	give(r, r->recycled, r->view.nr_entries, (uint64_t *)&r->totals->entries_recycled);
	r->entries_back += r->nr_numbers;
	return err;
}

/* --- owner records ------------------------------------------------------------------------ */

/* /proc says when a process began in hundredths of a second. */
static bool is_alive(uint32_t tgid, uint64_t start_ns)
{
	unsigned long long start = 0;
	char path[32], line[1024] = "";
	FILE *f;
	char *p;
	int i;

	snprintf(path, sizeof(path), "/proc/%u/stat", tgid);
	f = fopen(path, "re");
	if (!f)
		return errno != ENOENT;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	/* The name may have anything in it. After it come state and 18 numbers. */
	p = strrchr(line, ')');
	for (i = 0; p && i < 20; i++)
		p = strchr(p + 1, ' ');
	return p && sscanf(p, "%llu", &start) == 1 &&
	       start == start_ns / (1000000000 / sysconf(_SC_CLK_TCK));
}

static bool holds_nothing(const struct owner_rec *rec)
{
	return __atomic_load_n(&rec->acquired, __ATOMIC_RELAXED) ==
	       __atomic_load_n(&rec->released, __ATOMIC_RELAXED);
}

/* A record that is not in use has no begin. */
static bool may_go(const struct recycler *r, const struct owner_rec *rec)
{
	bool (*alive)(uint32_t, uint64_t) = r->alive ? r->alive : is_alive;

	if (!rec->first_ns || !holds_nothing(rec))
		return false;
	if (rec->key.flags & OWNER_UNUSED)
		return true;
	return rec->key.tgid && !alive(rec->key.tgid, rec->key.start_ns);
}

static bool is_known(const struct recycler *r, uint32_t nr)
{
	uint32_t known;

	return !bpf_map_lookup_elem(r->owner_index, &r->owners[nr].key, &known) && known == nr;
}

static void remember(struct owner_rec *sum, const struct owner_rec *rec)
{
	sum->acquired += rec->acquired;
	sum->released += rec->released;
	sum->guessed += rec->guessed;
	sum->calls += rec->calls;
	sum->failed += rec->failed;
	sum->partial += rec->partial;
	sum->extra += rec->extra;
}

static int recycle_owners(struct recycler *r)
{
	uint32_t i, nr = ledger_view__owners_used(&r->view);
	size_t k, n = 0;

	r->nr_numbers = 0;
	for (i = OWNER_OTHERS + 1; i < nr; i++) {
		if (!may_go(r, &r->owners[i]))
			continue;
		if (is_known(r, i))
			bpf_map_delete_elem(r->owner_index, &r->owners[i].key);
		*vec_push(r->numbers, r->nr_numbers, r->cap_numbers) = i;
	}
	looked(&r->owners_pause, r->nr_numbers, r->view.nr_owners);
	if (!r->nr_numbers)
		return 0;
	if (grace_wait(&r->grace))
		return -errno;
	/* Who had found the number before that has written down its pins by now. */
	for (k = 0; k < r->nr_numbers; k++) {
		struct owner_rec *rec = &r->owners[r->numbers[k]];

		if (!holds_nothing(rec) || is_known(r, r->numbers[k])) {
			bpf_map_update_elem(r->owner_index, &rec->key, &r->numbers[k],
					    BPF_NOEXIST);
			continue;
		}
		remember(&r->gone, rec);
		*rec = (struct owner_rec){ .key.flags = OWNER_UNUSED };
		r->numbers[n++] = r->numbers[k];
	}
	r->nr_numbers = n;
	give(r, r->recycled_owners, r->view.nr_owners, (uint64_t *)&r->totals->owners_recycled);
	r->owners_back += n;
	return 0;
}

/* --- sites -------------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* All sites that owner records have, in order. */
static uint64_t *wanted_sites(const struct recycler *r, size_t *nr)
{
	uint32_t i, used = ledger_view__owners_used(&r->view);
	uint64_t *ids = xcalloc(used + 1, sizeof(*ids));

	*nr = 0;
	for (i = OWNER_OTHERS + 1; i < used; i++)
		if (r->owners[i].key.site)
			ids[(*nr)++] = r->owners[i].key.site;
	qsort(ids, *nr, sizeof(*ids), by_id);
	return ids;
}

static void note_unwanted(struct recycler *r, const uint64_t *wanted, size_t nr)
{
	struct removed_site site;
	uint64_t *last = NULL, at;

	r->nr_removed = 0;
	for (; !bpf_map_get_next_key(r->sites, last, &site.id); last = &at) {
		at = site.id;
		if (bsearch(&at, wanted, nr, sizeof(at), by_id) ||
		    bpf_map_lookup_elem(r->sites, &at, &site.stack))
			continue;
		*vec_push(r->removed, r->nr_removed, r->cap_removed) = site;
	}
}

static int recycle_sites(struct recycler *r)
{
	size_t nr, i;
	uint64_t *wanted;
	int err = recycle_owners(r);

	if (err)
		return err;
	wanted = wanted_sites(r, &nr);
	note_unwanted(r, wanted, nr);
	free(wanted);
	for (i = 0; i < r->nr_removed; i++)
		if (!bpf_map_delete_elem(r->sites, &r->removed[i].id))
			__atomic_fetch_sub(&r->totals->sites_used, 1, __ATOMIC_RELAXED);
	r->sites_back += r->nr_removed;
	looked(&r->sites_pause, r->nr_removed, r->sites_size);
	return 0;
}

int recycler__removed_site(const struct recycler *r, uint64_t site, struct pin_site *stack)
{
	size_t i;

	for (i = 0; i < r->nr_removed; i++) {
		if (r->removed[i].id == site) {
			*stack = r->removed[i].stack;
			return 0;
		}
	}
	return -1;
}

/* ------------------------------------------------------------------------------------------ */

int recycler__run_now(struct recycler *r)
{
	int err = recycle_entries(r);

	if (!err)
		err = recycle_owners(r);
	return !err && r->sites_size ? recycle_sites(r) : err;
}

int recycler__run(struct recycler *r)
{
	int err = 0;

	if (is_short(&r->entries_pause, recycler__entries(r), r->view.nr_entries))
		err = recycle_entries(r);
	if (!err && is_short(&r->owners_pause, recycler__owners(r), r->view.nr_owners))
		err = recycle_owners(r);
	if (!err && r->sites_size &&
	    is_short(&r->sites_pause, r->totals->sites_used, r->sites_size))
		err = recycle_sites(r);
	return err;
}
