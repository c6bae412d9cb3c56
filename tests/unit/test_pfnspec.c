// SPDX-License-Identifier: GPL-2.0
/* Ranges of page frames as --pfn takes them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "pfnspec.h"

static void good(const char *s, uint64_t start, uint64_t end)
{
	struct pfn_range r = { 1, 2 };
	const char *why = "untouched";
	int err = pfnspec_parse(s, &r, &why);

	if (err)
		fail_msg("\"%s\": %s", s, why);
	if (r.start != start || r.end != end)
		fail_msg("\"%s\" is [%llx, %llx)", s, (unsigned long long)r.start,
			 (unsigned long long)r.end);
	assert_string_equal(why, "untouched");
}

static void bad(const char *s, int err, const char *reason)
{
	struct pfn_range r = { 1, 2 };
	const char *why = NULL;
	int got = pfnspec_parse(s, &r, &why);

	if (got != err)
		fail_msg("\"%s\" gives %d, not %d", s, got, err);
	assert_int_equal(r.start, 1);
	assert_int_equal(r.end, 2);
	if (!strstr(why, reason))
		fail_msg("\"%s\": \"%s\" does not say \"%s\"", s, why, reason);
	/* Who does not ask why still gets to know that. */
	assert_int_equal(pfnspec_parse(s, &r, NULL), err);
}

static void single(void **state)
{
	good("2ef00", 0x2ef00, 0x2ef01);
	good("0x2ef00", 0x2ef00, 0x2ef01);
	good("0X2EF00", 0x2ef00, 0x2ef01);
	good("  2eF00\n", 0x2ef00, 0x2ef01);
	good("0", 0, 1);
	good("0x0", 0, 1);
	good("000000000000000000000000000000000002ef00", 0x2ef00, 0x2ef01);
	good("fffffffffffff", 0xfffffffffffffULL, 1ULL << 52);
}

static void dash(void **state)
{
	good("2ef00-2f00a", 0x2ef00, 0x2f00b);
	good("0x2ef00-0x2f00a", 0x2ef00, 0x2f00b);
	good("0x2ef00-2f00a", 0x2ef00, 0x2f00b);
	good(" 2ef00 - 2f00a ", 0x2ef00, 0x2f00b);
	good("2ef00-2ef00", 0x2ef00, 0x2ef01);
	good("0-0", 0, 1);
	good("0-fffffffffffff", 0, 1ULL << 52);
	bad("2f00a-2ef00", -EINVAL, "ends before it begins");
	bad("2ef00-", -EINVAL, "no second");
	bad("2ef00--2f00a", -EINVAL, "no second");
	bad("2ef00-+2f00a", -EINVAL, "no second");
	bad("2ef00-0x", -EINVAL, "no second");
	bad("-2ef00", -EINVAL, "not a hexadecimal number");
	bad("2ef00-2f00a-3", -EINVAL, "other text behind");
	bad("2ef00-2f00a,3-4", -EINVAL, "other text behind");
	bad("2ef00-2f00a PFNs busy", -EINVAL, "other text behind");
}

static void plus(void **state)
{
	good("2ef00+0x200", 0x2ef00, 0x2f100);
	good("2ef00+200", 0x2ef00, 0x2f100);
	good("2ef00 + 1", 0x2ef00, 0x2ef01);
	good("0+fffffffffffff", 0, (1ULL << 52) - 1);
	bad("0+10000000000000", -ERANGE, "too large");
	bad("2ef00+0", -EINVAL, "empty");
	bad("2ef00+", -EINVAL, "no second");
	bad("2ef00++1", -EINVAL, "no second");
	bad("+2ef00", -EINVAL, "not a hexadecimal number");
	bad("fffffffffffff+2", -ERANGE, "beyond all memory");
	bad("1+fffffffffffffffff", -ERANGE, "too large");
}

static void bracketed(void **state)
{
	good("[2ef00, 2f00a)", 0x2ef00, 0x2f00a);
	good("[2ef00, 2f00a]", 0x2ef00, 0x2f00b);
	good("[2ef00,2f00a)", 0x2ef00, 0x2f00a);
	good("[ 0x2ef00 , 0x2f00a )", 0x2ef00, 0x2f00a);
	good("  [2ef00, 2f00a)  ", 0x2ef00, 0x2f00a);
	good("[2ef00, 2ef00]", 0x2ef00, 0x2ef01);
	good("[0, fffffffffffff]", 0, 1ULL << 52);
	bad("[0, 10000000000000)", -ERANGE, "too large");
	bad("[2ef00, 2ef00)", -EINVAL, "empty");
	bad("[2f00a, 2ef00)", -EINVAL, "ends before it begins");
	bad("[2f00a, 2ef00]", -EINVAL, "ends before it begins");
	bad("(2ef00, 2f00a)", -EINVAL, "not with '('");
	bad("(2ef00, 2f00a]", -EINVAL, "not with '('");
	bad("[2ef00, 2f00a", -EINVAL, "no range such as");
	bad("2ef00, 2f00a)", -EINVAL, "no range such as");
	bad("[2ef00-2f00a]", -EINVAL, "no range such as");
	bad("[2ef00]", -EINVAL, "no range such as");
	bad("[2ef00, ]", -EINVAL, "no range such as");
	bad("[, 2f00a)", -EINVAL, "no range such as");
	bad("[]", -EINVAL, "no range such as");
	bad("[2ef00, 2f00a))", -EINVAL, "other text around");
	bad("x[2ef00, 2f00a)", -EINVAL, "other text around");
	bad("[2ef00, 2f00a)PFNs", -EINVAL, "other text around");
	bad("[2ef00, 2f00a) [2ef00, 2f00a)", -EINVAL, "more than one range");
	bad("[[[[[[[[2ef00, 2f00a)", -EINVAL, "other text around");
	bad("[0, 10000000000001)", -ERANGE, "too large");
	bad("[0, 10000000000000]", -ERANGE, "too large");
	bad("[fffffffffffffffffff, 0)", -ERANGE, "too large");
}

