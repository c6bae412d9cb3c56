// SPDX-License-Identifier: GPL-2.0
/* Tables of text: how wide their columns are, and what goes where a terminal is too narrow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "table.h"

static void shows(int width, const char *wanted)
{
	static const struct table_col cols[] = {
		{ "PID", false }, { "COMM", true }, { "CMA", false }, { "NAME", true }, {}
	};
	static const char *const cells[] = {
		"812", "qemu", "-", "a name of many letters",
		"-", "über", "", "",
	};
	struct table *t = table_new(cols);
	char *text;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	for (i = 0; i < sizeof(cells) / sizeof(*cells); i++)
		table_cell(t, "%s", cells[i]);
	assert_int_equal(table_rows(t), 2);
	table_print(t, out, width);
	fclose(out);
	assert_string_equal(text, wanted);
	free(text);
}

static void all_of_it(void **state)
{
	const char *all = "PID  COMM  CMA  NAME\n"
			  "812  qemu    -  a name of many letters\n"
			  "  -  über\n";

	shows(0, all);
	shows(1000, all);
	shows(38, all);
}

static void columns_that_say_nothing_go_first(void **state)
{
	const char *less = "PID  COMM  NAME\n"
			   "812  qemu  a name of many letters\n"
			   "  -  über\n";

	shows(37, less);
	shows(33, less);
}

static void then_the_end_of_the_last_column(void **state)
{
	shows(32, "PID  COMM  NAME\n"
		  "812  qemu  a name of many lette+\n"
		  "  -  über\n");
	shows(27, "PID  COMM  NAME\n"
		  "812  qemu  a name of many +\n"
		  "  -  über\n");
}

/* A rest that nobody could read is no better than a line that wraps. */
static void unless_too_little_is_left_of_it(void **state)
{
	const char *wraps = "PID  COMM  NAME\n"
			    "812  qemu  a name of many letters\n"
			    "  -  über\n";

	shows(26, wraps);
	shows(1, wraps);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it),
		cmocka_unit_test(columns_that_say_nothing_go_first),
		cmocka_unit_test(then_the_end_of_the_last_column),
		cmocka_unit_test(unless_too_little_is_left_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
