// SPDX-License-Identifier: GPL-2.0
/* What becomes of a tool whose output nobody reads, and of its exit code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli.h"
#include "stop.h"

/* More than stdout's buffer holds: it is tried before the flush, too. */
#define MUCH (3 << 20)

/* The exit code of @tool in a process of its own, with standard output @out. */
static int exit_code(void (*tool)(size_t), size_t bytes, int out)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(out, STDOUT_FILENO);
		freopen("/dev/null", "w", stderr);
		stop__hold(true);
		tool(bytes);
		_exit(99);
	}
	close(out);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int without_reader(void)
{
	int p[2];

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	close(p[0]);
	return p[1];
}

static void print(size_t bytes)
{
	char line[1024];

	memset(line, 'x', sizeof(line));
	for (; bytes > sizeof(line); bytes -= sizeof(line))
		fwrite(line, sizeof(line), 1, stdout);
	fwrite(line, bytes, 1, stdout);
}

/* Prints twice, and has found something. */
static void finds(size_t bytes)
{
	int i;

	for (i = 0; i < 2; i++) {
		print(bytes);
		if (stop__flush() || !stop__reader_gone() || stop__asked())
			_exit(98);
	}
	print(bytes);
	finish(EXIT_FOUND);
}

static void verdict_stays(void **state)
{
	assert_int_equal(exit_code(finds, 5, without_reader()), EXIT_FOUND);
	assert_int_equal(exit_code(finds, MUCH, without_reader()), EXIT_FOUND);
}

static void is_read(size_t bytes)
{
	print(bytes);
	if (!stop__flush() || stop__reader_gone())
		_exit(98);
	finish(EXIT_LOST);
}

static void read_on(void **state)
{
	assert_int_equal(exit_code(is_read, 5, open("/dev/null", O_WRONLY)), EXIT_LOST);
}

static void full_disk(void **state)
{
	assert_int_equal(exit_code(finds, 5, open("/dev/full", O_WRONLY)), EXIT_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict_stays),
		cmocka_unit_test(read_on),
		cmocka_unit_test(full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
