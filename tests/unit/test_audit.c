// SPDX-License-Identifier: GPL-2.0
/* The audit: each rule broken and kept, by calls and pages that are made up. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "audit_world.h"

#define PAGES(n) RUNS(RUN_WORD(1009, n, 0))

static struct audit_world *begin(void)
{
	struct audit_world *w = xcalloc(1, sizeof(*w));

	world_begin(w, &machine_world);
	w->charge.process = 1ULL << 40;
	return w;
}

static void finish_nothing(struct audit_world *w)
{
	assert_nothing(w);
	world_end(w);
	free(w);
}

static void finish_found(struct audit_world *w, enum audit_rule rule, uint64_t pins)
{
	assert_found(w, rule, pins);
	world_end(w);
	free(w);
}

/* 13 pages, pinned long-term, as they should be. */
static struct audit_world *pinned13(void)
{
	struct audit_world *w = begin();

	world_pin(w, &alice, AT_DRIVER, LONGTERM, PAGES(13), 13, 13);
	world_pages(w, 1009, 13, 0, 1);
	return w;
}

static void all_is_well(void **state)
{
	struct audit_world *w = pinned13();

	world_wait(w, 40 * SECOND);
	audit__look(w->audit, true);
	world_release(w, &alice, PAGES(13), 0, 0);
	world_exit(w, &alice);
	w->nr = 0;
	world_wait(w, 5 * SECOND);
	finish_nothing(w);
}

/* --- leak ------------------------------------------------------------------------------------- */

static void leak(void **state)
{
	struct audit_world *w = pinned13();

	world_exit(w, &alice);
	world_wait(w, SECOND);
	assert_nothing(w);
	world_wait(w, 3 * SECOND);
	assert_int_equal(w->nr_of_pin, 1);
	assert_true(w->has_pin && !w->has_release);
	finish_found(w, AUDIT_LEAK, 13);
}

static void no_leak_while_open(void **state)
{
	struct audit_world *w = pinned13();

	w->open = true;
	world_exit(w, &alice);
	world_wait(w, 5 * SECOND);
	assert_nothing(w);
	w->open = false;
	/* A worker may be releasing them. */
	world_wait(w, SECOND);
	assert_nothing(w);
	world_wait(w, 2 * SECOND);
	finish_found(w, AUDIT_LEAK, 13);
}

static void no_leak_of_others(void **state)
{
	struct audit_world *w = pinned13();

	world_exit(w, &bob);
	world_wait(w, 5 * SECOND);
	finish_nothing(w);
}

static void no_leak_when_released_meanwhile(void **state)
{
	static const uint64_t run = RUN_WORD(1009, 13, 0);
	struct audit_world *w = pinned13();

	world_exit(w, &alice);
	w->now += 3 * SECOND;
	w->release = &run;
	audit__look(w->audit, false);
	finish_nothing(w);
}

/* What is released when the programs are off already, nobody tells. */
static void nothing_when_over(void **state)
{
	struct audit_world *w = pinned13();

	audit__look(w->audit, true);
	audit__over(w->audit);
	world_exit(w, &alice);
	w->now += 3 * SECOND;
	audit__look(w->audit, false);
	w->nr = 0;
	world_wait(w, 10 * SECOND);
	finish_nothing(w);
}

/* Whose pins are left, after one of two calls on the same pages was ended by a third process? */
static void no_leak_by_a_guess(void **state)
{
	struct audit_world *w = pinned13();

	world_pin(w, &bob, AT_DRIVER, LONGTERM, PAGES(13), 13, 13);
	world_release(w, &nobody, PAGES(13), 0, 0);
	world_exit(w, &bob);
	world_wait(w, 5 * SECOND);
	finish_nothing(w);
}

static void place_once(void **state)
{
	struct audit_world *w = pinned13();

	world_pin(w, &alice, AT_DRIVER, LONGTERM, RUNS(RUN_WORD(2003, 7, 0)), 7, 7);
	world_pages(w, 2003, 7, 0, 1);
	world_exit(w, &alice);
	world_wait(w, 5 * SECOND);
	assert_int_equal(w->reported, 1);
	assert_int_equal(audit__found(w->audit, AUDIT_LEAK), 2);
	world_end(w);
	free(w);
}

/* Its process lives, but nobody uses the module any more whose file it pinned through. */
static struct audit_world *pinned_by_file(const char *module)
{
	struct audit_world *w = begin();

