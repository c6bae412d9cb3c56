// SPDX-License-Identifier: GPL-2.0
/* Which recorded calls pintrace --failed shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trace_filter.h"
#include "trace_world.h"

static bool is_shown(unsigned int function, uint64_t wanted, int64_t got)
{
	const struct call_filter f = { .failed = true, .held = -1 };
	static const struct foll_names none;
	static const struct named_site site;
	struct trace_event ev = world_call(1000, wanted, got);
	struct trace_filter kernel;

	ev.function = function;
	call_filter_kernel(&f, &none, &kernel);
	return call_filter_wants(&f, &kernel, true, &ev, &site);
}

static void gave_less(void **state)
{
	assert_false(is_shown(GUP_pin_user_pages_fast, 13, 13));
	assert_true(is_shown(GUP_pin_user_pages_fast, 13, 12));
	assert_true(is_shown(GUP_pin_user_pages_fast, 13, 0));
	assert_true(is_shown(GUP_pin_user_pages_fast, 13, -12));
	assert_false(is_shown(GUP_pin_user_pages_fast, 0, 0));
}

/* It is told how many folios there is room for: one large folio may be all of the range. */
static void of_folios(void **state)
{
	assert_false(is_shown(GUP_memfd_pin_folios, 512, 1));
	assert_false(is_shown(GUP_memfd_pin_folios, 512, 512));
	assert_true(is_shown(GUP_memfd_pin_folios, 512, 0));
	assert_true(is_shown(GUP_memfd_pin_folios, 512, -22));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gave_less),
		cmocka_unit_test(of_folios),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
