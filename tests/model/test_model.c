// SPDX-License-Identifier: GPL-2.0
/* Hundreds of thousands of random calls, or as many as one likes, to the ledger and to a model of it. */
#include <bpf/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "oracle.h"
#include "random.h"
#include "vec.h"

enum { PAGES, FOLIOS, RANGE, FOLIO, DROP = 8 };	/* as enum walk_form; a release */

#define PROCESSES 8
#define BUFFERS 256
#define MOST_PAGES 300
#define SMALL_PFNS 512		/* the first ones are small pages */

/* What a call has pinned, for as long as it is not released. */
struct buffer {
	struct owner_key key;
	uint32_t nr;
	uint32_t pfns[MOST_PAGES];
};

struct play {
	struct oracle *o;
	struct random random;
	uint64_t start_ns[PROCESSES];
	struct buffer buffer[BUFFERS];
	uint32_t nr, pages;	/* buffers, and what they hold */
	uint32_t most;		/* pages that all may hold; when they do, more is released */
	uint32_t exits;		/* processes that may still end */
	bool recycles;
};

/* Which processes run: those of the game that is played. */
static const struct play *playing;

static bool is_alive(uint32_t tgid, uint64_t start_ns)
{
	return playing->start_ns[tgid % PROCESSES] == start_ns;
}

/*
 * Small pages; two blocks of folios of orders 1 to 5 beside small pages, as
 * mTHP make them; some of order 6 and 9; one of order 18.
 */
static void make_memory(struct oracle *o)
{
	static const uint8_t mixed[2][9] = {
		{ 5, 4, 3, 2, 1, 1, 0 }, { 3, 0, 0, 0, 0, 0, 0, 0, 0 },
	};
	uint32_t pfn, i, k;

	for (pfn = 0; pfn < SMALL_PFNS; pfn++)
		oracle_add_folio(o, pfn, 0);
	for (i = 0; i < 2; i++)
		for (k = 0; k < 9 && pfn < SMALL_PFNS + (i + 1) * LEDGER_BLOCK_PAGES; k++) {
			oracle_add_folio(o, pfn, mixed[i][k]);
			pfn += 1 << mixed[i][k];
		}
	oracle_add_folio(o, 640, 6);
	oracle_add_folio(o, 1024, 9);
	oracle_add_folio(o, 1536, 9);
	oracle_add_folio(o, 2048, 10);
	oracle_add_folio(o, 1 << 18, 18);
}

static const struct world_size whole = {
	.pages = 1 << 19, .entries = 4096, .owners = 256,
};

static struct owner_key some_key(struct play *p)
{
	uint32_t process = random_below(&p->random, PROCESSES);
	struct owner_key key = {
		.tgid = 8 * PROCESSES + process,
		.start_ns = p->start_ns[process],
		.site = 1 + random_below(&p->random, 4),
		.flags = random_below(&p->random, 2),
	};

	return key;
}

static uint32_t some_pfn(struct play *p)
{
	uint32_t f = random_below(&p->random, p->o->nr_folios + 40);

	/* The large ones more often than there are of them. */
	if (f >= p->o->nr_folios)
		f = p->o->nr_folios - 1 - f % 5;
	return p->o->folio[f].pfn + random_below(&p->random, 1U << p->o->folio[f].order);
}

/* Where a run of pages from @pfn on ends: the next page is not used in the model. */
static uint32_t run_end(struct play *p, uint32_t pfn, uint32_t nr)
{
	uint32_t end = pfn;

	while (end < p->o->w->pages && end - pfn < nr && p->o->folio_of[end])
		end++;
	return end;
}