	w->file = module;
	world_pin(w, &alice, AT_DRIVER, LONGTERM, PAGES(13), 13, 13);
	world_pages(w, 1009, 13, 0, 1);
	world_wait(w, 3 * SECOND);
	assert_nothing(w);
	return w;
}

static void leak_once_closed(void **state)
{
	struct audit_world *w = pinned_by_file("lab_module");

	w->idle = "lab_module";
	world_wait(w, 2 * SECOND);
	assert_nothing(w);
	world_wait(w, SECOND);
	assert_non_null(strstr(w->what, "13 pins are left 2.0s after the file was closed"));
	finish_found(w, AUDIT_LEAK, 13);
}

/* Used again, by whomever: the file that counts was closed before. */
static void leak_once_closed_and_used_again(void **state)
{
	struct audit_world *w = pinned_by_file("lab_module");

	w->idle = "lab_module";
	world_wait(w, SECOND);
	w->idle = "";
	world_wait(w, 3 * SECOND);
	finish_found(w, AUDIT_LEAK, 13);
}

/* What became of the file's address says nothing when nobody uses its module. */
static void leak_of_exited_once_closed(void **state)
{
	struct audit_world *w = pinned_by_file("lab_module");

	w->open = true;
	world_exit(w, &alice);
	world_wait(w, 3 * SECOND);
	assert_nothing(w);
	w->idle = "lab_module";
	world_wait(w, 3 * SECOND);
	assert_non_null(strstr(w->what, "after their process has exited"));
	finish_found(w, AUDIT_LEAK, 13);
}

static void no_leak_when_closing_releases(void **state)
{
	struct audit_world *w = pinned_by_file("lab_module");

	w->idle = "lab_module";
	world_wait(w, SECOND);
	world_release(w, &alice, PAGES(13), 0, 0);
	w->nr = 0;
	world_wait(w, 5 * SECOND);
	finish_nothing(w);
}

/* A file of another driver, or of none that could be unloaded: who knows what it means. */
static void no_leak_by_files_of_others(void **state)
{
	static const char *const modules[] = { "other_module", NULL };
	struct audit_world *w;
	size_t i;

	for (i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		w = pinned_by_file(modules[i]);
		w->idle = "lab_module";
		world_wait(w, 5 * SECOND);
		finish_nothing(w);
	}
	w = pinned_by_file("other_module");
	w->idle = "other_module";
	world_wait(w, 5 * SECOND);
	finish_nothing(w);
}

static void no_leak_by_a_guess_once_closed(void **state)
{
	struct audit_world *w = pinned_by_file("lab_module");

	world_pin(w, &bob, AT_OTHER, LONGTERM, PAGES(13), 13, 13);
	world_release(w, &nobody, PAGES(13), 0, 0);
	w->idle = "lab_module";
	world_wait(w, 5 * SECOND);
	finish_nothing(w);
}

/* --- hold-without-longterm -------------------------------------------------------------------- */

static void hold(void **state)
{
	struct audit_world *w = begin();

	world_pin(w, &alice, AT_DRIVER, WRITE, PAGES(13), 13, 13);
	world_pages(w, 1009, 13, 0, 1);
	world_wait(w, 4 * SECOND);
	assert_nothing(w);
	world_wait(w, 2 * SECOND);
	world_wait(w, 20 * SECOND);
	world_release(w, &alice, PAGES(13), 0, 0);
	finish_found(w, AUDIT_HOLD, 13);
}

static void hold_seen_at_its_end(void **state)
{
	struct audit_world *w = begin();

	world_pin(w, &alice, AT_DRIVER, 0, PAGES(13), 13, 13);
	w->now += 6 * SECOND;
	world_release(w, &alice, PAGES(11), 0, 0);
	assert_true(w->has_pin && w->has_release);
	finish_found(w, AUDIT_HOLD, 11);
}

static void hold_in_a_recording(void **state)
{
	struct audit_world *w = xcalloc(1, sizeof(*w));

	world_begin(w, NULL);
	world_pin(w, &alice, AT_DRIVER, 0, PAGES(13), 13, 13);
	world_pin(w, &alice, AT_DRIVER, LONGTERM, RUNS(RUN_WORD(2003, 7, 0)), 7, 7);
	audit__end(w->audit, w->now + 6 * SECOND);
	finish_found(w, AUDIT_HOLD, 13);
}

