// SPDX-License-Identifier: GPL-2.0
/* What cannot be kept, one kind at a time: it has to be counted, and nothing else may suffer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vec.h"
#include "world.h"

enum { PAGES, FOLIOS, RANGE, FOLIO };	/* as enum walk_form */

#define FIRST_OWNER (OWNER_OTHERS + 1)
#define FRAME 0xffffc90000004000ULL
#define DEEPER (FRAME - 0x200)

/* Without room for any owner but (others), if not @owners. */
static struct world *begin(uint32_t owners)
{
	const struct world_size size = { .pages = 1024, .entries = 64, .owners = 2 + owners };
	struct world *w = xcalloc(1, sizeof(*w));

	world_open(w, &size);
	return w;
}

static void end(struct world *w)
{
	world_close(w);
	free(w);
}

/* What the next call is: by process @tgid, @nr neighbours from @pfn on. */
static void set(struct world *w, uint32_t tgid, uint32_t pfn, uint32_t nr, uint64_t frame)
{
	w->steps[0] = (struct model_step){
		.key.tgid = tgid, .key.start_ns = 7, .frame = frame, .from = world_page(w, pfn),
		.nr = nr, .got = nr, .form = RANGE, .in_task = 1,
	};
}

static void check_lost(const struct world *w, enum ledger_loss cause, uint64_t wanted)
{
	int i;

	for (i = 0; i < LOST_CAUSES; i++)
		if (w->totals->lost[i] != (i == (int)cause ? wanted : 0))
			fail_msg("lost by cause %d: %llu", i, w->totals->lost[i]);
}

/* However pins come to stand under (others). */
static void no_owner(void **state)
{
	struct world *w = begin(0);
	const struct owner_key key = { .tgid = 7, .flags = OWNER_BEFORE };

	set(w, 7, 64, 5, FRAME);
	world_begin(w, 0);
	world_end(w, 0);
	check_lost(w, LOST_NO_OWNER, 5);

	/* More pins of a folio, by folio_add_pin(). */
	world_folio(w, 128, 3);
	set(w, 7, 128, 3, FRAME);
	world_add(w, 0);
	check_lost(w, LOST_NO_OWNER, 5 + 3);
	assert_int_equal(w->owners[OWNER_OTHERS].extra, 3);

	/* Those that were there before, or are found by a look at memory. */
	assert_int_equal(world_owner(w, &key), OWNER_OTHERS);
	assert_int_equal(world_repair(w, 200, OWNER_OTHERS, 1), 1);
	check_lost(w, LOST_NO_OWNER, 5 + 3 + 1);
	assert_int_equal(world_repair(w, 201, OWNER_OTHERS, 7), 7);
	check_lost(w, LOST_NO_OWNER, 5 + 3 + 1 + 7);
	assert_int_equal(ledger_view__in_flight(&w->view), 5 + 3 + 1 + 7);
	end(w);
}

/* With a record of their own, none of these is lost. */
static void own_owner(void **state)
{
	struct world *w = begin(1);
	const struct owner_key key = { .tgid = 7, .start_ns = 7 };

	assert_int_equal(world_owner(w, &key), FIRST_OWNER);
	world_folio(w, 128, 3);
	set(w, 7, 128, 3, FRAME);
	world_add(w, 0);
	assert_int_equal(world_repair(w, 200, FIRST_OWNER, 7), 7);
	check_lost(w, LOST_CAUSES, 0);
	assert_int_equal(w->owners[FIRST_OWNER].acquired, 10);
	end(w);
}

/* Another CPU may have released between two loads what was not in the first. */
static void peak(void **state)
{
	struct world *w = begin(1);
	struct owner_rec *rec = &w->owners[FIRST_OWNER];
	const struct owner_key key = { .tgid = 7, .start_ns = 7 };

	assert_int_equal(world_owner(w, &key), FIRST_OWNER);
	rec->released = 11;
	set(w, 7, 64, 5, FRAME);
	world_begin(w, 0);
	world_end(w, 0);
	assert_int_equal(rec->acquired, 5);
	assert_int_equal(rec->peak, 0);
	set(w, 7, 69, 13, FRAME);
	world_begin(w, 0);
	world_end(w, 0);
	assert_int_equal(rec->peak, 5 + 13 - 11);
	end(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_owner),
		cmocka_unit_test(own_owner),
		cmocka_unit_test(peak),
	};

	return cmocka_run_group_tests_name("lost", tests, NULL, NULL);
}
