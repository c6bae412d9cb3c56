// SPDX-License-Identifier: GPL-2.0
/* Kernel stacks as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "stackname.h"
#include "stacks.h"

static char path[] = "/tmp/pinscope-stackname-XXXXXX";

/* Three functions of 0x100 bytes each, then one of a module, the last. */
static const char symbols[] = "ffffffff81000000 t first\n"
			      "ffffffff81000100 T second.isra.0\n"
			      "ffffffff81000200 T __x64_sys_ioctl\n"
			      "ffffffff81000300 T do_syscall_64\n"
			      "ffffffff81000400 D _data\n"
			      "ffffffffc0001000 t third\t[mod_a]\n";

#define FIRST 0xffffffff81000012
#define SECOND 0xffffffff81000134
#define IOCTL 0xffffffff81000256
#define ENTRY 0xffffffff81000378
#define UNNAMED 0xffffffff81000400
#define THIRD 0xffffffffc0001009

static struct kallsyms *load(void)
{
	FILE *f = fopen(path, "we");
	struct kallsyms *k;
	struct fail fail;

	assert_non_null(f);
	fputs(symbols, f);
	fclose(f);
	k = kallsyms__load(path, NULL, &fail);
	assert_non_null(k);
	return k;
}

static void frame_is(const struct kallsyms *k, uint64_t addr, const char *want)
{
	char buf[64];

	assert_string_equal(stackname_frame(k, addr, buf, sizeof(buf)), want);
}

static void frames(void **state)
{
	struct kallsyms *k = load();
	char small[8];

	frame_is(k, FIRST, "first+0x12/0x100");
	frame_is(k, SECOND, "second.isra.0+0x34/0x100");
	frame_is(k, THIRD, "third+0x9 [mod_a]");
	frame_is(k, UNNAMED, "0xffffffff81000400");
	frame_is(NULL, FIRST, "0xffffffff81000012");
	assert_string_equal(stackname_frame(k, FIRST, small, sizeof(small)), "first+0");
	kallsyms__free(k);
}

static void prints(void **state)
{
	static const uint64_t stack[] = { THIRD, FIRST, UNNAMED };
	struct kallsyms *k = load();
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	stackname_print(f, k, stack, 3, "\t");
	fclose(f);
	assert_string_equal(text, "\tthird+0x9 [mod_a]\n"
				  "\tfirst+0x12/0x100\n"
				  "\t0xffffffff81000400\n");
	free(text);
	kallsyms__free(k);
}

static void summaries(void **state)
{
	static const uint64_t stack[] = { FIRST, THIRD, SECOND, IOCTL, ENTRY };
	static const struct {
		size_t first, width;
		const char *want;
	} cases[] = {
		{ 0, 80, "first < third < second < sys_ioctl" },
		{ 0, 34, "first < third < second < sys_ioctl" },
		{ 0, 33, "first < third < second < ..." },
		{ 0, 28, "first < third < second < ..." },
		{ 0, 27, "first < third < ..." },
		{ 0, 11, "first < ..." },
		{ 0, 10, "first" },
		{ 0, 5, "first" },
		{ 0, 4, "f..." },
		{ 0, 3, "fir" },
		{ 0, 0, "" },
		{ 1, 80, "third < second < sys_ioctl" },
		{ 3, 9, "sys_ioctl" },
		{ 3, 8, "sys_i..." },
		{ 4, 80, "" },
		{ 5, 80, "" },
	};
	struct kallsyms *k = load();
	char buf[100], small[9];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(stackname_summary(k, stack, 5, cases[i].first, cases[i].width,
						      buf, sizeof(buf)),
				    cases[i].want);
	/* As many bytes as there are, whatever the width. */
	stackname_summary(k, stack, 5, 3, 80, small, sizeof(small));
	assert_string_equal(small, "sys_i...");
	assert_string_equal(stackname_summary(NULL, stack, 1, 0, 80, buf, sizeof(buf)),
			    "0xffffffff81000012");
	kallsyms__free(k);
}

/* Whatever the width, it is kept to; and more room never shows less. */
static void summaries_fit(void **state)
{
	struct stacks all = {};
	size_t i, width, checked = 0;
	struct kallsyms *k;
	struct fail fail;

	assert_true(stacks_read(&all, "tests/unit/stacks/7.3.txt"));
	stacks_write_symbols(&all, path);
	k = kallsyms__load(path, NULL, &fail);
	assert_non_null(k);
	for (i = 0; i < all.nr; i++) {
		size_t before = 0;

		for (width = 0; width < 250; width++) {
			char buf[300];
			size_t len = strlen(stackname_summary(k, all.s[i].addr, all.s[i].nr, 2,
							      width, buf, sizeof(buf)));

			assert_true(len <= width);
			assert_true(len >= before);
			before = len;
			checked++;
		}
	}
	assert_true(checked > 1000);
	kallsyms__free(k);
	stacks_free(&all);
}

/*
 * The kernel prints this process's stack with names, offsets and sizes: from
 * name and offset comes an address, and from that the same text.
 */
static void as_the_kernel_does(void **state)
{
	struct fail fail;
	struct kallsyms *k = kallsyms__load(KALLSYMS_PATH, NULL, &fail);
	FILE *f = fopen("/proc/self/stack", "re");
	char line[256], name[200], buf[256];
	unsigned long long offset;
	size_t same = 0;

	if (!k || !f || !fgets(line, sizeof(line), f)) {
		print_message("# no stack to be seen: only root may\n");
		if (f)
			fclose(f);
		kallsyms__free(k);
		skip();
	}
	do {
		struct ksym sym;
		char *text = strchr(line, ']');

		assert_non_null(text);
		text += 2;
		text[strcspn(text, "\n")] = '\0';
		if (sscanf(text, "%199[^+]+0x%llx", name, &offset) != 2 ||
		    kallsyms__find(k, name, &sym))
			continue;
		assert_string_equal(stackname_frame(k, sym.addr + offset, buf, sizeof(buf)), text);
		same++;
	} while (fgets(line, sizeof(line), f));
	fclose(f);
	assert_true(same >= 3);
	kallsyms__free(k);
}

static int setup(void **state)
{
	int fd = mkstemp(path);

	return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames),
		cmocka_unit_test(prints),
		cmocka_unit_test(summaries),
		cmocka_unit_test(summaries_fit),
		cmocka_unit_test(as_the_kernel_does),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
