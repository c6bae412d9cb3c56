// SPDX-License-Identifier: GPL-2.0
/*
 * What pinleak reads and writes: suppressions, baselines, text, folded stacks,
 * JSON and pages. To look at what is written, and to hold it against the
 * schema, name a folder in PINLEAK_SAMPLES.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli.h"
#include "leak_world.h"
#include "leak_view.h"
#include "vec.h"

static char path[64];

static char *user_frames[] = { (char *)"ioctl+0x1b (libc.so.6)",
			       (char *)"take<T;x>+0x12 (mytest, my.c:12)", (char *)"..." };
static const struct named_ustack user_stack = { .frames = user_frames, .nr_frames = 3 };

static void look(struct leak_world *w)
{
	leak_model__look(&w->m, &w->w.snap);
}

static void put_file(const char *text)
{
	int fd;

	strcpy(path, "/tmp/test_leak.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* --- suppressions ----------------------------------------------------------------------------- */

static void bad_suppressions(void **state)
{
	static const struct {
		const char *text, *want;	/* behind the file's name */
	} cases[] = {
		{ "x\n", ":1: a block begins with {, not with 'x'" },
		{ "\n{\nname\n", ":3: the file ends within a block" },
		{ "{\n}\n", ":2: a block needs a name in its first line" },
		{ "{\na\n}\n", ":3: a block without driver:, comm: or fun: would fit everything:  'a'" },
		{ "{\na\n...\n}\n", ":4: a block without driver:, comm: or fun: would fit "
				     "everything:  'a'" },
		{ "{\na\nfoo:bar\n", ":3: expected driver:, comm:, fun:, ... or }, not 'foo:bar'" },
		{ "{\na\nfun:\n", ":3: there is no pattern behind 'fun:'" },
		{ "{\na\ncomm:\n", ":3: there is no pattern behind 'comm:'" },
		{ "{\na\ncomm:x\ncomm:y\n", ":4: there is one already before 'comm:y'" },
		{ "# all of it\n{\na\x1b[31m\ndriver:x\ndriver:\x1b\n", ":5: there is one already "
		  "before 'driver:?'" },
	};
	struct suppressions s = {};
	char want[256];
	struct fail fail;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_file(cases[i].text);
		assert_int_equal(suppressions_read(&s, path, &fail), -1);
		snprintf(want, sizeof(want), "%s%s", path, cases[i].want);
		assert_string_equal(fail.msg, want);
		assert_int_equal(fail.code, 1);
		unlink(path);
	}
	suppressions_free(&s);
}

static void no_file(void **state)
{
	struct suppressions s = {};
	struct fail fail;

	assert_int_equal(suppressions_read(&s, "/no/such/file", &fail), -1);
	assert_string_equal(fail.msg, "cannot open /no/such/file: No such file or directory");
	assert_null(leak_baseline__read("/no/such/file", &fail));
	assert_string_equal(fail.msg, "cannot open /no/such/file: No such file or directory");
}