/* The pages of a new buffer; returns the form of the call. */
static uint32_t fill(struct play *p, struct buffer *b)
{
	uint32_t nr = 1 + random_below(&p->random, random_chance(&p->random, 20) ? MOST_PAGES : 12);
	uint32_t kind = random_below(&p->random, 100), pfn = some_pfn(p), i;

	b->nr = 0;
	if (kind < 5) {
		pfn = world_head(p->o->w, pfn);
		for (; b->nr < nr; b->nr++)
			b->pfns[b->nr] = pfn;
		return FOLIO;
	}
	if (kind < 10) {
		for (; b->nr < nr; b->nr++)
			b->pfns[b->nr] = world_head(p->o->w, some_pfn(p));
		return FOLIOS;
	}
	if (kind < 60) {
		uint32_t end = run_end(p, pfn, nr);

		while (pfn < end)
			b->pfns[b->nr++] = pfn++;
		return PAGES;
	}
	for (i = 0; i < nr; i++) {
		/* Some pages more than once, some missing. */
		if (i && random_chance(&p->random, 20))
			b->pfns[b->nr++] = b->pfns[i - 1];
		else
			b->pfns[b->nr++] = random_chance(&p->random, 2) ? ORACLE_NONE : some_pfn(p);
	}
	return PAGES;
}

/* Something that a pin call lets go of, inside. */
static void nested(struct play *p)
{
	uint32_t pfn = some_pfn(p);
	struct oracle_call c = {
		.key = some_key(p), .pfns = &pfn, .got = 1, .wanted = 1, .form = DROP | PAGES,
	};

	oracle_nested_release(p->o, &c);
}

static void pin(struct play *p)
{
	struct buffer *b = &p->buffer[p->nr];
	struct oracle_call c = { .key = some_key(p), .pfns = b->pfns };
	uint32_t luck = random_below(&p->random, 100);

	c.form = fill(p, b);
	b->key = c.key;
	c.wanted = b->nr;
	if (luck < 2)
		b->nr = 0;
	else if (luck < 10)
		b->nr = random_below(&p->random, b->nr + 1);
	c.got = b->nr ? (int64_t)b->nr : random_chance(&p->random, 50) ? 0 : -14;
	if (luck == 99) {
		oracle_pin_abandoned(p->o, &c);
		b->nr = 0;
		return;
	}
	oracle_pin_begins(p->o, &c);
	if (random_chance(&p->random, 5))
		nested(p);
	oracle_pin_ends(p->o, &c);
	p->nr += b->nr > 0;
	p->pages += b->nr;
}

/* The form in which a part of a buffer can be released, and its first pages. */
static uint32_t release_form(struct play *p, const uint32_t *pfns, uint32_t nr)
{
	bool run = pfns[0] != ORACLE_NONE, same = run, heads = run;
	uint32_t i;

	for (i = 0; i < nr; i++) {
		if (pfns[i] == ORACLE_NONE)
			return PAGES;
		run &= pfns[i] == pfns[0] + i;
		same &= world_head(p->o->w, pfns[i]) == world_head(p->o->w, pfns[0]);
		heads &= world_head(p->o->w, pfns[i]) == pfns[i];
	}
	i = random_below(&p->random, 4);
	if (run && i == 1)
		return RANGE;
	if (same && i == 2)
		return FOLIO;
	return heads && i == 3 ? FOLIOS : PAGES;
}

static void release(struct play *p)
{
	uint32_t at = random_below(&p->random, p->nr), nr;
	struct buffer *b = &p->buffer[at];
	struct oracle_call c = {};

	nr = random_chance(&p->random, 60) ? b->nr : 1 + random_below(&p->random, b->nr);
	c.pfns = b->pfns + b->nr - nr;
	c.got = c.wanted = nr;
	c.form = DROP | release_form(p, c.pfns, nr);
	if (random_chance(&p->random, 60))
		c.key = b->key;
	else if (random_chance(&p->random, 30))
		c.key = some_key(p);
	/* Mostly by the driver that has pinned; by another one or an unknown one as well. */
	if (random_chance(&p->random, 60))
		c.driver = oracle_driver(&b->key);
	else if (random_chance(&p->random, 50))
		c.driver = DRIVER_NOT_ASKED + random_below(&p->random, DRIVER_FIRST + 4);
	if (c.form == (DROP | FOLIO))
		p->buffer[at].pfns[b->nr - nr] = world_head(p->o->w, c.pfns[0]);
	oracle_release(p->o, &c);
	b->nr -= nr;
	p->pages -= nr;
	if (!b->nr)
		*b = p->buffer[--p->nr];
}