static void hold_by_direct_io(void **state)
{
	struct audit_world *w = begin();

	strcpy(w->sites[AT_OTHER].name.driver, "direct-io");
	world_pin(w, &alice, AT_OTHER, 0, PAGES(13), 13, 13);
	world_pages(w, 1009, 13, 0, 1);
	world_wait(w, 9 * SECOND);
	world_release(w, &alice, PAGES(13), 0, 0);
	assert_int_equal(w->told, 1);
	finish_nothing(w);
}

/* --- over-unpin, wrong-release ---------------------------------------------------------------- */

static void over_unpin(void **state)
{
	struct audit_world *w = pinned13();

	world_release(w, &alice, PAGES(13), 0, 0);
	assert_nothing(w);
	world_release(w, &alice, RUNS(RUN_WORD(1011, 7, 0)), 0, 0);
	assert_nothing(w);
	audit__look(w->audit, false);
	assert_int_equal(w->nr_of_pin, 1);
	assert_true(w->has_pin && w->has_release);
	finish_found(w, AUDIT_OVER_UNPIN, 7);
}

static void over_unpin_of_a_folio(void **state)
{
	struct audit_world *w = begin();

	world_pin(w, &alice, AT_DRIVER, 0, RUNS(RUN_WORD(1024, 7, 9)), 7, 7);
	world_release(w, &alice, RUNS(RUN_WORD(1024, 7, 9)), 0, 0);
	assert_nothing(w);
	world_release(w, &alice, RUNS(RUN_WORD(1024, 5, 9)), 5, 0);
	finish_found(w, AUDIT_OVER_UNPIN, 5);
}

static void get_unpin(void **state)
{
	struct audit_world *w = begin();

	world_release(w, &alice, PAGES(13), 0, 0);
	audit__look(w->audit, false);
	assert_true(!w->has_pin && w->has_release);
	finish_found(w, AUDIT_WRONG_RELEASE, 13);
}

/* As the programs are taken off: what is read after the last look. */
static void get_unpin_at_the_end(void **state)
{
	struct audit_world *w = begin();

	audit__look(w->audit, true);
	world_release(w, &alice, PAGES(13), 0, 0);
	audit__over(w->audit);
	assert_found(w, AUDIT_WRONG_RELEASE, 13);
	world_release(w, &alice, RUNS(RUN_WORD(2003, 7, 0)), 0, 0);
	assert_int_equal(audit__found(w->audit, AUDIT_WRONG_RELEASE), 2);
	world_end(w);
	free(w);
}

/* The kernel had not yet counted the call that it did not run the program for. */
static void no_unpin_when_lost_by_then(void **state)
{
	struct audit_world *w = begin();

	world_release(w, &alice, PAGES(13), 0, 0);
	w->lost = true;
	world_wait(w, SECOND);
	w->lost = false;
	world_wait(w, SECOND);
	finish_nothing(w);
}

static void get_unpin_by_the_page(void **state)
{
	struct audit_world *w = begin();

	w->lost = true;
	world_release(w, &alice, PAGES(13), 11, 0);
	finish_found(w, AUDIT_WRONG_RELEASE, 11);
}

static void no_unpin_of_before(void **state)
{
	struct audit_world *w = xcalloc(1, sizeof(*w));

	world_pages(w, 1000, 80, 0, 1);
	world_pages(w, 2048, 2, 9, 3);
	world_begin(w, &machine_world);
	world_release(w, &alice, RUNS(RUN_WORD(1009, 71, 0), RUN_WORD(2560, 3, 9)), 0, 0);
	assert_nothing(w);
	world_release(w, &alice, RUNS(RUN_WORD(1079, 2, 0)), 0, 0);
	audit__look(w->audit, false);
	finish_found(w, AUDIT_WRONG_RELEASE, 1);
}

static void no_unpin_when_lost(void **state)
{
	struct audit_world *w = begin();

	w->lost = true;
	world_release(w, &alice, PAGES(13), 0, 0);
	w->lost = false;
	w->unseen = true;
	world_release(w, &alice, PAGES(13), 0, 0);
	world_wait(w, SECOND);
	finish_nothing(w);
}

static void put_page(void **state)
{
	struct audit_world *w = begin();

	world_pin(w, &alice, AT_DRIVER, LONGTERM, PAGES(13), 13, 13);
	world_pages(w, 1014, 8, 0, 1);
	world_wait(w, 3 * SECOND);
	world_exit(w, &alice);
	world_wait(w, 5 * SECOND);
	finish_found(w, AUDIT_WRONG_RELEASE, 5);
}