static void pasted_lines(void **state)
{
	good("alloc_contig_range: [2ef00, 2f00a) PFNs busy", 0x2ef00, 0x2f00a);
	good("alloc_contig_range_noprof: [2ef00, 2f00a) PFNs busy\n", 0x2ef00, 0x2f00a);
	good("[  123.456] cma: x: alloc_contig_range: [2ef00, 2f00a) PFNs busy", 0x2ef00, 0x2f00a);
	good("[12345.678901] alloc_contig_range: [2ef00, 2f00a) PFNs busy", 0x2ef00, 0x2f00a);
	good("[    1.000000][  T123] alloc_contig_range: [2ef00, 2f00a) PFNs busy",
	     0x2ef00, 0x2f00a);
	good("[Wed Mar  4 11:54:56 2026] alloc_contig_range: [2ef00, 2f00a) PFNs busy",
	     0x2ef00, 0x2f00a);
	good("Mar  4 11:54:56 host kernel: [ 123.4] alloc_contig_range: [2ef00, 2f00a) PFNs busy",
	     0x2ef00, 0x2f00a);
	good("<6>[1.5] [2ef00, 2f00a)", 0x2ef00, 0x2f00a);
	good("cma_alloc(cma (ptrval), count 5, align 2): [a, b) PFNs busy", 0xa, 0xb);
	bad("[123.456] alloc_contig_range: [2f00a, 2ef00) PFNs busy", -EINVAL, "ends before");
	bad("alloc_contig_range: [2ef00, 2f00a) PFNs busy\n"
	    "alloc_contig_range: [2f00a, 2f00b) PFNs busy\n", -EINVAL, "more than one range");
	bad("alloc_contig_range: [2ef00, 2f00a) PFNs busy, yes", -EINVAL,
	    "other text around");
}

static void other_lines(void **state)
{
	/* These are addresses, and other numbers. */
	bad("page_alloc: [mem 0x100000000-0x107ffffff] failed", -EINVAL, "no range such as");
	bad("BIOS-e820: [mem 0x0000000000001000-0x000000000009fbff] usable", -EINVAL,
	    "no range such as");
	bad("[  123.456] something else", -EINVAL, "no range such as");
	bad("alloc_contig_range:", -EINVAL, "only A, A-B");
	bad("alloc_contig_range: [2ef00, 2f00a) blocks busy", -EINVAL, "other text around");
	bad("see [2ef00, 2f00a) PFNs busy", -EINVAL, "other text around");
	bad("alloc_contig_range: [2ef00, 2f00a) PFNsbusy", -EINVAL, "other text around");
}

static void garbage(void **state)
{
	bad("", -EINVAL, "nothing was given");
	bad(" \t\n", -EINVAL, "nothing was given");
	bad("x", -EINVAL, "not a hexadecimal number");
	bad("0x", -EINVAL, "not a hexadecimal number");
	bad("0xg", -EINVAL, "not a hexadecimal number");
	bad("0x0x1", -EINVAL, "only A, A-B");
	bad("2ef00h", -EINVAL, "only A, A-B");
	bad("2ef00 2f00a", -EINVAL, "only A, A-B");
	bad("2ef00..2f00a", -EINVAL, "only A, A-B");
	bad("2ef00\xe2\x80\x93" "2f00a", -EINVAL, "only A, A-B");
	bad("\xff\xfe", -EINVAL, "not a hexadecimal number");
	bad("%s%n%x", -EINVAL, "not a hexadecimal number");
	bad("10000000000000", -ERANGE, "too large");
	bad("ffffffffffffffff", -ERANGE, "too large");
	bad("10000000000000000", -ERANGE, "too large");
	bad("1-ffffffffffffffffffffffffffffffff", -ERANGE, "too large");
	bad("ffffffffffffffffffffffffffffffff-1", -ERANGE, "too large");
}

static void long_input(void **state)
{
	size_t n = 100000;
	char *s = malloc(n + 1);

	assert_non_null(s);
	memset(s, '[', n);
	s[n] = '\0';
	bad(s, -EINVAL, "no range such as");
	memset(s, 'f', n);
	bad(s, -ERANGE, "too large");
	memset(s, '0', n);
	good(s, 0, 1);
	memset(s, ' ', n);
	bad(s, -EINVAL, "nothing was given");
	free(s);
}

/* Whatever is not refused is a range of memory. */
static void any_bytes(void **state)
{
	static const char alphabet[] = "0123af[]()-+, xX:PFNs\n\xff";
	struct pfn_range r;
	uint64_t seed = 7;
	char s[24];
	int i, k;

	for (i = 0; i < 300000; i++) {
		const char *why = NULL;

		for (k = 0; k < (int)sizeof(s) - 1; k++) {
			seed = seed * 6364136223846793005ull + 1442695040888963407ull;
			s[k] = alphabet[(seed >> 33) % sizeof(alphabet)];
		}
		s[k] = '\0';
		if (pfnspec_parse(s, &r, &why)) {
			assert_non_null(why);
			continue;
		}
		assert_true(r.start < r.end);
		assert_true(r.end <= 1ULL << 52);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single),
		cmocka_unit_test(dash),
		cmocka_unit_test(plus),
		cmocka_unit_test(bracketed),
		cmocka_unit_test(pasted_lines),
		cmocka_unit_test(other_lines),
		cmocka_unit_test(garbage),
		cmocka_unit_test(long_input),
		cmocka_unit_test(any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