/* What nobody may have pinned. */
static void release_any(struct play *p)
{
	uint32_t pfn = some_pfn(p);
	struct oracle_call c = { .pfns = &pfn, .got = 1, .wanted = 1, .form = DROP | RANGE };

	if (!oracle_pins(p->o, pfn))
		oracle_release(p->o, &c);
}

static void play(struct play *p, uint64_t calls)
{
	uint64_t end = p->o->calls + calls;

	while (p->o->calls < end) {
		bool full = p->nr == BUFFERS || p->pages > p->most;

		if (random_chance(&p->random, 1))
			release_any(p);
		else if (p->nr && random_chance(&p->random, full ? 80 : 47))
			release(p);
		else if (p->nr < BUFFERS)
			pin(p);
		if (p->exits && random_below(&p->random, 20000) == 0) {
			p->exits--;
			p->start_ns[random_below(&p->random, PROCESSES)]++;
		}
		if (p->recycles && random_below(&p->random, 2000) == 0)
			oracle_recycle(p->o);
		if (p->o->calls % 4096 == 0)
			oracle_check(p->o);
	}
	oracle_check(p->o);
}

static void drain(struct play *p)
{
	while (p->nr)
		release(p);
	oracle_check(p->o);
}

static void play_begins(struct play *p, struct oracle *o)
{
	*p = (struct play){ .o = o, .random = { o->seed }, .most = 4000, .exits = 20 };
}

static uint64_t seed;

struct game {
	struct world w;
	struct oracle o;
	struct play p;
};

static struct game *game_begins(const struct world_size *size)
{
	struct game *g = xcalloc(1, sizeof(*g));

	world_open(&g->w, size);
	oracle_open(&g->o, &g->w, seed);
	make_memory(&g->o);
	play_begins(&g->p, &g->o);
	playing = &g->p;
	g->w.recycler.alive = is_alive;
	return g;
}

static void game_ends(struct game *g)
{
	oracle_check(&g->o);
	oracle_close(&g->o);
	world_close(&g->w);
	free(g);
}

/* --- random calls ------------------------------------------------------------------------------ */

static void random_calls(void **state)
{
	const char *calls = getenv("PINSCOPE_CALLS");
	struct game *g = game_begins(&whole);

	play(&g->p, calls ? strtoull(calls, NULL, 0) : 400000);
	drain(&g->p);
	assert_int_equal(g->o.room, 0);
	/* All that was held has found its release; what was released without being held is more. */
	assert_int_equal(-g->o.in_flight, g->o.unmatched);
	game_ends(g);
}

/* What finds no room is counted, and so are the releases of it: the sum is right. */
static void pool_full(void **state)
{
	const struct world_size size = { .pages = 1 << 19, .entries = 16, .owners = 256 };
	struct game *g = game_begins(&size);

	g->o.may_lose = true;
	play(&g->p, 20000);
	assert_true(g->w.totals->lost[LOST_NO_ENTRY] > 0);
	assert_true(ledger_view__in_flight(&g->w.view) > 0);
	drain(&g->p);
	game_ends(g);
}

static void owners_full(void **state)
{
	const struct world_size size = { .pages = 1 << 19, .entries = 4096, .owners = 11 };
	struct game *g = game_begins(&size);

	play(&g->p, 20000);
	assert_true(g->w.totals->lost[LOST_NO_OWNER] > 0);
	drain(&g->p);
	game_ends(g);
}

