// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "command.h"
#include "stop.h"

static void run(const struct command *cmd, char **argv, int go, int failed)
{
	char c;
	int err;

	/* No byte: the tool has ended without saying go. */
	if (read(go, &c, 1) != 1)
		_exit(EXIT_USAGE);
	stop__release();
	execvp(argv[0], argv);
	err = errno;
	if (write(failed, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(err == ENOENT ? 127 : 126);
}

int command__start(struct command *cmd, char **argv, struct fail *fail)
{
	int go[2], failed[2];

	memset(cmd, 0, sizeof(*cmd));
	if (pipe2(go, O_CLOEXEC))
		return fail_set(fail, EXIT_USAGE, "cannot make a pipe: %s", strerror(errno));
	if (pipe2(failed, O_CLOEXEC)) {
		close(go[0]);
		close(go[1]);
		return fail_set(fail, EXIT_USAGE, "cannot make a pipe: %s", strerror(errno));
	}
	cmd->pid = fork();
	if (!cmd->pid) {
		close(go[1]);
		close(failed[0]);
		run(cmd, argv, go[0], failed[1]);
	}
	close(go[0]);
	close(failed[1]);
	cmd->go = go[1];
	cmd->failed = failed[0];
	if (cmd->pid < 0) {
		close(cmd->go);
		close(cmd->failed);
		return fail_set(fail, EXIT_USAGE, "cannot fork: %s", strerror(errno));
	}
	return 0;
}

int command__go(struct command *cmd, struct fail *fail)
{
	int err = 0;
	ssize_t n;

	stop__pass_to(cmd->pid);
	n = write(cmd->go, "", 1);
	close(cmd->go);
	cmd->go = -1;
	/* Ends without a byte when exec closes the other end. */
	if (n == 1)
		do
			n = read(cmd->failed, &err, sizeof(err));
		while (n < 0 && errno == EINTR);
	close(cmd->failed);
	if (n <= 0)
		return 0;
	waitpid(cmd->pid, NULL, 0);
	cmd->ended = true;
	stop__pass_to(0);
	return fail_set(fail, err == ENOENT ? 127 : 126, "cannot run the command: %s",
			strerror(err));
}

bool command__ended(struct command *cmd)
{
	if (!cmd->ended && waitpid(cmd->pid, &cmd->status, WNOHANG) == cmd->pid) {
		cmd->ended = true;
		stop__pass_to(0);
	}
	return cmd->ended;
}

int command__exit_code(const struct command *cmd)
{
	return WIFSIGNALED(cmd->status) ? 128 + WTERMSIG(cmd->status) : WEXITSTATUS(cmd->status);
}

int command__verdict(struct command *cmd)
{
	if (!cmd->pid)
		return EXIT_DONE;
	if (command__ended(cmd))
		return command__exit_code(cmd);
	if (!stop__asked())
		return EXIT_DONE;
	warn("cut short by a signal: the command still runs, and what it does from now on is not "
	     "seen");
	return EXIT_LOST;
}

void command__drop(struct command *cmd)
{
	if (!cmd->pid || cmd->ended || cmd->go < 0)
		return;
	close(cmd->go);
	close(cmd->failed);
	waitpid(cmd->pid, NULL, 0);
	cmd->ended = true;
}
