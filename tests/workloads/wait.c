// SPDX-License-Identifier: GPL-2.0
/* Holding: until a signal, for a time, until standard input ends, or until SIGKILL by own hand. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "sim.h"

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Before any thread or child exists. A signal that comes early ends the hold once it starts. */
void wait_start(struct sim *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->sigfd = signalfd(-1, &set, SFD_CLOEXEC);
	if (s->sigfd < 0)
		fail("signalfd: %s", strerror(errno));
}

static bool ended(struct sim *s, int timeout_ms)
{
	struct pollfd p[2] = {
		{ .fd = s->sigfd, .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
	};
	char buf[256];

	if (s->o.hold_until_eof)
		p[1].fd = STDIN_FILENO;
	if (poll(p, 2, timeout_ms) <= 0)
		return false;
	return p[0].revents || (p[1].revents && read(STDIN_FILENO, buf, sizeof(buf)) <= 0);
}

static double earlier(double a, double b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

void wait_end(struct sim *s, void (*tick)(struct sim *s), int tick_ms)
{
	double start = now(), left, limit = earlier(s->o.hold, s->o.die_after);
	bool die = s->o.die_after >= 0 && s->o.die_after <= limit;

	for (;;) {
		int ms = tick ? tick_ms : -1;

		if (tick)
			tick(s);
		left = start + limit - now();
		if (limit >= 0 && left <= 0)
			break;
		if (limit >= 0 && left < 1e6 && (ms < 0 || left * 1e3 < ms))
			ms = left * 1e3 + 1;
		if (ended(s, ms))
			return;
	}
	if (die)
		kill(getpid(), SIGKILL);
}

void wait_until_eof(void)
{
	char buf[256];

	while (read(STDIN_FILENO, buf, sizeof(buf)) > 0)
		;
}