/* Memory beyond the directory: the folios of orders 6 and up. */
static void directory_short(void **state)
{
	const struct world_size size = {
		.pages = 1 << 19, .blocks = LEDGER_DIR_SLOTS / 2, .entries = 4096, .owners = 256,
	};
	struct game *g = game_begins(&size);

	/* The directory's values hold several blocks: so many it has at least. */
	g->w.blocks = LEDGER_DIR_SLOTS;
	g->o.may_lose = true;
	play(&g->p, 20000);
	assert_true(g->w.totals->lost[LOST_BEYOND] > 0);
	assert_int_equal(g->w.totals->lost[LOST_BEYOND], g->o.room);
	drain(&g->p);
	game_ends(g);
}

/* Processes come and go, and so do pins: what they leave behind is used again. */
static void recycling(void **state)
{
	const struct world_size size = { .pages = 1 << 19, .entries = 512, .owners = 100 };
	struct game *g = game_begins(&size);
	int round, i;

	g->p.recycles = true;
	for (round = 0; round < 50; round++) {
		play(&g->p, 1000);
		if (round % 2) {
			drain(&g->p);
			for (i = 0; i < PROCESSES / 2; i++)
				g->p.start_ns[random_below(&g->p.random, PROCESSES)]++;
			oracle_recycle(&g->o);
		}
	}
	assert_true(g->w.recycler.entries_back > size.entries);
	assert_true(g->w.recycler.owners_back > size.owners);
	assert_int_equal(g->o.room, 0);
	game_ends(g);
}

/* Stacks that no owner has any more make room for others. */
static void sites_full(void **state)
{
	struct game *g = game_begins(&whole);
	struct recycler *r = &g->w.recycler;
	struct owner_key key = { .tgid = 8 * PROCESSES, .start_ns = g->p.start_ns[0] };
	struct pin_site stack = { .nr = 1 };
	struct oracle_call c = { .wanted = 1, .got = 1 };
	uint32_t pfn = 5;
	uint64_t site;

	c.pfns = &pfn;
	r->sites_size = 100;
	r->sites = bpf_map_create(BPF_MAP_TYPE_HASH, "sites", sizeof(site), sizeof(stack),
				  r->sites_size, NULL);
	assert_true(r->sites >= 0);
	for (site = 1; site <= 75; site++) {
		stack.ip[0] = site * 3;
		assert_int_equal(bpf_map_update_elem(r->sites, &site, &stack, BPF_ANY), 0);
		g->w.totals->sites_used++;
		/* Of each tenth one somebody has pins, or may have again. */
		key.site = site;
		c.key = key;
		if (site % 10 == 0)
			oracle_pin(&g->o, &c);
	}
	assert_int_equal(recycler__run(r), 0);
	assert_int_equal(r->sites_back, 0);
	g->w.totals->sites_used++;
	assert_int_equal(recycler__run(r), 0);
	assert_int_equal(r->sites_back, 68);
	assert_int_equal(g->w.totals->sites_used, 76 - 68);
	for (site = 1; site <= 75; site++) {
		assert_int_equal(!bpf_map_lookup_elem(r->sites, &site, &stack), site % 10 == 0);
		/* For who has come from there in this moment. */
		assert_int_equal(!recycler__removed_site(r, site, &stack), site % 10 != 0);
		assert_int_equal(stack.ip[0], site * 3);
	}
	close(r->sites);
	game_ends(g);
}

/* --- special calls ----------------------------------------------------------------------------- */

static void call(struct game *g, uint32_t form, const struct owner_key *key, const uint32_t *pfns,
		 uint32_t nr)
{
	struct oracle_call c = { .key = *key, .pfns = pfns, .wanted = nr, .got = nr, .form = form };

	if (form & DROP)
		oracle_release(&g->o, &c);
	else
		oracle_pin(&g->o, &c);
}

