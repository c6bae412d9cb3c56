// SPDX-License-Identifier: GPL-2.0
/* What is read of other processes: maps, smaps, pagemap, status, limits, fdinfo, fd. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cgroup_task.h"
#include "holders.h"
#include "pagemap.h"
#include "procinfo.h"

static FILE *text(const char *s)
{
	FILE *f = fmemopen((void *)s, strlen(s), "r");

	assert_non_null(f);
	return f;
}

static const char maps[] =
	"55d0c0000000-55d0c0002000 r--p 00000000 fe:00 131 /usr/bin/a name with blanks\n"
	"7f0000000000-7f0000200000 rw-p 00000000 00:00 0 \n"
	"7f0000200000-7f0000300000 rw-s 00000000 00:01 2051 /memfd:guest-ram (deleted)\n"
	"7f0000300000-7f0000400000 rw-s 1f0003000 00:01 77 /dev/zero (deleted)\n"
	"7f0000400000-7f0000600000 rw-p 00000000 00:0f 78 /anon_hugepage (deleted)\n"
	"7f0000600000-7f0000601000 rw-s 00000000 103:02 79 /d (deleted)\n"
	"7f0000700000-7f0000701000 rw-s 00000000 00:01 80 /memfd:two\\012lines\\012\\01 (deleted)\n"
	"7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0 [stack]\n"
	"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n";

static void label_is(const struct vma *vma, const char *wanted)
{
	char *label = vma_label(vma);

	assert_string_equal(label, wanted);
	free(label);
}

static void parses_maps(void **state)
{
	FILE *f = text(maps);
	struct vma *v;
	size_t nr;

	assert_int_equal(vmas_parse(f, &v, &nr), 0);
	fclose(f);
	assert_int_equal(nr, 9);
	assert_int_equal(v[0].start, 0x55d0c0000000);
	assert_int_equal(v[0].end, 0x55d0c0002000);
	assert_string_equal(v[0].perms, "r--p");
	assert_int_equal(v[0].dev, 0xfe << 20);
	assert_int_equal(v[0].ino, 131);
	assert_int_equal(v[3].offset, 0x1f0003000);
	assert_int_equal(v[5].dev, 0x103 << 20 | 2);
	label_is(&v[0], "/usr/bin/a name with blanks");
	label_is(&v[1], "[anon]");
	label_is(&v[2], "memfd:guest-ram");
	label_is(&v[3], "[anon shared]");
	label_is(&v[4], "[anon hugetlb]");
	label_is(&v[5], "/d (deleted)");
	label_is(&v[6], "memfd:two\nlines\n\\01");
	label_is(&v[7], "[stack]");
	assert_int_equal(v[8].end, 0xffffffffff601000);
	vmas_free(v, nr);
}

static void refuses_bad_maps(void **state)
{
	static const char *const bad[] = { "x\n", "1-\n", "2000-1000 r--p 0 0:0 0 \n",
					   "1000-2000 r--p\n", "\n" };
	struct vma *v;
	size_t i, nr;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		FILE *f = text(bad[i]);

		assert_int_equal(vmas_parse(f, &v, &nr), -EINVAL);
		fclose(f);
		vmas_free(v, nr);
	}
}

static void finds_empty_vmas(void **state)
{
	static const char smaps[] =
		"55d0c0000000-55d0c0002000 r--p 00000000 fe:00 131 /usr/bin/a name with blanks\n"
		"Size:                  8 kB\nRss:                   0 kB\n"
		"Shared_Hugetlb:        0 kB\n"
		"7f0000000000-7f0000200000 rw-p 00000000 00:00 0 \n"
		"Size:               2048 kB\nRss:                   4 kB\n"
		"7f0000280000-7f0000300000 rw-s 00000000 00:01 2051 changed meanwhile\nRss: 0 kB\n"
		"7f0000400000-7f0000600000 rw-p 00000000 00:0f 78 /anon_hugepage (deleted)\n"
		"Rss:                   0 kB\nPrivate_Hugetlb:    2048 kB\n";
	FILE *f = text(maps);
	struct vma *v;
	size_t nr;

	assert_int_equal(vmas_parse(f, &v, &nr), 0);
	fclose(f);
	f = text(smaps);
	vmas_parse_smaps(f, v, nr);
	fclose(f);
	assert_true(v[0].empty);
	assert_false(v[1].empty);
	assert_false(v[2].empty);	/* not the same any more: nothing is known */
	assert_false(v[4].empty);	/* hugetlb pages are in no Rss */
	assert_false(v[6].empty);
	vmas_free(v, nr);
}

static void decodes_pagemap(void **state)
{
	assert_true(pagemap_present(0x8180000000123456));
	assert_int_equal(pagemap_pfn(0x8180000000123456), 0x123456);
	assert_int_equal(pagemap_pfn(0xffffffffffffffff), (1ULL << 55) - 1);
	assert_false(pagemap_present(0x4000000000000123));	/* swapped */
	assert_false(pagemap_present(0));
}