static void matches(void **state)
{
	static char *frames[] = {
		(char *)"io_pin_pages.part.0+0x1b/0x90", (char *)"io_buffer+0x1/0x2 [some]",
		(char *)"io_register+0xa2/0x5d0", (char *)"do_syscall_64+0x5/0x9",
	};
	static const struct {
		const char *lines;
		bool fits;
	} cases[] = {
		{ "driver:io_*", true }, { "driver:vfio", false },
		{ "comm:q?mu", true }, { "comm:qem", false }, { "driver:io_uring\ncomm:fio", false },
		{ "fun:io_pin_pages", true }, { "fun:io_buffer", false },
		{ "fun:io_pin_pages\nfun:io_buffer\nfun:io_register\nfun:do_*", true },
		{ "fun:io_pin_pages\nfun:io_register", false },
		{ "fun:io_pin_pages\n...\nfun:io_register", true },
		{ "...\nfun:io_register", true }, { "...\nfun:io_buffer\nfun:do_*", false },
		{ "...\nfun:do_syscall_64", true }, { "...\nfun:*\nfun:do_syscall_64", true },
		{ "...\nfun:do_syscall_64\nfun:*", false }, { "fun:io_pin_pages\n...", true },
		{ "fun:*\nfun:*\nfun:*\nfun:*\nfun:*", false },
		{ "...\nfun:io_*\n...\nfun:io_r*\nfun:do*", true },
		{ "  driver:io_uring  \n\n# words\n\tfun:io_pin_pages", true },
	};
	struct live_site site = { .driver = (char *)"io_uring", .frames = frames, .nr_frames = 4 };
	struct fail fail;
	char text[512];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct suppressions s = {};

		snprintf(text, sizeof(text), "{\n the name \n%s\n}\n", cases[i].lines);
		put_file(text);
		assert_int_equal(suppressions_read(&s, path, &fail), 0);
		if (!!suppressions_match(&s, "qemu", &site) != cases[i].fits)
			fail_msg("%s", cases[i].lines);
		assert_int_equal(s.list[0].used, cases[i].fits);
		assert_int_equal(s.list[0].line, 1);
		assert_string_equal(s.list[0].name, "the name");
		suppressions_free(&s);
		unlink(path);
	}
}

static void generated(void **state)
{
	struct leak_world *w = *state;
	struct fail fail;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	w->w.procs[1].exited = true;
	strcpy(w->w.procs[1].comm, "v*[p\\?\x01");
	live_add_hold(&w->w, 0, 0, OWNER_LONGTERM, 2003);
	live_add_hold(&w->w, 1, 1, OWNER_LONGTERM, 503);
	live_add_hold(&w->w, 1, 1, 0, 11);		/* the same block */
	look(w);
	leak_view_suppressions(&w->m, out);
	fclose(out);
	assert_string_equal(text, "{\n   io_uring in v*[p\\??\n   driver:io_uring\n"
				  "   comm:v\\*\\[p\\\\\\?\\?\n   fun:io_pin_pages\n"
				  "   fun:io_sqe_buffer_register\n}\n");
	free(text);

	strcpy(w->w.procs[1].comm, "v*[p\\?");
	look(w);
	out = open_memstream(&text, &size);
	leak_view_suppressions(&w->m, out);
	fclose(out);
	put_file(text);
	free(text);
	assert_int_equal(suppressions_read(&w->m.suppressions, path, &fail), 0);
	unlink(path);
	look(w);
	assert_int_equal(w->m.classes[LEAK_EXPECTED].rows, 2);
	assert_int_equal(w->m.classes[LEAK_ORPHAN].rows, 0);
	assert_int_equal(w->m.classes[LEAK_HELD].rows, 1);
	assert_int_equal(leak_model__leaks(&w->m), 0);
	assert_int_equal(w->m.rows[1].was, LEAK_ORPHAN);
	assert_int_equal(w->m.suppressions.list[0].used, 2);
	strcpy(w->w.procs[1].comm, "vv[p\\?");
	look(w);
	assert_int_equal(w->m.classes[LEAK_ORPHAN].rows, 2);
}

/* --- baseline --------------------------------------------------------------------------------- */

static void try_baseline(struct leak_world *w, unsigned int looks, struct fail *fail)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	while (looks--) {
		look(w);
		leak_view_json(&w->m, NULL, NULL, out);
	}
	fclose(out);
	put_file(text);
	free(text);
	w->m.baseline = leak_baseline__read(path, fail);
	unlink(path);
}

static void read_baseline(struct leak_world *w, unsigned int looks)
{
	struct fail fail;

	try_baseline(w, looks, &fail);
	assert_non_null(w->m.baseline);
}