/* One after the other, as many as a chain has claims for, and more than that. */
static void many_owners(void **state)
{
	const struct world_size size = { .pages = 1 << 19, .entries = 4096, .owners = 700 };
	const uint32_t room = LEDGER_MAX_CHAIN * LEDGER_CLAIMS, most = room + 37;
	const struct owner_key nobody = {};
	struct game *g = game_begins(&size);
	struct owner_key key = { .start_ns = 1 };
	uint32_t i, pfn = 17;

	g->o.may_lose = true;
	for (i = 0; i < most; i++) {
		key.tgid = 1000 + i;
		call(g, PAGES, &key, &pfn, 1);
	}
	assert_int_equal(g->w.totals->lost[LOST_TOO_MANY], most - room);
	/* Every other one releases its own; the rest goes by age. */
	for (i = 0; i < most; i += 2) {
		key.tgid = 1000 + i;
		call(g, DROP | PAGES, &key, &pfn, 1);
	}
	while (oracle_pins(&g->o, pfn))
		call(g, DROP | PAGES, &nobody, &pfn, 1);
	for (i = 0; i < most; i++) {
		key.tgid = 1000 + i;
		call(g, PAGES, &key, &pfn, 1);
	}
	assert_int_equal(oracle_pins(&g->o, pfn), room);
	/* All owners of one block: those of other pages and folios, too. */
	for (i = 0; i < 64; i++) {
		pfn = i;
		key.tgid = 1000 + 3 * i;
		call(g, PAGES, &key, &pfn, 1);
	}
	game_ends(g);
}

/*
 * One process has a page registered for long with one driver, and does I/O on it
 * through another: each release must take its own driver's pin, or, where that
 * is not known, the short-term one.
 */
static void long_and_short(void **state)
{
	const struct owner_key held = { .tgid = 7, .start_ns = 7, .site = 1, .flags = OWNER_LONGTERM };
	const struct owner_key io = { .tgid = 7, .start_ns = 7, .site = 2 };
	const struct owner_key process = { .tgid = 7, .start_ns = 7 }, nobody = {};
	static const uint32_t pfns[3] = { 101, 102, 103 };
	struct game *g = game_begins(&whole);
	struct oracle_call c = { .pfns = pfns, .wanted = 3, .got = 3, .form = DROP | PAGES };
	const struct owner_rec *held_rec, *io_rec;
	int i;

	call(g, PAGES, &held, pfns, 3);
	held_rec = &g->w.owners[oracle_owner(&g->o, &held)];
	for (i = 0; i < 4; i++) {
		call(g, PAGES, &io, pfns, 3);
		io_rec = &g->w.owners[oracle_owner(&g->o, &io)];
		/* In an interrupt or its task; by a known driver or not. */
		c.key = i & 1 ? process : nobody;
		c.driver = i & 2 ? oracle_driver(&io) : DRIVER_NONE;
		oracle_release(&g->o, &c);
		assert_int_equal(io_rec->acquired - io_rec->released, 0);
		assert_int_equal(held_rec->released, 0);
		/* By term alone it is a guess. */
		assert_int_equal(io_rec->guessed, i & 2 ? 6 : 3 * (i + 1));
	}
	call(g, PAGES, &io, pfns, 3);
	c.driver = oracle_driver(&held);
	oracle_release(&g->o, &c);
	assert_int_equal(held_rec->released, 3);
	assert_int_equal(held_rec->guessed, 0);
	call(g, DROP | PAGES, &nobody, pfns, 3);
	assert_int_equal(io_rec->acquired - io_rec->released, 0);
	game_ends(g);
}

