// SPDX-License-Identifier: GPL-2.0
/* Which programs are to be loaded, as the kernel refuses one after the other. */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "attach.h"
#include "ledger.h"
#include "ledger.skel.h"

static bool is_to_be_loaded(const struct ledger_bpf *skel, const char *name)
{
	const struct bpf_program *prog = bpf_object__find_program_by_name(skel->obj, name);

	assert_non_null(prog);
	return bpf_program__autoload(prog);
}

static void check_plan(const struct attachment *plan, const struct btf *btf, bool kprobe_pins,
		       bool kprobe_unpins)
{
	struct ledger_bpf *skel = ledger_bpf__open();

	assert_non_null(skel);
	attach_choose(skel->obj, btf, plan);
	assert_int_equal(is_to_be_loaded(skel, "pin_user_pages_begins"), !kprobe_pins);
	assert_int_equal(is_to_be_loaded(skel, "pin_user_pages_ends"), !kprobe_pins);
	assert_int_equal(is_to_be_loaded(skel, "pin_user_pages_kbegins"), kprobe_pins);
	assert_int_equal(is_to_be_loaded(skel, "pin_user_pages_kends"), kprobe_pins);
	assert_int_equal(is_to_be_loaded(skel, "unpin_user_pages_task"), !kprobe_unpins);
	assert_int_equal(is_to_be_loaded(skel, "unpin_user_pages_softirq"), !kprobe_unpins);
	assert_int_equal(is_to_be_loaded(skel, "unpin_user_pages_hardirq"), !kprobe_unpins);
	assert_int_equal(is_to_be_loaded(skel, "unpin_user_pages_works"), !kprobe_unpins);
	assert_int_equal(is_to_be_loaded(skel, "unpin_user_pages_k"), kprobe_unpins);
	/* No kernel has all of these, and none of one that it has not is loaded. */
	if (btf__find_by_name_kind(btf, "pin_user_pages_fast_only", BTF_KIND_FUNC) < 0)
		assert_false(is_to_be_loaded(skel, "pin_user_pages_fast_only_begins"));
	ledger_bpf__destroy(skel);
}

static void refused_one_by_one(void **state)
{
	struct btf *btf = btf__load_vmlinux_btf();
	struct attachment *plan;

	if (!btf)
		skip();
	plan = attachment__all();
	check_plan(plan, btf, false, false);
	assert_false(attachment__refuse(plan, "ledger_check", -EINVAL));
	assert_false(attachment__refuse(plan, "pin_user_pages_kends", -EINVAL));
	check_plan(plan, btf, false, false);
	assert_true(attachment__refuse(plan, "unpin_user_pages_softirq", -EINVAL));
	check_plan(plan, btf, false, true);
	/* It was to be by kprobe already: the reason must be another one. */
	assert_false(attachment__refuse(plan, "unpin_user_pages_task", -EINVAL));
	assert_true(attachment__refuse(plan, "pin_user_pages_ends", -E2BIG));
	check_plan(plan, btf, true, true);
	attachment__free(plan);

	plan = attachment__none_since(-EPERM);
	check_plan(plan, btf, true, true);
	attachment__free(plan);
	btf__free(btf);
}

static void given_up(void **state)
{
	struct attachment *plan = attachment__all(), *got = attachment__none_since(-EBUSY);
	const struct attach_state *states;
	size_t nr, i;

	assert_true(attachment__give_up(plan, got));
	states = attachment__states(plan, &nr);
	for (i = 0; i < nr; i++) {
		assert_int_equal(states[i].way, ATTACH_NONE);
		assert_int_equal(states[i].err, -EBUSY);
	}
	assert_false(attachment__give_up(plan, got));
	attachment__free(plan);
	attachment__free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused_one_by_one),
		cmocka_unit_test(given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
