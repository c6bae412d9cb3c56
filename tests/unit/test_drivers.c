// SPDX-License-Identifier: GPL-2.0
/* Which driver pinned: real stacks of three kernels, composed ones for what these cannot show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "drivers.h"
#include "drivers_table.h"
#include "stacks.h"

static char path[] = "/tmp/pinscope-stacks-XXXXXX";

static struct kallsyms *load(const struct stacks *all)
{
	struct kallsyms *k;
	struct fail fail;

	stacks_write_symbols(all, path);
	k = kallsyms__load(path, NULL, &fail);
	assert_non_null(k);
	return k;
}

/* All of the file at @file, at least @least, each with its name in the message when it is wrong. */
static void check_file(const char *file, size_t least)
{
	struct stacks all = {};
	struct kallsyms *k;
	size_t i, wrong = 0;

	assert_true(stacks_read(&all, file));
	assert_in_range(all.nr, least, 1000);
	k = load(&all);
	for (i = 0; i < all.nr; i++) {
		const struct stack *s = &all.s[i];
		struct site_name site;

		assert_in_range(s->nr, 1, 64);
		site_name(k, s->addr, s->nr, &site);
		if (!site.missed && !strcmp(site.driver, s->driver) &&
		    !strcmp(site.detail, s->detail) && !strcmp(site.function, s->function))
			continue;
		wrong++;
		print_error("%s: %s by %s: got \"%s\" \"%s\" \"%s\", wanted \"%s\" \"%s\" \"%s\"\n",
			    file, s->name, s->way, site.driver, site.detail, site.function,
			    s->driver, s->detail, s->function);
	}
	assert_int_equal(wrong, 0);
	kallsyms__free(k);
	stacks_free(&all);
}

static void linux_6_1(void **state)
{
	check_file("tests/unit/stacks/6.1.txt", 20);
}

static void linux_6_12(void **state)
{
	check_file("tests/unit/stacks/6.12.txt", 40);
}

static void linux_7_3(void **state)
{
	check_file("tests/unit/stacks/7.3.txt", 40);
}

static void composed(void **state)
{
	check_file("tests/unit/stacks/composed.txt", 100);
}

/* --- stacks with something missing ------------------------------------------------------------ */

static void name_of(struct site_name *site, const char *frames, int unnamed)
{
	struct stacks all = {};
	struct stack s = {};
	struct kallsyms *k;
	char line[512];

	stacks_symbol(&all, "never_called");
	snprintf(line, sizeof(line), "%s", frames);
	stacks_frames(&all, &s, line);
	if (unnamed >= 0)
		s.addr[unnamed] = 0xffffffffc0001234;
	k = load(&all);
	site_name(k, s.addr, s.nr, site);
	kallsyms__free(k);
	stacks_free(&all);
}

static void caller(void **state)
{
	struct site_name site;

	name_of(&site, "pin_user_pages_remote < vaddr_get_pfns.part.0 [vfio_iommu_type1] < "
		       "vfio_fops_unl_ioctl [vfio]", -1);
	assert_string_equal(site.function, "vaddr_get_pfns");
	assert_string_equal(site.module, "vfio_iommu_type1");
	assert_int_equal(site.frame, 1);
	name_of(&site, "pin_user_pages_fast < ib_umem_get [ib_uverbs] < "
		       "mlx5_ib_reg_user_mr [mlx5_ib]", -1);
	assert_string_equal(site.module, "mlx5_ib");
	assert_int_equal(site.frame, 2);
	assert_false(site.missed);

	/* A program that looks at the stack itself, where a release is to be told whose it is. */
	name_of(&site, "__bpf_get_task_stack < bpf_get_task_stack < bpf_trampoline_1 < "
		       "unpin_user_pages_dirty_lock < xdp_umem_release_deferred < kthread", -1);
	assert_string_equal(site.driver, "af_xdp");
	assert_int_equal(site.frame, 4);
}

