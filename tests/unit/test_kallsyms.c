// SPDX-License-Identifier: GPL-2.0
/* Functions of the kernel by address and by name, from files like /proc/kallsyms. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "kallsyms.h"

static char path[] = "/tmp/pinscope-kallsyms-XXXXXX";
static char modules[] = "/tmp/pinscope-modules-XXXXXX";

static void put(const char *file, const char *text)
{
	FILE *f = fopen(file, "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* The kernel's own in order; modules, BPF and what is no function as they come. */
static const char symbols[] =
	"0000000000000000 A fixed_percpu_data\n"
	"0000000000001000 A cpu_debug_store\n"
	"ffffffff81000000 T _stext\n"
	"ffffffff81000000 T _text\n"
	"ffffffff81000040 t alpha\n"
	"ffffffff81000090 t __pfx_beta\n"
	"ffffffff810000a0 T beta\n"
	"ffffffff81000100 W gamma.isra.0\n"
	"ffffffff81000200 t static_twin\n"
	"ffffffff81000300 t static_twin\n"
	"ffffffff81000400 t delta.constprop.0\n"
	"ffffffff81000480 t delta.cold\n"
	"ffffffff81000500 t two.isra.0\n"
	"ffffffff81000600 t two.constprop.0\n"
	"ffffffff81000700 t alpha.cold\n"
	"ffffffff81000800 t only_part.part.0\n"
	"ffffffff81000900 D __end_of_text\n"
	"ffffffff81000a00 d some_data\n"
	"ffffffffc0002000 t mod_last\t[mod_a]\n"
	"ffffffffc0001000 t mod_first\t[mod_a]\n"
	"ffffffffc0001080 T mod_exported\t[mod_a]\n"
	"ffffffffc0002100 r mod_rodata\t[mod_a]\n"
	"ffffffffc0003000 t beta\t[mod_b]\n"
	"ffffffffc0100000 t bpf_prog_0123456789abcdef_handle\t[bpf]\n"
	"ffffffffc0200000 t ftrace_trampoline\t[__builtin__ftrace]\n";

static struct kallsyms *load(const char *text)
{
	struct kallsyms *k;
	struct fail fail;

	put(path, text);
	k = kallsyms__load(path, NULL, &fail);
	assert_non_null(k);
	return k;
}

static void is_at(const struct kallsyms *k, uint64_t addr, const char *name, const char *module,
		  uint64_t offset, uint64_t size)
{
	struct ksym sym;

	assert_true(kallsyms__lookup(k, addr, &sym));
	assert_string_equal(sym.name, name);
	assert_string_equal(sym.module, module);
	assert_int_equal(sym.offset, offset);
	assert_int_equal(sym.size, size);
	assert_int_equal(sym.addr, addr - offset);
}

static void by_address(void **state)
{
	struct kallsyms *k = load(symbols);

	assert_int_equal(kallsyms__count(k), 19);
	is_at(k, 0xffffffff81000040, "alpha", "", 0, 0x50);
	is_at(k, 0xffffffff8100008f, "alpha", "", 0x4f, 0x50);
	is_at(k, 0xffffffff810000a5, "beta", "", 5, 0x60);
	is_at(k, 0xffffffff81000123, "gamma.isra.0", "", 0x23, 0x100);
	is_at(k, 0xffffffff810008ff, "only_part.part.0", "", 0xff, 0x100);
	is_at(k, 0xffffffffc0001001, "mod_first", "mod_a", 1, 0x80);
	is_at(k, 0xffffffffc0001fff, "mod_exported", "mod_a", 0xf7f, 0xf80);
	is_at(k, 0xffffffffc00020ff, "mod_last", "mod_a", 0xff, 0x100);
	is_at(k, 0xffffffffc0100010, "bpf_prog_0123456789abcdef_handle", "bpf", 0x10, 0x100000);
	is_at(k, 0xffffffffc0200000, "ftrace_trampoline", "__builtin__ftrace", 0, 0);
	kallsyms__free(k);
}

/* The kernel prints the first of them: kernel/kallsyms.c, get_symbol_pos(). */
static void first_of_aliases(void **state)
{
	struct kallsyms *k = load(symbols);

	is_at(k, 0xffffffff81000010, "_stext", "", 0x10, 0x40);
	kallsyms__free(k);
}