static void baseline(void **state)
{
	struct leak_world *w = *state;

	live_add_hold(&w->w, 0, 0, OWNER_LONGTERM, 2003);
	live_add_hold(&w->w, 1, 1, OWNER_LONGTERM, 503);
	read_baseline(w, 3);
	look(w);
	assert_int_equal(w->m.nr, 0);
	assert_int_equal(w->m.nr_hidden, 2);

	/* Another process of that name, after another start: the like. */
	w->w.procs[1].pid = 77;
	w->w.frames[0] = (char *)"io_pin_pages+0x77/0x80";
	look(w);
	assert_int_equal(w->m.nr, 0);
	w->w.hold_sums[1] = pages(504);
	look(w);
	assert_int_equal(w->m.nr, 1);
	assert_int_equal(w->m.rows[0].proc->pid, 77);
	assert_int_equal(w->m.rows[0].baseline_pins, 503);
	w->w.hold_sums[1] = pages(502);
	look(w);
	assert_int_equal(w->m.nr, 0);

	/* Two that together hold more than one did. */
	strcpy(w->w.procs[2].comm, "vpp");
	live_add_hold(&w->w, 2, 1, OWNER_LONGTERM, 2);
	look(w);
	assert_int_equal(w->m.nr, 2);
	/* From elsewhere in the program: the like. Not long-term, or from elsewhere: another kind. */
	w->w.sites[1].ustack = &user_stack;
	look(w);
	assert_int_equal(w->m.nr, 2);
	w->w.sites[1].ustack = NULL;
	w->w.holds[2].flags = 0;
	look(w);
	assert_int_equal(w->m.nr, 1);
	assert_int_equal(w->m.rows[0].baseline_pins, 0);
	w->w.holds[2].flags = OWNER_LONGTERM;
	w->w.holds[2].site = 0;
	look(w);
	assert_int_equal(w->m.nr, 1);
}

/* What --top has left out would all seem to be new. */
static void baseline_of_the_first(void **state)
{
	struct leak_world *w = *state;
	struct fail fail;

	live_add_hold(&w->w, 0, 0, OWNER_LONGTERM, 2003);
	live_add_hold(&w->w, 1, 1, OWNER_LONGTERM, 503);
	live_add_hold(&w->w, 2, 1, OWNER_LONGTERM, 7);
	w->m.opts.top = 1;
	try_baseline(w, 2, &fail);
	assert_null(w->m.baseline);
	assert_non_null(strstr(fail.msg, " is no baseline: --top has left out 2 of its rows"));
	assert_int_equal(fail.code, EXIT_USAGE);
	w->m.opts.top = 3;
	read_baseline(w, 2);
}

static void bad_baselines(void **state)
{
	static const char *const texts[] = {
		"", "{", "[]\n", "{}\n", "{\"tool\":\"pintop\",\"schema\":1,\"rows\":[]}\n",
		"{\"tool\":\"pinleak\",\"schema\":99,\"rows\":[]}\n",
		"{\"tool\":\"pinleak\",\"schema\":1,\"rows\":[{}]}\n",
		"{\"tool\":\"pinleak\",\"schema\":1,\"rows\":[{\"comm\":\"a\",\"driver\":\"b\","
		"\"pins\":-1,\"frames\":[]}]}\n",
		"{\"tool\":\"pinleak\",\"schema\":1,\"rows\":[{\"comm\":\"a\",\"driver\":\"b\","
		"\"pins\":1,\"frames\":[7]}]}\n",
		"{\"tool\":\"pinleak\",\"schema\":1,\"rows\":[]}\n{",
		"{\"tool\":\"pinleak\",\"schema\":1,\"rows\":[]}\nx",
	};
	struct leak_baseline *b;
	struct fail fail;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put_file(texts[i]);
		b = leak_baseline__read(path, &fail);
		if (b)
			fail_msg("%s", texts[i]);
		assert_non_null(strstr(fail.msg, " is not what pinleak -j of this version writes"));
		unlink(path);
	}
	put_file("{\"tool\":\"pinleak\",\"schema\":1,\"rows\":[]}\n\n");
	b = leak_baseline__read(path, &fail);
	assert_non_null(b);
	leak_baseline__free(b);
	unlink(path);
}