/* Pages wait in an LRU batch: they look pinned, and must not be taken for left ones. */
static void put_page_of_waiting_pages(void **state)
{
	struct audit_world *w = begin();

	world_pin(w, &alice, AT_DRIVER, LONGTERM, PAGES(13), 13, 13);
	world_pages(w, 1009, 8, 0, 1);
	w->waiting = (struct pin_run){ .pfn = 1017, .folios = 5, .pins = 1 };
	world_exit(w, &alice);
	world_wait(w, SECOND);
	assert_int_equal(w->drained, 0);
	world_wait(w, 5 * SECOND);
	assert_int_equal(w->drained, 1);
	finish_found(w, AUDIT_WRONG_RELEASE, 5);
}

static void put_page_of_a_folio(void **state)
{
	struct audit_world *w = begin();

	world_pin(w, &alice, AT_DRIVER, LONGTERM, RUNS(RUN_WORD(1024, 7, 9)), 7, 7);
	world_pages(w, 1024, 1, 9, 4);
	audit__look(w->audit, false);
	w->now += 500 * MS;
	audit__look(w->audit, true);
	assert_nothing(w);
	audit__look(w->audit, true);
	finish_found(w, AUDIT_WRONG_RELEASE, 3);
}

static void no_put_page_by_a_race(void **state)
{
	struct audit_world *w = pinned13();

	w->nr = 0;
	world_wait(w, 200 * MS);
	world_pages(w, 1009, 13, 0, 1);
	world_wait(w, 20 * SECOND);
	w->nr = 0;
	w->lost = true;
	world_wait(w, 20 * SECOND);
	finish_nothing(w);
}

static void no_put_page_of_the_kernel(void **state)
{
	struct audit_world *w = pinned13();

	w->reserved = 1015;
	w->nr = 0;
	world_wait(w, 20 * SECOND);
	finish_nothing(w);
}

/* --- where pins lie, what was written, who is charged ----------------------------------------- */

static void movable(void **state)
{
	struct audit_world *w = pinned13();

	w->movable = "ZONE_MOVABLE";
	world_wait(w, 3 * SECOND);
	assert_non_null(strstr(w->what, "ZONE_MOVABLE"));
	finish_found(w, AUDIT_MOVABLE, 13);
}

static void movable_in_cma(void **state)
{
	struct audit_world *w = pinned13();

	w->movable = "CMA";
	world_wait(w, 3 * SECOND);
	assert_non_null(strstr(w->what, "13 of 13 long-term pins lie in CMA"));
	finish_found(w, AUDIT_MOVABLE, 13);
}

static void movable_for_short(void **state)
{
	struct audit_world *w = begin();

	world_pin(w, &alice, AT_DRIVER, 0, PAGES(13), 13, 13);
	world_pages(w, 1009, 13, 0, 1);
	w->movable = "CMA";
	world_wait(w, 3 * SECOND);
	finish_nothing(w);
}

static void not_dirtied(void **state)
{
	struct audit_world *w = begin();

	world_pin(w, &alice, AT_DRIVER, WRITE, PAGES(13), 13, 13);
	world_release(w, &alice, PAGES(13), 0, 7);
	assert_true(w->has_pin && w->has_release);
	finish_found(w, AUDIT_NOT_DIRTIED, 7);
}

static void not_dirtied_but_read(void **state)
{
	struct audit_world *w = begin();

	world_pin(w, &alice, AT_DRIVER, WRITE, PAGES(13), 13, 13);
	world_pin(w, &alice, AT_DRIVER, 0, RUNS(RUN_WORD(2003, 7, 0)), 7, 7);
	world_release(w, &alice, RUNS(RUN_WORD(1009, 13, 0), RUN_WORD(2003, 7, 0)), 0, 7);
	finish_nothing(w);
}

static void unaccounted(void **state)
{
	struct audit_world *w = pinned13();

	w->charge.process = 5 * page_size();
	world_wait(w, 800 * MS);
	assert_nothing(w);
	world_wait(w, 5 * SECOND);
	finish_found(w, AUDIT_UNACCOUNTED, 8);
}

