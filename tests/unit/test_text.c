// SPDX-License-Identifier: GPL-2.0
/* Text for people: sizes and names. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "text.h"

#define K (1ull << 10)
#define M (1ull << 20)
#define G (1ull << 30)
#define T (1ull << 40)
#define E (1ull << 60)

static void assert_size(uint64_t bytes, const char *want)
{
	char buf[8];

	assert_string_equal(text_size(bytes, buf, sizeof(buf)), want);
}

static void sizes(void **state)
{
	assert_size(0, "0");
	assert_size(1, "1B");
	assert_size(1023, "1023B");
	assert_size(1024, "1.0K");
	assert_size(4 * K, "4.0K");
	assert_size(23 * M + M / 2, "23.5M");
	assert_size(99 * K + 972, "99.9K");
	assert_size(99 * K + 973, "100K");	/* not "100.0K" */
	assert_size(1009 * 4 * K, "3.9M");
	assert_size(999 * K, "999K");
	assert_size(1023 * K, "1023K");
	assert_size(1023 * K + 511, "1023K");
	assert_size(1023 * K + 512, "1.0M");
	assert_size(M - 1, "1.0M");
	assert_size(M, "1.0M");
	assert_size(G - 1, "1.0G");
	assert_size(T, "1.0T");
	assert_size(UINT64_MAX, "16.0E");
}

static void sizes_are_short(void **state)
{
	char buf[16];
	uint64_t v;
	int shift;

	for (v = 1; v < 4096; v++)
		for (shift = 0; shift <= 52; shift++)
			assert_in_range(strlen(text_size(v << shift, buf, sizeof(buf))), 1, 5);
}

static void sizes_in_no_room(void **state)
{
	char buf[3] = "xx";

	assert_string_equal(text_size(23 * M, buf, sizeof(buf)), "23");
	assert_string_equal(text_delta(-23 * (int64_t)M, buf, sizeof(buf)), "-2");
}

static void deltas(void **state)
{
	char buf[8];

	assert_string_equal(text_delta(0, buf, sizeof(buf)), "");
	assert_string_equal(text_delta(4 * K, buf, sizeof(buf)), "+4.0K");
	assert_string_equal(text_delta(-(int64_t)(G + G / 5), buf, sizeof(buf)), "-1.2G");
	assert_string_equal(text_delta(INT64_MAX, buf, sizeof(buf)), "+8.0E");
	assert_string_equal(text_delta(INT64_MIN, buf, sizeof(buf)), "-8.0E");
	assert_string_equal(text_delta(-1, buf, sizeof(buf)), "-1B");
}

static void parse_good(void **state)
{
	static const struct {
		const char *text;
		uint64_t want;
	} cases[] = {
		{ "0", 0 }, { "4096", 4096 }, { "16K", 16 * K }, { "16k", 16 * K },
		{ "1.5G", G + G / 2 }, { "0.5K", 512 }, { "1.0009765625M", M + K },
		{ "1.999999999999999999999999999K", 2 * K - 1 },
		{ "15E", 15 * E }, { "18446744073709551615", UINT64_MAX },
		{ "15.999999999999999E", UINT64_MAX - 1152 }, { "007", 7 }, { "2t", 2 * T },
	};
	uint64_t v;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		v = 1;
		assert_int_equal(text_parse_size(cases[i].text, &v), 0);
		assert_true(v == cases[i].want);
	}
}

static void parse_bad(void **state)
{
	static const char *const invalid[] = {
		"", " ", " 1", "1 ", "-1", "+1", "K", ".5K", "1.", "1.K", "1.5",
		"1,5K", "1KB", "1KiB",
		"0x10", "1e3", "inf", "nan", "1.5.5K", "1Q", "1K1", "one",
	};
	static const char *const too_large[] = {
		"18446744073709551616", "16E", "99999999999999999999999999999999999999999999999999",
		"340282366920938463463374607431768211456", "16777216T",
	};
	uint64_t v = 77;
	size_t i;

	for (i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++)
		assert_int_equal(text_parse_size(invalid[i], &v), -EINVAL);
	for (i = 0; i < sizeof(too_large) / sizeof(too_large[0]); i++)
		assert_int_equal(text_parse_size(too_large[i], &v), -ERANGE);
	assert_int_equal(v, 77);
}