/* 1 to 300 times, by one call, or by as many. First bits, then numbers. */
static void same_page_often(void **state)
{
	static uint32_t pfns[300];
	const struct owner_key key = { .tgid = 7, .start_ns = 7 }, other = { .tgid = 8 };
	struct game *g = game_begins(&whole);
	uint32_t nr, i;

	for (i = 0; i < 300; i++)
		pfns[i] = 100;
	for (nr = 1; nr <= 300; nr += nr < 20 ? 1 : 28) {
		call(g, PAGES, &key, pfns, nr);
		call(g, DROP | PAGES, &key, pfns, nr);
		for (i = 0; i < nr; i++)
			call(g, PAGES, i % 5 ? &key : &other, pfns, 1);
		call(g, DROP | PAGES, &other, pfns, nr / 2);
		for (i = nr / 2; i < nr; i++)
			call(g, DROP | RANGE, &key, pfns, 1);
		assert_int_equal(oracle_pins(&g->o, 100), 0);
	}
	/* The whole block, so often that each page wants a number. */
	for (i = 0; i < 64; i++)
		pfns[i] = 64 + i;
	for (i = 0; i < 12; i++)
		call(g, PAGES, &key, pfns, 64);
	for (i = 0; i < 12; i++)
		call(g, DROP | RANGE, &other, pfns, 64);
	oracle_check(&g->o);
	assert_int_equal(g->o.in_flight, 0);
	assert_int_equal(g->o.unmatched, 0);
	game_ends(g);
}

/* Many more blocks than there are entries, one after the other. */
static void one_after_the_other(void **state)
{
	const struct world_size size = { .pages = 1 << 19, .entries = 64, .owners = 8 };
	struct game *g = game_begins(&size);
	struct model_step *s = &g->w.steps[0];
	uint32_t i;

	for (i = 0; i < 100000; i++) {
		*s = (struct model_step){
			.key.tgid = 8 * PROCESSES, .frame = 1, .nr = 64, .got = 64, .form = RANGE,
			.from = world_page(&g->w, i % 2048 * 64 + 4096),
		};
		world_begin(&g->w, 0);
		world_end(&g->w, 0);
		s->frame = 2;
		world_release(&g->w, 0);
		if (i % 8 == 0)
			assert_int_equal(recycler__run(&g->w.recycler), 0);
	}
	for (i = 0; i < LOST_CAUSES; i++)
		assert_int_equal(g->w.totals->lost[i], 0);
	assert_int_equal(g->w.owners[OWNER_OTHERS + 1].released, 6400000);
	assert_int_equal(ledger_view__in_flight(&g->w.view), 0);
	/* It waits until three quarters are in use. */
	assert_in_range(g->w.recycler.entries_back, 100000 - 64, 100000);
	assert_true(g->w.totals->entries_used <= 64);
	oracle_close(&g->o);
	world_close(&g->w);
	free(g);
}

/* An array that cannot be read: what it held is not known, and that is said. */
static void unreadable_array(void **state)
{
	struct game *g = game_begins(&whole);
	struct model_step *s = &g->w.steps[0];

	*s = (struct model_step){ .frame = 1, .from = 0x1000, .nr = 23, .got = 23, .form = PAGES };
	s->key.tgid = 5;
	world_begin(&g->w, 0);
	world_end(&g->w, 0);
	assert_int_equal(g->w.totals->lost[LOST_UNREADABLE], 23);
	assert_int_equal(g->w.owners[OWNER_OTHERS + 1].acquired, 0);
	s->form = PAGES;
	s->frame = 2;
	world_release(&g->w, 0);
	assert_int_equal(g->w.totals->lost[LOST_UNREADABLE], 46);
	assert_int_equal(ledger_view__in_flight(&g->w.view), 0);
	oracle_close(&g->o);
	world_close(&g->w);
	free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_calls),
		cmocka_unit_test(recycling),
		cmocka_unit_test(sites_full),
		cmocka_unit_test(pool_full),
		cmocka_unit_test(owners_full),
		cmocka_unit_test(directory_short),
		cmocka_unit_test(many_owners),
		cmocka_unit_test(long_and_short),
		cmocka_unit_test(same_page_often),
		cmocka_unit_test(one_after_the_other),
		cmocka_unit_test(unreadable_array),
	};

	seed = random_seed();
	printf("# PINSCOPE_SEED=%lu\n", seed);
	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