static void accounted(void **state)
{
	struct audit_world *w = pinned13();

	/* The same pages twice, and one page of a folio. */
	world_pin(w, &alice, AT_DRIVER, LONGTERM, PAGES(17), 17, 17);
	world_pin(w, &alice, AT_DRIVER, LONGTERM, RUNS(RUN_WORD(2048, 1, 9)), 1, 1);
	world_pages(w, 1022, 4, 0, 1);
	world_pages(w, 2048, 1, 9, 1);
	w->runs[0].pins = 2;
	w->charge.process = 18 * page_size();
	world_wait(w, 3 * SECOND);
	finish_nothing(w);
}

static void accounted_elsewhere(void **state)
{
	struct audit_world *w = pinned13();

	w->charge.process = 5 * page_size();
	w->charge.others = 8 * page_size();
	world_wait(w, 3 * SECOND);
	finish_nothing(w);
}

static void unaccounted_as_known(void **state)
{
	struct audit_world *w = begin();

	world_pin(w, &alice, AT_V4L2, LONGTERM, PAGES(13), 13, 13);
	world_pin(w, &alice, AT_XDP, LONGTERM, RUNS(RUN_WORD(2003, 7, 0)), 7, 7);
	world_pages(w, 1009, 13, 0, 1);
	world_pages(w, 2003, 7, 0, 1);
	w->charge = (struct audit_charge){ .capable = true };
	world_wait(w, 3 * SECOND);
	assert_int_equal(w->told, 2);
	assert_nothing(w);
	w->charge.capable = false;
	world_pin(w, &alice, AT_XDP, LONGTERM, RUNS(RUN_WORD(3001, 5, 0)), 5, 5);
	world_pages(w, 3001, 5, 0, 1);
	world_wait(w, 3 * SECOND);
	finish_found(w, AUDIT_UNACCOUNTED, 12);
}

/* --- calls that fail -------------------------------------------------------------------------- */

static void failed_left(void **state)
{
	struct audit_world *w = begin();

	w->frames = (struct pfn_range){ 1009, 1022 };
	world_pin(w, &alice, AT_DRIVER, LONGTERM, NULL, 0, 13, -ENOMEM);
	world_pages(w, 1011, 7, 0, 1);
	world_wait(w, 2 * SECOND);
	assert_nothing(w);
	assert_true(audit__waits(w->audit));
	world_wait(w, 3 * SECOND);
	assert_true(w->has_pin && !w->has_release);
	assert_false(audit__waits(w->audit));
	finish_found(w, AUDIT_FAILED_LEFT, 7);
}

static void expected(void **state)
{
	struct audit_world *w = begin();

	w->expected = true;
	w->frames = (struct pfn_range){ 1009, 1022 };
	world_pin(w, &alice, AT_DRIVER, LONGTERM, NULL, 0, 13, -ENOMEM);
	world_pages(w, 1011, 7, 0, 1);
	world_wait(w, 5 * SECOND);
	finish_nothing(w);
}

static void failed_left_nothing(void **state)
{
	struct audit_world *w = begin();

	/* Pins of a call that is known, and of one that was not over at the first look. */
	w->frames = (struct pfn_range){ 1009, 1022 };
	world_pin(w, &bob, AT_DRIVER, LONGTERM, RUNS(RUN_WORD(1011, 7, 0)), 7, 7);
	world_pages(w, 1011, 7, 0, 2);
	world_pin(w, &alice, AT_DRIVER, LONGTERM, NULL, 0, 13, -ENOMEM);
	world_wait(w, 500 * MS);
	world_pin(w, &alice, AT_DRIVER, LONGTERM, RUNS(RUN_WORD(1011, 7, 0)), 7, 7);
	world_wait(w, 5 * SECOND);
	finish_nothing(w);
}

static void failed_where_was_before(void **state)
{
	struct audit_world *w = xcalloc(1, sizeof(*w));

	world_pages(w, 1009, 13, 0, 1);
	world_begin(w, &machine_world);
	world_pages(w, 1009, 13, 0, 1);
	w->frames = (struct pfn_range){ 1009, 1022 };
	world_pin(w, &alice, AT_DRIVER, LONGTERM, NULL, 0, 13, -ENOMEM);
	world_wait(w, 5 * SECOND);
	finish_nothing(w);
}

static void partial(void **state)
{
	struct audit_world *w = begin();
	struct paired_pin *pin = world_pin(w, &alice, AT_DRIVER, LONGTERM, PAGES(7), 13, 7);

	world_pages(w, 1009, 7, 0, 1);
	world_fail(w, &alice, pin, EFAULT);
	world_wait(w, 800 * MS);
	assert_nothing(w);
	world_wait(w, SECOND);
	assert_non_null(strstr(w->what, "EFAULT"));
	world_exit(w, &alice);
	world_wait(w, 5 * SECOND);
	finish_found(w, AUDIT_PARTIAL, 7);
}

