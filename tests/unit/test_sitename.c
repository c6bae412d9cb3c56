// SPDX-License-Identifier: GPL-2.0
/* Stacks in words: the innermost function is the one that was called, on each kernel, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../bpf/functions.h"
#include "sitename.h"
#include "stacks.h"

static char path[] = "/tmp/pinscope-sitename-XXXXXX";

struct world {
	struct stacks all;
	struct kallsyms *syms;
	struct named_site site;
};

static void read_stacks(struct world *w, const char *file)
{
	struct fail fail;

	memset(w, 0, sizeof(*w));
	assert_true(stacks_read(&w->all, file));
	stacks_write_symbols(&w->all, path);
	w->syms = kallsyms__load(path, NULL, &fail);
	assert_non_null(w->syms);
}

static void name(struct world *w, const struct stack *s, unsigned int function)
{
	struct pin_site stack = { .nr = s->nr, .function = function };
	struct fail trouble;

	assert_in_range(s->nr, 1, SITE_FRAMES);
	memcpy(stack.ip, s->addr, s->nr * sizeof(s->addr[0]));
	sitename_clear(&w->site);
	sitename_fill(&w->site, 17, &stack, w->syms, &trouble);
}

static void done(struct world *w)
{
	sitename_clear(&w->site);
	kallsyms__free(w->syms);
	stacks_free(&w->all);
}

/* The first stack of @file that is called @stack; its frames begin with @first and @second. */
static void check(const char *file, const char *stack, unsigned int function, const char *first,
		  const char *second)
{
	struct world w;
	size_t i = 0;

	read_stacks(&w, file);
	while (i < w.all.nr && strcmp(w.all.s[i].name, stack))
		i++;
	assert_in_range(i, 0, w.all.nr - 1);
	name(&w, &w.all.s[i], function);
	assert_in_range(w.site.nr_frames, 3, SITE_FRAMES + 1);
	assert_int_equal(strncmp(w.site.frames[0], first, strlen(first)), 0);
	assert_int_equal(strncmp(w.site.frames[1], second, strlen(second)), 0);
	done(&w);
}

/* A trampoline of 7.3 leaves out what it was put into; 6.12's has it, and so has a kprobe. */
static void innermost(void **state)
{
	check("tests/unit/stacks/7.3.txt", "io_uring-register", GUP_pin_user_pages_fast,
	      "pin_user_pages_fast", "io_pin_pages+0x8d");
	check("tests/unit/stacks/6.12.txt", "io_uring-register", GUP_pin_user_pages_fast,
	      "pin_user_pages_fast+0x9", "io_pin_pages+0x82");
	check("tests/unit/stacks/7.3.txt", "process_vm", GUP_pin_user_pages_remote,
	      "pin_user_pages_remote", "process_vm_rw_core");
}

/* Of all stacks: the caller is found where it is, whatever was put before it. */
static void caller(void **state)
{
	static const char *const files[] = {
		"tests/unit/stacks/6.1.txt", "tests/unit/stacks/6.12.txt",
		"tests/unit/stacks/7.3.txt",
	};
	char frame[128];
	struct world w;
	size_t i, k;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		read_stacks(&w, files[i]);
		for (k = 0; k < w.all.nr; k++) {
			name(&w, &w.all.s[k], GUP_folio_add_pins);
			assert_string_equal(w.site.frames[0], "folio_add_pins");
			if (w.site.name.frame < 0)
				continue;
			assert_in_range(w.site.name.frame, 1, w.site.nr_frames - 1);
			snprintf(frame, sizeof(frame), "%s", w.site.frames[w.site.name.frame]);
			frame[strcspn(frame, "+.")] = '\0';
			assert_string_equal(frame, w.site.name.function);
		}
		done(&w);
	}
}

/* Without names there are addresses: what was called is known all the same. */
static void without_names(void **state)
{
	const struct pin_site stack = { .nr = 1, .function = GUP_memfd_pin_folios, .ip = { 0xabc } };
	struct named_site s;
	struct fail trouble;

	sitename_fill(&s, 17, &stack, NULL, &trouble);
	assert_int_equal(s.nr_frames, 2);
	assert_string_equal(s.frames[0], "memfd_pin_folios");
	assert_string_equal(s.frames[1], "0xabc");
	sitename_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(innermost),
		cmocka_unit_test(caller),
		cmocka_unit_test(without_names),
	};
	int fd = mkstemp(path), rc;

	if (fd < 0)
		return 1;
	close(fd);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return rc;
}