/* --- views ------------------------------------------------------------------------------------ */

/* Some of each class. */
static void fill(struct leak_world *w)
{
	struct fail fail;

	w->w.snap.notes = NULL;
	w->m.opts.older_ns = 80 * SECOND;
	w->m.suppressions = (struct suppressions){};
	put_file("{\nfor ever\ncomm:idle\n}\n");
	assert_int_equal(suppressions_read(&w->m.suppressions, path, &fail), 0);
	unlink(path);
	live_add_hold(&w->w, 0, 0, OWNER_LONGTERM, 2003);
	live_add_hold(&w->w, 1, 1, OWNER_LONGTERM, 503);
	live_add_hold(&w->w, 2, 1, 0, 101)->oldest_ns = NOW - 70 * SECOND;
	live_add_hold(&w->w, 3, 1, 0, 307);
	live_add_hold(&w->w, 4, 2, OWNER_BEFORE, 211)->oldest_ns = NOW - 8 * SECOND;
	strcpy(w->w.procs[4].comm, "(unknown)");
	w->w.procs[2].uid = 0;
	w->w.procs[1].uid = (uid_t)-1;
	strcpy(w->w.procs[2].comm, "f<&io;\x1b\"'");
	w->m.began_ns = NOW - 12 * SECOND;
	look(w);
	w->w.snap.taken_ns += SECOND / 2;
	w->w.hold_sums[1] = pages(509);
	look(w);
}

static void text(void **state)
{
	struct leak_world *w = *state;
	size_t size;
	char *got;
	FILE *out = open_memstream(&got, &size);

	fill(w);
	leak_view_text(&w->m, 1, out);
	fclose(out);
	assert_string_equal(got + strlen("2026-01-01 00:00:00"),
"  look 2, after 12.5 s: 1 orphan 2.0M, 0 growing, 1 old 7.8M, 2 held 1.2M, 1 expected 1.2M\n"
"CLASS         PID USER     COMM                 PINS  PINNED      GREW   OLDEST YOUNGEST TERM  DRIVER\n"
"orphan      (900) -        vpp                   509    2.0M        +6    1m30s     7.5s long  io_uring\n"
"         io_pin_pages+0x1b/0x90\n"
"         ...\n"
"old           812 root     qemu                 2003    7.8M        +0    1m30s     7.5s long  vfio type1\n"
"         vfio_pin_map_dma < vfio_dma_do_map\n"
"held            - -        (unknown)             211    844K        +0    >8.5s    >7.5s -     io_uring\n"
"         io_pin_pages < io_rsrc_update\n"
"held          901 root     f<&io;?\"'             101    404K        +0    1m10s     7.5s short io_uring\n"
"         io_pin_pages+0x1b/0x90\n"
"         ...\n"
"expected      902 root     idle                  307    1.2M        +0    1m30s     7.5s short io_uring\n"
"         suppressed by for ever, else old\n"
"         io_pin_pages+0x1b/0x90\n"
"         ...\n");
	free(got);
}

static void folded(void **state)
{
	struct leak_world *w = *state;
	size_t size;
	char *got;
	FILE *out = open_memstream(&got, &size);

	fill(w);
	live_add_hold(&w->w, 3, 1, OWNER_LONGTERM, 2);
	look(w);
	leak_view_folded(&w->m, out);
	fclose(out);
	assert_string_equal(got,
"(unknown);io_uring_[k] 211\n"
"f<&io:?\"';..._[k];io_sqe_buffer_register_[k];io_pin_pages_[k] 101\n"
"idle;..._[k];io_sqe_buffer_register_[k];io_pin_pages_[k] 309\n"
"qemu;vfio_[k] 2003\n"
"vpp;..._[k];io_sqe_buffer_register_[k];io_pin_pages_[k] 509\n");
	free(got);
}

