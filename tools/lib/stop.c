// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "stop.h"

static volatile sig_atomic_t stopped;
static bool reader_gone;
static sigset_t unheld;

static volatile sig_atomic_t pass_to, passed;
static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
static struct sigaction found[sizeof(ending) / sizeof(ending[0])], found_pipe;

static void on_signal(int sig, siginfo_t *info, void *unused)
{
	if (!pass_to || passed++)
		stopped = 1;
	if (pass_to && info->si_code <= 0)
		kill(pass_to, sig);
}

void stop__pass_to(pid_t pid)
{
	pass_to = pid;
	passed = 0;
}

void stop__release(void)
{
	size_t i;

	for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		sigaction(ending[i], &found[i], NULL);
	sigaction(SIGPIPE, &found_pipe, NULL);
	sigprocmask(SIG_SETMASK, &unheld, NULL);
}

void stop__hold(bool ask)
{
	static char buf[1 << 20];
	struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	sigset_t set;
	size_t i;

	sigaction(SIGPIPE, NULL, &found_pipe);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
		sigaddset(&set, ending[i]);
		sigaction(ending[i], NULL, &found[i]);
		if (ask && found[i].sa_handler != SIG_IGN)
			sigaction(ending[i], &sa, NULL);
	}
	sigprocmask(SIG_BLOCK, &set, &unheld);
	setvbuf(stdout, buf, _IOFBF, sizeof(buf));
}

bool stop__asked(void)
{
	return stopped;
}

int stop__poll(struct pollfd *fd, double seconds)
{
	struct timespec ts = { .tv_sec = (time_t)seconds };
	int n;

	ts.tv_nsec = (long)((seconds - (double)ts.tv_sec) * 1e9);
	if (stopped)
		return 0;
	n = ppoll(fd, 1, seconds < 0 ? NULL : &ts, &unheld);
	if (n < 0 && errno != EINTR)
		die(EXIT_USAGE, "cannot wait: %s", strerror(errno));
	return n > 0 ? n : 0;
}

bool stop__reader_gone(void)
{
	return reader_gone;
}

/* By @err of the last try; an earlier one, when the buffer was full, has left none. */
static bool has_no_reader(int err)
{
	struct pollfd pfd = { .fd = STDOUT_FILENO };

	return err == EPIPE || (poll(&pfd, 1, 0) > 0 && pfd.revents & POLLERR);
}

/* What is printed from now on goes nowhere, and fails no more. */
static void drop_output(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	dup2(fd, STDOUT_FILENO);
	close(fd);
}

bool stop__flush(void)
{
	sigset_t held;
	bool failed;

	sigprocmask(SIG_SETMASK, &unheld, &held);
	errno = 0;
	failed = fflush(stdout) || ferror(stdout);
	if (failed && has_no_reader(errno))
		reader_gone = true;
	sigprocmask(SIG_SETMASK, &held, NULL);
	if (failed && !stopped && !reader_gone)
		finish(EXIT_DONE);
	if (failed) {
		__fpurge(stdout);
		clearerr(stdout);
	}
	if (failed && reader_gone)
		drop_output();
	return !stopped && !reader_gone;
}
