// SPDX-License-Identifier: GPL-2.0
/* pinsim as a child. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "exact.h"
#include "vec.h"

#define MAX_ARGS 32

static void child(char *line, int out)
{
	char *argv[MAX_ARGS + 3] = { "pinsim" }, *word;
	int n = 1;

	for (word = strtok(line, " \t"); word && n <= MAX_ARGS; word = strtok(NULL, " \t"))
		argv[n++] = word;
	argv[n] = "--quiet";
	/* A group of its own, to be stopped as a whole; but it has to end with its parent. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	dup2(out, STDOUT_FILENO);
	execvp(argv[0], argv);
	_exit(127);
}

void sim_start(struct sim *s, const char *line)
{
	int fds[2];

	memset(s, 0, sizeof(*s));
	s->line = xstrdup(line);
	if (pipe2(fds, O_CLOEXEC))
		die(EXIT_USAGE, "pipe: %s", strerror(errno));
	fflush(stdout);
	s->pid = fork();
	if (s->pid < 0)
		die(EXIT_USAGE, "fork: %s", strerror(errno));
	if (!s->pid)
		child(xstrdup(line), fds[1]);
	setpgid(s->pid, s->pid);
	close(fds[1]);
	s->out = fds[0];
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

json_t *sim_read(struct sim *s, double seconds)
{
	double end = now() + seconds;
	char *newline;
	json_t *o;

	while (!(newline = memchr(s->buf, '\n', s->len))) {
		struct pollfd p = { .fd = s->out, .events = POLLIN };
		double left = end - now();
		ssize_t n;

		if (left <= 0 || s->len == sizeof(s->buf) || poll(&p, 1, left * 1000 + 1) < 0)
			return NULL;
		if (!p.revents)
			continue;
		n = read(s->out, s->buf + s->len, sizeof(s->buf) - s->len);
		if (n <= 0)
			return NULL;
		s->len += n;
	}
	o = json_loadb(s->buf, newline - s->buf, 0, NULL);
	s->len -= newline + 1 - s->buf;
	memmove(s->buf, newline + 1, s->len);
	return o;
}

void sim_freeze(const struct sim *s, bool freeze)
{
	kill(-s->pid, freeze ? SIGSTOP : SIGCONT);
}

int sim_end(struct sim *s, bool stop)
{
	pid_t to = s->said ? sim_number(s->said, "main_pid", s->pid) : s->pid;
	int status = 0;

	if (stop)
		kill(to, SIGTERM);
	while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(s->out);
	json_decref(s->said);
	free(s->line);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

long long sim_number(const json_t *o, const char *name, long long otherwise)
{
	const json_t *v = json_object_get(o, name);

	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

const char *sim_string(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text ? text : "";
}