static void user_stacks(void **state)
{
	struct leak_world *w = *state;
	size_t size;
	char *got, *at;
	FILE *out = open_memstream(&got, &size);

	w->w.sites[1].ustack = &user_stack;
	live_add_hold(&w->w, 1, 1, OWNER_LONGTERM, 503);
	look(w);
	leak_view_text(&w->m, 2, out);
	leak_view_folded(&w->m, out);
	fclose(out);
	at = strchr(strchr(got, '\n') + 1, '\n');
	assert_string_equal(strchr(at + 1, '\n'),
"\n         io_pin_pages+0x1b/0x90\n"
"         io_sqe_buffer_register+0xa2/0x5d0\n"
"         ...\n"
"         ioctl+0x1b (libc.so.6)\n"
"         take<T;x>+0x12 (mytest, my.c:12)\n"
"         ...\n"
"vpp;...;take<T:x>;ioctl;..._[k];io_sqe_buffer_register_[k];io_pin_pages_[k] 503\n");
	free(got);
}

static FILE *sample(const char *name)
{
	const char *folder = getenv("PINLEAK_SAMPLES");
	char *file;
	FILE *out;

	if (!folder)
		return fopen("/dev/null", "w");
	file = xasprintf("%s/%s", folder, name);
	out = fopen(file, "w");
	assert_non_null(out);
	free(file);
	return out;
}

static void json(void **state)
{
	char *command[] = { (char *)"./mytest", (char *)"-x", NULL };
	struct leak_world *w = *state;
	FILE *out = sample("sample.json");

	fill(w);
	w->w.sites[1].ustack = &user_stack;
	w->m.opts.cgroup = "a.slice";
	leak_view_json(&w->m, command, NULL, out);
	read_baseline(w, 1);
	look(w);
	leak_view_json(&w->m, NULL, NULL, out);
	assert_int_equal(fclose(out), 0);
}

static void page(void **state)
{
	const char *folder = getenv("PINLEAK_SAMPLES");
	char *command[] = { (char *)"./my<test>", NULL };
	struct leak_world *w = *state;
	struct fail fail;
	struct stat st;
	char *file = xasprintf("%s/sample.html", folder ? folder : "/tmp");
	int i;

	w->w.sites[1].ustack = &user_stack;
	fill(w);
	for (i = 1; i < 40; i++) {
		w->w.snap.taken_ns += SECOND;
		w->w.hold_sums[0] = pages(2003 + 13 * (uint64_t)i);
		w->w.hold_sums[3] = pages(307 + 101 * (uint64_t)(i % 7));
		look(w);
	}
	umask(027);
	assert_int_equal(leak_view_html(&w->m, command, file, &fail), 0);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	if (!folder)
		unlink(file);
	assert_int_equal(leak_view_html(&w->m, NULL, "/no/such/folder/page", &fail), -1);
	assert_string_equal(fail.msg, "cannot write to /no/such/folder/page: "
				      "No such file or directory");
	free(file);
}

/* With no look that had anything, and with one look. */
static void small_pages(void **state)
{
	struct leak_world *w = *state;
	struct fail fail;
	int i;

	for (i = 0; i < 2; i++) {
		strcpy(path, "/tmp/test_leak.XXXXXX");
		close(mkstemp(path));
		look(w);
		assert_int_equal(leak_view_html(&w->m, NULL, path, &fail), 0);
		assert_int_equal(unlink(path), 0);
		live_add_hold(&w->w, 0, 0, OWNER_LONGTERM, 2003);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_suppressions),
		cmocka_unit_test(no_file),
		cmocka_unit_test(matches),
		leak_test(generated),
		leak_test(baseline),
		leak_test(baseline_of_the_first),
		cmocka_unit_test(bad_baselines),
		leak_test(text),
		leak_test(folded),
		leak_test(user_stacks),
		leak_test(json),
		leak_test(page),
		leak_test(small_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
