// SPDX-License-Identifier: GPL-2.0
/* pintop as a person has it: on a terminal, with live events, a few keys pressed. */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "exact.h"

#define SIM_SECONDS 60
#define PATIENCE 30		/* seconds */
#define SCREEN (1 << 20)

static char shown[SCREEN];	/* since the last key */
static size_t len;

static pid_t start(int *terminal)
{
	struct winsize size = { .ws_row = 50, .ws_col = 160 };
	pid_t pid = forkpty(terminal, NULL, NULL, &size);

	if (pid)
		return pid;
	setenv("TERM", "linux", 1);
	execlp("pintop", "pintop", "--source", "events", "-d", "0.3", NULL);
	_exit(127);
}

/* More of what it shows; false: nothing in a second, or it has ended. */
static bool more(int terminal)
{
	struct pollfd p = { .fd = terminal, .events = POLLIN };
	ssize_t n;

	if (len == sizeof(shown))
		len = 0;
	if (poll(&p, 1, 1000) <= 0)
		return false;
	n = read(terminal, shown + len, sizeof(shown) - len);
	len += n > 0 ? n : 0;
	return n > 0;
}

static void expect(int terminal, const char *text, const char *when)
{
	time_t end = time(NULL) + PATIENCE;
	bool found = false;

	while (!(found = memmem(shown, len, text, strlen(text))) && time(NULL) < end)
		more(terminal);
	ok(found, "screen, %s: %s", when, text);
}

static void press(int terminal, const char *key)
{
	len = 0;
	if (write(terminal, key, strlen(key)) < 0)
		say("screen: key %s: %s", key, strerror(errno));
}

/* It has to draw to the last, or it waits for the terminal. */
static int ended(pid_t pid, int terminal)
{
	time_t end = time(NULL) + PATIENCE;
	int status = -1;
	pid_t got;

	while (!(got = waitpid(pid, &status, WNOHANG)) && time(NULL) < end)
		more(terminal);
	if (!got)
		kill(pid, SIGKILL);
	return got == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void run_screen(const char *line)
{
	struct sim s;
	int terminal;
	pid_t pid;

	sim_start(&s, line);
	s.said = sim_read(&s, SIM_SECONDS);
	if (!ok(s.said, "%s: pins", line)) {
		sim_end(&s, false);
		return;
	}
	pid = start(&terminal);
	if (!ok(pid > 0, "screen: a terminal")) {
		sim_end(&s, true);
		return;
	}
	expect(terminal, "; lost 0; missed runs 0", "events");
	expect(terminal, "(before start)", "who pinned before it began");
	press(terminal, "i");
	expect(terminal, "What live events have lost", "key i");
	expect(terminal, "unpin_user_pages", "key i");
	press(terminal, "q");
	expect(terminal, "(before start)", "back");
	press(terminal, "\n");
	expect(terminal, "pinsim", "Enter");
	press(terminal, "q");
	is(sim_end(&s, true), 0, "%s: pinsim ends", line);
	expect(terminal, "In flight", "when it is over");
	press(terminal, "q");
	is(ended(pid, terminal), 0, "screen: q ends it");
	close(terminal);
}
