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

static void on_signal(int sig)
{
	stopped = 1;
}

void stop__hold(bool ask)
{
	static char buf[1 << 20];
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal }, old;
	sigset_t set;
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
		sigaddset(&set, ending[i]);
		sigaction(ending[i], NULL, &old);
		if (ask && old.sa_handler != SIG_IGN)
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