static void what_is_no_function(void **state)
{
	static const uint64_t nothing[] = {
		0, 0x1000, 0xffffffff80ffffff,
		0xffffffff81000095,	/* padding */
		0xffffffff81000900, 0xffffffff81000a08,	/* data */
		0xffffffffc0000000,	/* between the kernel and its modules */
		0xffffffffc0002100,	/* a module's data */
		0xffffffffc0300000,	/* too far behind the last one */
		UINT64_MAX,
	};
	struct kallsyms *k = load(symbols);
	struct ksym sym;
	size_t i;

	for (i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		assert_false(kallsyms__lookup(k, nothing[i], &sym));
	assert_false(kallsyms__lookup(NULL, 0xffffffff81000040, &sym));
	kallsyms__free(k);
}

static void by_name(void **state)
{
	struct kallsyms *k = load(symbols);
	struct ksym sym;

	assert_int_equal(kallsyms__find(k, "alpha", &sym), 0);
	assert_int_equal(sym.addr, 0xffffffff81000040);
	assert_int_equal(sym.size, 0x50);
	assert_int_equal(kallsyms__find(k, "mod_exported", &sym), 0);
	assert_string_equal(sym.module, "mod_a");
	assert_int_equal(kallsyms__find(k, "_text", &sym), 0);
	assert_int_equal(sym.addr, 0xffffffff81000000);
	assert_int_equal(kallsyms__find(k, "alph", &sym), -ENOENT);
	assert_int_equal(kallsyms__find(k, "alphaa", &sym), -ENOENT);
	assert_int_equal(kallsyms__find(k, "some_data", &sym), -ENOENT);
	assert_int_equal(kallsyms__find(k, "", &sym), -ENOENT);
	assert_int_equal(kallsyms__find(k, "zzz", &sym), -ENOENT);
	kallsyms__free(k);
}

static void by_ambiguous_name(void **state)
{
	struct kallsyms *k = load(symbols);
	struct ksym sym;

	assert_int_equal(kallsyms__find(k, "static_twin", &sym), -ENOTUNIQ);
	assert_int_equal(sym.addr, 0xffffffff81000200);
	assert_int_equal(kallsyms__find(k, "beta", &sym), -ENOTUNIQ);
	assert_int_equal(sym.addr, 0xffffffff810000a0);
	assert_string_equal(sym.module, "");
	kallsyms__free(k);
}

static void by_name_of_the_source(void **state)
{
	struct kallsyms *k = load(symbols);
	struct ksym sym;

	assert_int_equal(kallsyms__find(k, "gamma", &sym), 0);
	assert_string_equal(sym.name, "gamma.isra.0");
	assert_int_equal(kallsyms__find(k, "delta", &sym), 0);
	assert_string_equal(sym.name, "delta.constprop.0");
	assert_int_equal(kallsyms__find(k, "two", &sym), -ENOTUNIQ);
	assert_int_equal(kallsyms__find(k, "only_part", &sym), -ENOENT);
	assert_int_equal(kallsyms__find(k, "gamma.isra.0", &sym), 0);
	kallsyms__free(k);
}

static void refused(const char *text, const char *why)
{
	struct fail fail = {};

	put(path, text);
	assert_null(kallsyms__load(path, NULL, &fail));
	assert_non_null(strstr(fail.msg, why));
	assert_null(strchr(fail.msg, '\n'));
}

static void says_why_not(void **state)
{
	struct fail fail = {};

	refused("0000000000000000 T _stext\n0000000000000000 t alpha\n"
		"0000000000000000 t beta\t[mod]\n", "CAP_SYSLOG");
	refused("", "names no function");
	refused("ffffffff81000000 D data\n", "names no function");
	refused("garbage\n 1 2 3\nffffffff81000000 T\nffffffff81000000T x\n"
		"ffffffff81000000 T \n0ffffffff81000000 T long\n", "names no function");
	assert_null(kallsyms__load("/nonexistent/kallsyms", NULL, &fail));
	assert_non_null(strstr(fail.msg, "/nonexistent/kallsyms"));
	assert_null(kallsyms__load("/proc", NULL, &fail));
}

/* A kernel with some addresses at 0 (per-CPU data on x86) hides nothing. */
static void zero_is_an_address(void **state)
{
	struct kallsyms *k = load("0000000000000000 D __per_cpu_start\n"
				  "ffffffff81000000 T only\n");

	assert_int_equal(kallsyms__count(k), 1);
	is_at(k, 0xffffffff81000007, "only", "", 7, 0);
	kallsyms__free(k);
}

static void reloads(void **state)
{
	struct kallsyms *k = load("ffffffff81000000 T before\n");
	struct fail fail = {};
	struct ksym sym;

	assert_int_equal(kallsyms__find(k, "before", &sym), 0);
	put(path, "ffffffff81000000 T before\nffffffff81000100 T later\t[mod]\n");
	assert_int_equal(kallsyms__find(k, "later", &sym), -ENOENT);
	assert_int_equal(kallsyms__reload(k, &fail), 0);
	assert_int_equal(kallsyms__find(k, "later", &sym), 0);
	assert_string_equal(sym.module, "mod");
	/* What cannot be read leaves what was known. */
	put(path, "");
	assert_int_equal(kallsyms__reload(k, &fail), -1);
	is_at(k, 0xffffffff81000101, "later", "mod", 1, 0);
	kallsyms__free(k);
}

static void notices_modules(void **state)
{
	static const char some[] = "a 16384 0 - Live 0xffffffffc0001000\n"
				   "b 20480 1 c,d, Live 0xffffffffc0002000 (OE)\n";
	struct kallsyms *k;
	struct fail fail;

	put(path, symbols);
	put(modules, some);
	k = kallsyms__load(path, modules, &fail);
	assert_non_null(k);
	assert_false(kallsyms__is_stale(k));
	/* In use by more than before: nothing that matters. */
	put(modules, "a 16384 7 - Live 0xffffffffc0001000\n"
		     "b 20480 1 c,d,e, Live 0xffffffffc0002000 (OE)\n");
	assert_false(kallsyms__is_stale(k));
	put(modules, "a 16384 0 - Live 0xffffffffc0001000\n");
	assert_true(kallsyms__is_stale(k));
	/* The same one at another place. */
	put(modules, "a 16384 0 - Live 0xffffffffc0001000\n"
		     "b 20480 1 c,d, Live 0xffffffffc0004000 (OE)\n");
	assert_true(kallsyms__is_stale(k));
	assert_int_equal(kallsyms__reload(k, &fail), 0);
	assert_false(kallsyms__is_stale(k));
	kallsyms__free(k);
}

/* An init function of a module, named though its memory is freed. */
static void freed_functions(void **state)
{
	struct kallsyms *k;
	struct ksym sym;
	struct fail fail;

	put(path, "ffffffff81000000 T _stext\n"
		  "ffffffffc0001000 t run\t[a]\n"
		  "ffffffffc0008000 t a_init\t[a]\n"
		  "ffffffffc0009000 t prog\t[bpf]\n"
		  "ffffffffc000a000 t hidden\t[b]\n");
	put(modules, "a 16384 0 - Live 0xffffffffc0001000\n"
		     "b 16384 0 - Live 0x0000000000000000\n");
	k = kallsyms__load(path, modules, &fail);
	assert_non_null(k);
	is_at(k, 0xffffffffc0001010, "run", "a", 0x10, 0x7000);
	assert_false(kallsyms__lookup(k, 0xffffffffc0008010, &sym));
	is_at(k, 0xffffffffc0009010, "prog", "bpf", 0x10, 0x1000);
	is_at(k, 0xffffffffc000a010, "hidden", "b", 0x10, 0);
	kallsyms__free(k);
}

/* 200,000 symbols, half of them functions, in 60 modules: what a large kernel has. */
static void many(void **state)
{
	FILE *f = fopen(path, "we");
	struct kallsyms *k;
	struct fail fail;
	char name[64];
	unsigned int i;

	assert_non_null(f);
	for (i = 0; i < 200000; i++) {
		fprintf(f, "%016llx %c some_function_name_%u",
			0xffffffff81000000ull + (i ^ 0x155) * 16, i & 1 ? 't' : 'd', i);
		if (i >= 140000)
			fprintf(f, "\t[m%u]", i / 1000);
		fputc('\n', f);
	}
	fclose(f);
	k = kallsyms__load(path, NULL, &fail);
	assert_non_null(k);
	assert_int_equal(kallsyms__count(k), 100000);
	assert_in_range(kallsyms__memory(k), 1, 20 << 20);
	for (i = 1; i < 200000; i += 2) {
		uint64_t addr = 0xffffffff81000000ull + (i ^ 0x155) * 16 + 3;
		struct ksym sym;

		assert_true(kallsyms__lookup(k, addr, &sym));
		snprintf(name, sizeof(name), "some_function_name_%u", i);
		assert_string_equal(sym.name, name);
		assert_int_equal(sym.module[0], i < 140000 ? '\0' : 'm');
	}
	kallsyms__free(k);
}

/* Root's view of this machine, or what it says to others. */
static void this_kernel(void **state)
{
	struct fail fail = {};
	struct kallsyms *k = kallsyms__load(KALLSYMS_PATH, MODULES_PATH, &fail);
	struct ksym sym, back;

	if (!k) {
		assert_non_null(strstr(fail.msg, "/proc/kallsyms"));
		return;
	}
	assert_in_range(kallsyms__count(k), 10000, 1000000);
	assert_in_range(kallsyms__memory(k), 1, 20 << 20);
	assert_int_equal(kallsyms__find(k, "pin_user_pages_fast", &sym), 0);
	assert_string_equal(sym.module, "");
	assert_true(kallsyms__lookup(k, sym.addr + 5, &back));
	assert_string_equal(back.name, "pin_user_pages_fast");
	assert_int_equal(back.offset, 5);
	kallsyms__free(k);
}

static int setup(void **state)
{
	int a = mkstemp(path), b = mkstemp(modules);

	if (a < 0 || b < 0)
		return -1;
	close(a);
	close(b);
	return 0;
}

static int teardown(void **state)
{
	return unlink(path) | unlink(modules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_address),
		cmocka_unit_test(first_of_aliases),
		cmocka_unit_test(what_is_no_function),
		cmocka_unit_test(by_name),
		cmocka_unit_test(by_ambiguous_name),
		cmocka_unit_test(by_name_of_the_source),
		cmocka_unit_test(says_why_not),
		cmocka_unit_test(zero_is_an_address),
		cmocka_unit_test(reloads),
		cmocka_unit_test(notices_modules), cmocka_unit_test(freed_functions),
		cmocka_unit_test(many),
		cmocka_unit_test(this_kernel),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
