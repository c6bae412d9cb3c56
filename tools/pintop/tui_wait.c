// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "cli.h"
#include "tui_wait.h"

static volatile sig_atomic_t stopped;
static sigset_t unblocked;

static void on_signal(int sig)
{
	stopped = 1;
}

void wait__init(void)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal }, old;
	sigset_t set;
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
		sigaddset(&set, ending[i]);
		sigaction(ending[i], NULL, &old);
		if (old.sa_handler != SIG_IGN)	/* nohup and "&" mean it */
			sigaction(ending[i], &sa, NULL);
	}
	/* Held until the next wait, or a resize just before it would be seen late. */
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, &unblocked);
}

enum wait_result wait__for(int fd, double seconds)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	struct timespec ts;
	int n;

	if (stopped)
		return WAIT_STOPPED;
	if (seconds < 0)
		seconds = 0;
	ts.tv_sec = (time_t)seconds;
	ts.tv_nsec = (long)((seconds - (double)ts.tv_sec) * 1e9);
	n = ppoll(&pfd, 1, &ts, &unblocked);
	/* A terminal that is gone would be "readable" for ever. */
	if (stopped || (n > 0 && pfd.revents & (POLLHUP | POLLERR | POLLNVAL)))
		return WAIT_STOPPED;
	if (n < 0 && errno != EINTR)
		die(EXIT_USAGE, "cannot wait: %s", strerror(errno));
	return n ? WAIT_INPUT : WAIT_TIMEOUT;
}

bool wait__flush(void)
{
	sigset_t held;
	int err;

	sigprocmask(SIG_SETMASK, &unblocked, &held);
	err = fflush(stdout);
	sigprocmask(SIG_SETMASK, &held, NULL);
	if (err && !stopped)
		finish(EXIT_DONE);
	return !stopped;
}

double wait__now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

double wait__cpu(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
	       (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
}
