// SPDX-License-Identifier: GPL-2.0
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#include "stop.h"
#include "tui_wait.h"

void wait__init(void)
{
	sigset_t set;

	stop__hold(true);
	/* Held until the next wait, or a resize just before it would be seen late. */
	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

enum wait_result wait__for(int fd, double seconds)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int n = stop__poll(&pfd, seconds > 0 ? seconds : 0);

	/* A terminal that is gone would be "readable" for ever. */
	if (stop__asked() || (n && pfd.revents & (POLLHUP | POLLERR | POLLNVAL)))
		return WAIT_STOPPED;
	return n ? WAIT_INPUT : WAIT_TIMEOUT;
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
