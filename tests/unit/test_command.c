// SPDX-License-Identifier: GPL-2.0
/* What a tool's exit code owes to the command that it runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli.h"
#include "command.h"
#include "stop.h"

static char said[512];	/* by the tool, on standard error */

struct tool {
	const char *script;	/* of the command: says a byte when it runs */
	int signals;		/* that the tool then gets */
	bool waits;		/* for the command's end */
};

static void run(const struct tool *t)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)t->script, NULL };
	struct fail fail = {};
	struct command cmd;
	int out[2], code, i;
	char c;

	if (pipe2(out, O_CLOEXEC))
		_exit(99);
	dup2(out[1], STDOUT_FILENO);
	stop__hold(true);
	if (command__start(&cmd, argv, &fail) || command__go(&cmd, &fail) ||
	    read(out[0], &c, 1) != 1)
		_exit(98);
	for (i = 0; i < t->signals; i++) {
		struct pollfd none = { .fd = -1 };

		kill(getpid(), SIGTERM);
		stop__poll(&none, 0);
	}
	while (t->waits && !command__ended(&cmd))
		usleep(10000);
	code = command__verdict(&cmd);
	if (!cmd.ended)
		kill(cmd.pid, SIGKILL);
	_exit(code);
}

static int exit_code(const struct tool *t)
{
	FILE *err = tmpfile();
	int status;
	pid_t pid;

	assert_non_null(err);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(fileno(err), STDERR_FILENO);
		run(t);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	memset(said, 0, sizeof(said));
	rewind(err);
	fread(said, 1, sizeof(said) - 1, err);
	fclose(err);
	return WEXITSTATUS(status);
}

#define IGNORES "trap '' TERM; echo; while :; do sleep 1; done"

static void ended(void **state)
{
	assert_int_equal(exit_code(&(struct tool){ "echo; exit 7", 0, true }), 7);
	assert_int_equal(exit_code(&(struct tool){ "echo; exit 0", 0, true }), EXIT_DONE);
	assert_int_equal(exit_code(&(struct tool){ "echo; kill -KILL $$", 0, true }), 137);
	assert_string_equal(said, "");
}

/* The first one is passed on; the command may end by it. */
static void first_signal(void **state)
{
	assert_int_equal(exit_code(&(struct tool){ "trap 'exit 9' TERM; echo; while :; do sleep 0.1; "
						   "done", 1, true }), 9);
	assert_int_equal(exit_code(&(struct tool){ IGNORES, 1, false }), EXIT_DONE);
	assert_string_equal(said, "");
}

static void cut_short(void **state)
{
	assert_int_equal(exit_code(&(struct tool){ IGNORES, 2, false }), EXIT_LOST);
	assert_non_null(strstr(said, "cut short by a signal: the command still runs"));
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

static void no_command(void **state)
{
	struct command none = {};

	assert_int_equal(command__verdict(&none), EXIT_DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ended),
		cmocka_unit_test(first_signal),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(no_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