/* BPF programs and modules that were loaded after the symbols were read. */
static void unnamed_frames(void **state)
{
	struct site_name site;

	name_of(&site, "new_bpf_program < pin_user_pages_fast < io_pin_pages < "
		       "io_sqe_buffer_register", 0);
	assert_true(site.missed);
	assert_string_equal(site.driver, "io_uring");
	assert_int_equal(site.frame, 3);

	name_of(&site, "pin_user_pages_fast < new_module < vfs_ioctl", 1);
	assert_true(site.missed);
	assert_string_equal(site.driver, "unknown");
	assert_string_equal(site.function, "0xffffffffc0001234");
	assert_int_equal(site.frame, 1);

	/* Beyond the caller nothing is missed. */
	name_of(&site, "pin_user_pages < xdp_umem_create < new_module", 2);
	assert_false(site.missed);
	assert_string_equal(site.driver, "af_xdp");

	/* A layer without its user, cut off or unnamed. */
	name_of(&site, "pin_user_pages_fast < ib_umem_get [ib_uverbs]", -1);
	assert_string_equal(site.driver, "rdma");
	assert_string_equal(site.detail, "");
	assert_string_equal(site.function, "ib_umem_get");
	name_of(&site, "pin_user_pages_fast < ib_umem_get [ib_uverbs] < new_module", 2);
	assert_string_equal(site.driver, "rdma");
	assert_string_equal(site.function, "ib_umem_get");
	assert_true(site.missed);
}

static void no_symbols(void **state)
{
	static const uint64_t stack[] = { 0xffffffff81234567, 0xffffffff81345678,
					  0xffffffff81456789 };
	struct site_name site;

	site_name(NULL, stack, 3, &site);
	assert_string_equal(site.driver, "unknown");
	assert_string_equal(site.function, "0xffffffff81456789");
	assert_true(site.missed);
	site_name(NULL, stack, 1, &site);
	assert_string_equal(site.function, "0xffffffff81234567");
	site_name(NULL, stack, 0, &site);
	assert_string_equal(site.driver, "unknown");
	assert_string_equal(site.function, "");
	assert_int_equal(site.frame, -1);
	assert_false(site.missed);
}

static void long_names(void **state)
{
	char frames[300] = "pin_user_pages < ";
	struct site_name site;
	size_t len = strlen(frames);

	memset(frames + len, 'x', 120);
	frames[len + 120] = '\0';
	name_of(&site, frames, -1);
	assert_int_equal(strlen(site.driver), sizeof(site.driver) - 1);
	assert_int_equal(strlen(site.function), 120);
}

static void function_is(const char *symbol, const char *want)
{
	char buf[32];

	assert_string_equal(function_of(symbol, buf, sizeof(buf)), want);
}

static void functions(void **state)
{
	function_is("pin_user_pages", "pin_user_pages");
	function_is("process_vm_rw_core.constprop.0", "process_vm_rw_core");
	function_is("io_uring_setup.cold", "io_uring_setup");
	function_is("__io_remove_buffers.part.0.isra.0", "__io_remove_buffers");
	function_is("__x64_sys_io_uring_register", "sys_io_uring_register");
	function_is("__arm64_sys_process_vm_readv", "sys_process_vm_readv");
	function_is("__do_sys_io_uring_enter", "sys_io_uring_enter");
	function_is("ksys_read", "ksys_read");
	function_is("", "");
}

/* --- the table -------------------------------------------------------------------------------- */

static void table_is_sorted(void **state)
{
	size_t i;

	for (i = 0; i + 1 < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].driver, rows[i + 1].driver) > 0)
			fail_msg("%s stands before %s", rows[i].driver, rows[i + 1].driver);
}

static bool covers(const char *pattern, const char *other)
{
	return !strcmp(pattern, "*") || !strcmp(pattern, other);
}

/* A row that can never be reached says something that is not so. */
static void rows_do_not_hide_others(void **state)
{
	size_t i, j;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (j = 0; j < i; j++)
			if (covers(rows[j].function, rows[i].function) &&
			    covers(rows[j].module, rows[i].module))
				fail_msg("%s: \"%s\" \"%s\" is hidden by \"%s\" \"%s\"",
					 rows[i].driver, rows[i].function, rows[i].module,
					 rows[j].function, rows[j].module);
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
		cmocka_unit_test(linux_6_1),
		cmocka_unit_test(linux_6_12),
		cmocka_unit_test(linux_7_3),
		cmocka_unit_test(composed),
		cmocka_unit_test(caller),
		cmocka_unit_test(unnamed_frames),
		cmocka_unit_test(no_symbols),
		cmocka_unit_test(long_names),
		cmocka_unit_test(functions),
		cmocka_unit_test(table_is_sorted),
		cmocka_unit_test(rows_do_not_hide_others),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