static void assert_clean(const char *in, size_t size, const char *want)
{
	char buf[64];

	memset(buf, 'X', sizeof(buf));
	assert_ptr_equal(text_clean(in, buf, size), buf);
	assert_string_equal(buf, want);
}

static void clean_keeps(void **state)
{
	assert_clean("", 64, "");
	assert_clean("qemu-system-x86", 64, "qemu-system-x86");
	assert_clean("a b~\\'\"", 64, "a b~\\'\"");
	assert_clean("na\xc3\xafve \xe2\x82\xac \xf0\x9f\x93\x8c", 64,
		     "na\xc3\xafve \xe2\x82\xac \xf0\x9f\x93\x8c");
}

static void clean_controls(void **state)
{
	assert_clean("\033[2Jx\a\b\t\r\n\177", 64, "?[2Jx??????");
	assert_clean("\xc2\x9b" "2J", 64, "?2J");		/* CSI in one character */
	assert_clean("a\xe2\x80\xae" "b", 64, "a?b");	/* right-to-left override */
	assert_clean("a\xe2\x81\xa6" "b", 64, "a?b");
	assert_clean("a\xe2\x80\xa8" "b", 64, "a?b");	/* line separator */
	assert_clean("\xc2\xa0", 64, "\xc2\xa0");		/* a blank is none */
}

static void clean_no_utf8(void **state)
{
	assert_clean("\xff\xfe", 64, "??");
	assert_clean("\x80\xbf", 64, "??");
	assert_clean("a\xc3", 64, "a?");			/* ends inside a character */
	assert_clean("\xc3(", 64, "?(");
	assert_clean("\xe2\x82", 64, "??");
	assert_clean("\xc0\xaf\xc1\xbf", 64, "????");	/* overlong */
	assert_clean("\xe0\x80\xaf", 64, "???");
	assert_clean("\xed\xa0\x80", 64, "???");		/* a surrogate */
	assert_clean("\xf4\x90\x80\x80", 64, "????");	/* beyond Unicode */
	assert_clean("\xf5\x80\x80\x80", 64, "????");
}

static void clean_cuts(void **state)
{
	assert_clean("abcdef", 4, "abc");
	assert_clean("ab\xe2\x82\xac", 5, "ab");		/* no room for all of it */
	assert_clean("ab\xe2\x82\xac", 6, "ab\xe2\x82\xac");
	assert_clean("\xff\xff\xff", 3, "??");
	assert_clean("abc", 1, "");
	assert_clean("\033", 2, "?");
}

static void clean_no_room(void **state)
{
	char c = 'X';

	assert_ptr_equal(text_clean("abc", &c, 0), &c);
	assert_int_equal(c, 'X');
}

static void users(void **state)
{
	const char *root = text_user(0);

	assert_string_equal(root, "root");
	assert_ptr_equal(text_user(0), root);
	assert_string_equal(text_user(4123456789u), "4123456789");
	assert_string_equal(text_user((uid_t)-1), "?");
}

static void users_stay(void **state)
{
	const char *first = text_user(4000000000u);
	uid_t uid;

	for (uid = 4000000001u; uid < 4000000100u; uid++)
		text_user(uid);
	assert_string_equal(first, "4000000000");
	assert_ptr_equal(text_user(4000000000u), first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(sizes_are_short),
		cmocka_unit_test(sizes_in_no_room),
		cmocka_unit_test(deltas),
		cmocka_unit_test(parse_good),
		cmocka_unit_test(parse_bad),
		cmocka_unit_test(clean_keeps),
		cmocka_unit_test(clean_controls),
		cmocka_unit_test(clean_no_utf8),
		cmocka_unit_test(clean_cuts),
		cmocka_unit_test(clean_no_room),
		cmocka_unit_test(users),
		cmocka_unit_test(users_stay),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