static void partial_undone_or_used(void **state)
{
	struct audit_world *w = begin();
	struct paired_pin *pin = world_pin(w, &alice, AT_DRIVER, LONGTERM, PAGES(7), 13, 7);

	world_release(w, &alice, PAGES(7), 0, 0);
	pin = world_pin(w, &alice, AT_DRIVER, LONGTERM, RUNS(RUN_WORD(2003, 7, 0)), 13, 7);
	world_pages(w, 2003, 7, 0, 1);
	world_pages(w, 3001, 7, 0, 1);
	world_wait(w, 5 * SECOND);
	/* Of another task; and all that was asked for. */
	world_fail(w, &bob, pin, EFAULT);
	pin = world_pin(w, &alice, AT_DRIVER, LONGTERM, RUNS(RUN_WORD(3001, 7, 0)), 7, 7);
	world_fail(w, &alice, pin, EFAULT);
	world_wait(w, 5 * SECOND);
	finish_nothing(w);
}

/* --- names ------------------------------------------------------------------------------------ */

static void names(void **state)
{
	int i;

	for (i = 0; i < AUDIT_RULES; i++) {
		assert_int_equal(audit_rules_parse(audit_rule_name(i)), AUDIT_BIT(i));
		assert_true(strlen(audit_rule_text(i)) > 100);
		assert_null(strchr(audit_rule_text(i), '\n'));
	}
	assert_int_equal(audit_rules_parse("leak,over-unpin"),
			 AUDIT_BIT(AUDIT_LEAK) | AUDIT_BIT(AUDIT_OVER_UNPIN));
	assert_int_equal(audit_rules_parse("leak,nothing"), 0);
	assert_int_equal(audit_rules_parse("nothing,leak"), 0);
	assert_int_equal(audit_rules_parse(""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_well),
		cmocka_unit_test(leak),
		cmocka_unit_test(no_leak_while_open),
		cmocka_unit_test(leak_once_closed),
		cmocka_unit_test(leak_once_closed_and_used_again),
		cmocka_unit_test(leak_of_exited_once_closed),
		cmocka_unit_test(no_leak_when_closing_releases),
		cmocka_unit_test(no_leak_by_files_of_others),
		cmocka_unit_test(no_leak_by_a_guess_once_closed),
		cmocka_unit_test(no_leak_of_others),
		cmocka_unit_test(no_leak_when_released_meanwhile),
		cmocka_unit_test(nothing_when_over),
		cmocka_unit_test(no_leak_by_a_guess),
		cmocka_unit_test(place_once),
		cmocka_unit_test(hold),
		cmocka_unit_test(hold_seen_at_its_end),
		cmocka_unit_test(hold_in_a_recording),
		cmocka_unit_test(hold_by_direct_io),
		cmocka_unit_test(over_unpin),
		cmocka_unit_test(over_unpin_of_a_folio),
		cmocka_unit_test(get_unpin),
		cmocka_unit_test(get_unpin_by_the_page),
		cmocka_unit_test(get_unpin_at_the_end),
		cmocka_unit_test(no_unpin_when_lost_by_then),
		cmocka_unit_test(no_unpin_of_before),
		cmocka_unit_test(no_unpin_when_lost),
		cmocka_unit_test(put_page),
		cmocka_unit_test(put_page_of_waiting_pages),
		cmocka_unit_test(put_page_of_a_folio),
		cmocka_unit_test(no_put_page_by_a_race),
		cmocka_unit_test(no_put_page_of_the_kernel),
		cmocka_unit_test(movable),
		cmocka_unit_test(movable_in_cma),
		cmocka_unit_test(movable_for_short),
		cmocka_unit_test(not_dirtied),
		cmocka_unit_test(not_dirtied_but_read),
		cmocka_unit_test(unaccounted),
		cmocka_unit_test(accounted),
		cmocka_unit_test(accounted_elsewhere),
		cmocka_unit_test(unaccounted_as_known),
		cmocka_unit_test(failed_left),
		cmocka_unit_test(failed_left_nothing),
		cmocka_unit_test(expected),
		cmocka_unit_test(failed_where_was_before),
		cmocka_unit_test(partial),
		cmocka_unit_test(partial_undone_or_used),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
