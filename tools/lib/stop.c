// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "stop.h"

static volatile sig_atomic_t stopped;
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

bool stop__flush(void)
{
	sigset_t held;
	int err;

	sigprocmask(SIG_SETMASK, &unheld, &held);
	err = fflush(stdout) || ferror(stdout);
	sigprocmask(SIG_SETMASK, &held, NULL);
	if (err && !stopped)
		finish(EXIT_DONE);
	if (err) {
		__fpurge(stdout);
		clearerr(stdout);
	}
	return !stopped;
}