static void parses_status(void **state)
{
	FILE *f = text("Name:\ta\\nb\\\\c\nTgid:\t812\nUid:\t1000\t1001\t1002\t1003\n"
		       "VmLck:\t      64 kB\nVmPin:\t    4096 kB\nCapEff:\t0000000000004000\n");
	struct procinfo info = {};

	assert_int_equal(procinfo_parse_status(f, &info), 0);
	fclose(f);
	assert_string_equal(info.comm, "a\nb\\c");
	assert_int_equal(info.tgid, 812);
	assert_int_equal(info.euid, 1001);
	assert_int_equal(info.vm_lck, 64 * 1024);
	assert_int_equal(info.vm_pin, 4096 * 1024);
	assert_true(info.cap_ipc_lock);

	f = text("Name:\tkthreadd\nTgid:\t2\nCapEff:\t0000000000000000\n");
	assert_int_equal(procinfo_parse_status(f, &info), 0);
	fclose(f);
	assert_true(info.vm_pin == PROCINFO_UNKNOWN && info.vm_lck == PROCINFO_UNKNOWN);
	assert_false(info.cap_ipc_lock);

	f = text("nothing of the kind\n");
	assert_int_equal(procinfo_parse_status(f, &info), -EINVAL);
	fclose(f);
}

static void parses_limits(void **state)
{
	static const char head[] = "Limit                     Soft Limit           Hard Limit\n";
	char both[256];
	struct procinfo info = {};
	FILE *f;

	snprintf(both, sizeof(both), "%sMax locked memory         8388608              unlimited\n",
		 head);
	f = text(both);
	assert_int_equal(procinfo_parse_limits(f, &info), 0);
	fclose(f);
	assert_int_equal(info.memlock_soft, 8388608);
	assert_true(info.memlock_hard == RLIM_INFINITY);

	f = text(head);
	assert_int_equal(procinfo_parse_limits(f, &info), -EINVAL);
	fclose(f);
}

/* 2^32 entries and more do not fit: then there may be more than it says, never none. */
static void full_mapping_counts(void **state)
{
	struct pin_run run = { .order = 18, .mappings = 16382U << 18 };

	assert_false(pin_run_has_more(&run));
	run.mappings = 16383U << 18;
	assert_true(pin_run_has_more(&run));
	run = (struct pin_run){ .order = 9, .mappings = 2000U << 9 };
	assert_false(pin_run_has_more(&run));
	run = (struct pin_run){ .mappings = 2000 };
	assert_false(pin_run_has_more(&run));
}

static void knows_holders(void **state)
{
	assert_string_equal(holder_kind("anon_inode:[io_uring]"), "io_uring");
	assert_string_equal(holder_kind("/dev/vfio/12"), "/dev/vfio/12");
	assert_string_equal(holder_kind("/dev/nvidia0"), "/dev/nvidia0");
	assert_string_equal(holder_kind("/dmabuf:"), "dma-buf");
	assert_null(holder_kind("/dev/null"));
	assert_null(holder_kind("/home/user/dev/vfio/x"));
	assert_null(holder_kind("anon_inode:[eventpoll]"));
}

static void parses_fdinfo(void **state)
{
	FILE *f = text("pos:\t0\nUserFiles:\t1\n    0: file\nUserBufs:\t2\n    0: 0x7f00/4096\n"
		       "    1: 0x7f0000100000/8388608\nPollList:\n    2: 0x1/77\n");
	uint64_t buffers = 0, bytes = 0;

	holder_parse_fdinfo(f, &buffers, &bytes);
	fclose(f);
	assert_int_equal(buffers, 2);
	assert_int_equal(bytes, 8388608 + 4096);
}

static void *main_thread_gone(void *arg)
{
	pause();
	return NULL;
}

/* Waits until the main thread of @pid is a zombie. */
static void wait_for_zombie(pid_t pid)
{
	char path[32], state = '?';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	while (state != 'Z') {
		f = fopen(path, "r");
		assert_non_null(f);
		assert_int_equal(fscanf(f, "%*d (%*[^)]) %c", &state), 1);
		fclose(f);
	}
}

static void knows_the_dead(void **state)
{
	pthread_t other;
	siginfo_t info;
	pid_t pid;

	assert_false(procinfo_is_dead(getpid()));
	assert_true(procinfo_lives(getpid(), procinfo_start(getpid())));
	pid = fork();
	if (!pid)
		_exit(0);
	/* All threads are gone then, an emulator's own too. */
	assert_int_equal(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
	assert_true(procinfo_is_dead(pid));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_false(procinfo_is_dead(pid));
	assert_false(procinfo_lives(pid, 1));

	/* The main thread has exited, another one goes on. */
	pid = fork();
	if (!pid) {
		pthread_create(&other, NULL, main_thread_gone, NULL);
		syscall(SYS_exit, 0);
	}
	wait_for_zombie(pid);
	assert_false(procinfo_is_dead(pid));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* In that control group, or in one below it: not in one whose name only begins so. */
static void knows_the_cgroup(void **state)
{
	static const struct {
		const char *path;
		bool is_in;
	} cases[] = {
		{ "", true }, { "/a", true }, { "/a/b.slice", true }, { "/a/b.slice/c", false },
		{ "/a/b", false }, { "/b", false }, { "/v1", false },
	};
	size_t i;
	FILE *f;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f = text("4:memory:/v1\n0::/a/b.slice\n");
		assert_int_equal(cgroup_task_is_in(f, cases[i].path), cases[i].is_in);
		fclose(f);
	}
	f = text("4:memory:/v1\n");
	assert_false(cgroup_task_is_in(f, ""));
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_maps),	    cmocka_unit_test(refuses_bad_maps),
		cmocka_unit_test(finds_empty_vmas), cmocka_unit_test(decodes_pagemap),
		cmocka_unit_test(parses_status),    cmocka_unit_test(parses_limits),
		cmocka_unit_test(full_mapping_counts),
		cmocka_unit_test(knows_holders),    cmocka_unit_test(parses_fdinfo),
		cmocka_unit_test(knows_the_dead), cmocka_unit_test(knows_the_cgroup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
