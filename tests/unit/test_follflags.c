// SPDX-License-Identifier: GPL-2.0
/* FOLL_... flags: which kernel calls which bit what, from names to bits and back. */
#include <bpf/btf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "follflags.h"

struct value {
	const char *name;
	int64_t value;
};

static void add_enum(struct btf *btf, const char *name, const struct value *v, size_t nr)
{
	size_t i;

	assert_true(btf__add_enum(btf, name, 4) > 0);
	for (i = 0; i < nr; i++)
		assert_int_equal(btf__add_enum_value(btf, v[i].name, v[i].value), 0);
}

#define ADD_ENUM(btf, name, ...) do { \
	static const struct value v[] = { __VA_ARGS__ }; \
	add_enum(btf, name, v, sizeof(v) / sizeof(v[0])); \
} while (0)

static struct btf *some_btf(void)
{
	struct btf *btf = btf__new_empty();

	assert_non_null(btf);
	assert_true(btf__add_int(btf, "int", 4, BTF_INT_SIGNED) > 0);
	ADD_ENUM(btf, NULL, { "MAYBE", 1 }, { "NOT_FOLL_WRITE", 2 });
	return btf;
}

/* The public flags and the kernel's own are two enums, neither of which has a name. */
static void names_of_btf(void **state)
{
	struct btf *btf = some_btf();
	struct foll_names names;
	unsigned int i, nr = 0;

	ADD_ENUM(btf, NULL, { "FOLL_WRITE", 1 }, { "FOLL_GET", 2 }, { "FOLL_LONGTERM", 0x100 },
		 { "FOLL_SOMETHING_LONGER_THAN_ANY", 0x1000 }, { "FOLL_NONE", 0 },
		 { "FOLL_BOTH", 3 });
	ADD_ENUM(btf, "named", { "FOLL_NAMED", 0x40 });
	ADD_ENUM(btf, NULL, { "FOLL_PIN", 1 << 19 }, { "FOLL_LAST", INT32_MIN });
	memset(&names, 'x', sizeof(names));
	foll_names_read(&names, btf);
	btf__free(btf);
	assert_string_equal(names.name[0], "FOLL_WRITE");
	assert_string_equal(names.name[1], "FOLL_GET");
	assert_string_equal(names.name[8], "FOLL_LONGTERM");
	assert_string_equal(names.name[12], "FOLL_SOMETHING_LONGER_T");
	assert_string_equal(names.name[19], "FOLL_PIN");
	assert_string_equal(names.name[31], "FOLL_LAST");
	for (i = 0; i < FOLL_BITS; i++)
		nr += !!names.name[i][0];
	assert_int_equal(nr, 6);
	assert_int_equal(foll_value(&names, "FOLL_LAST"), 1U << 31);
	assert_int_equal(foll_value(&names, "FOLL_LONGTERM"), 0x100);
}

static void v6_1(struct foll_names *names)
{
	struct btf *btf = some_btf();

	foll_names_read(names, btf);
	btf__free(btf);
}

static void names_without_enum(void **state)
{
	struct foll_names names;

	v6_1(&names);
	assert_string_equal(names.name[0], "FOLL_WRITE");
	assert_string_equal(names.name[6], "");
	assert_int_equal(foll_value(&names, "FOLL_NOFAULT"), 0x80);
	assert_int_equal(foll_value(&names, "FOLL_MIGRATION"), 0x400);
	assert_int_equal(foll_value(&names, "FOLL_ANON"), 0x8000);
	assert_int_equal(foll_value(&names, "FOLL_LONGTERM"), 0x10000);
	assert_int_equal(foll_value(&names, "FOLL_PIN"), 0x40000);
	assert_int_equal(foll_value(&names, "FOLL_FAST_ONLY"), 0x80000);
	assert_int_equal(foll_value(&names, "FOLL_PCI_P2PDMA"), 0);
}

static void values(void **state)
{
	struct foll_names names;

	v6_1(&names);
	assert_int_equal(foll_value(&names, "longterm"), 0x10000);
	assert_int_equal(foll_value(&names, "foll_LongTerm"), 0x10000);
	assert_int_equal(foll_value(&names, "WRITE"), 1);
	assert_int_equal(foll_value(&names, "LONG"), 0);
	assert_int_equal(foll_value(&names, "longterms"), 0);
	assert_int_equal(foll_value(&names, "FOLL_FOLL_WRITE"), 0);
	assert_int_equal(foll_value(&names, "FOLL_"), 0);
	assert_int_equal(foll_value(&names, ""), 0);
}

static void texts(void **state)
{
	struct foll_names names;
	char buf[80];

	v6_1(&names);
	assert_ptr_equal(foll_text(&names, 0, buf, sizeof(buf)), buf);
	assert_string_equal(buf, "0");
	assert_string_equal(foll_text(&names, 1, buf, sizeof(buf)), "FOLL_WRITE");
	assert_string_equal(foll_text(&names, 0x10001, buf, sizeof(buf)),
			    "FOLL_WRITE|FOLL_LONGTERM");
	assert_string_equal(foll_text(&names, 0x4000, buf, sizeof(buf)), "0x4000");
	assert_string_equal(foll_text(&names, 0x80014050, buf, sizeof(buf)),
			    "FOLL_FORCE|FOLL_LONGTERM|0x80004040");
	/* Cut, never beyond the end. */
	buf[19] = '#';
	assert_string_equal(foll_text(&names, 0x80014050, buf, 19), "FOLL_FORCE|FOLL_LO");
	assert_int_equal(buf[19], '#');
	assert_string_equal(foll_text(&names, 0x80014050, buf, 11), "FOLL_FORCE");
	assert_string_equal(foll_text(&names, 0x80000010, buf, 14), "FOLL_FORCE|0x");
}

static void this_kernel(void **state)
{
	struct foll_names names;
	struct btf *btf;
	char buf[64];

	if (access("/sys/kernel/btf/vmlinux", R_OK))
		skip();
	btf = btf__load_vmlinux_btf();
	assert_non_null(btf);
	foll_names_read(&names, btf);
	btf__free(btf);
	assert_int_equal(foll_value(&names, "write"), 1);
	assert_true(foll_value(&names, "longterm") == 0x100 ||
		    foll_value(&names, "longterm") == 0x10000);
	assert_string_equal(foll_text(&names, 1 | foll_value(&names, "longterm"), buf, sizeof(buf)),
			    "FOLL_WRITE|FOLL_LONGTERM");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_btf),
		cmocka_unit_test(names_without_enum),
		cmocka_unit_test(values),
		cmocka_unit_test(texts),
		cmocka_unit_test(this_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
