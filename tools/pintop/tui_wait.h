/* SPDX-License-Identifier: GPL-2.0 */
/* Time and signals: signals that end pintop come through only while it waits. */
#ifndef PINSCOPE_TUI_WAIT_H
#define PINSCOPE_TUI_WAIT_H

#include <stdbool.h>

enum wait_result {
	WAIT_TIMEOUT,
	WAIT_INPUT,		/* there is something to read, or the terminal has changed */
	WAIT_STOPPED,		/* a signal says to end, or the input has ended */
};

/* SIGINT, SIGTERM and SIGHUP end the waiting from now on; SIGPIPE does nothing. */
void wait__init(void);

/* Waits for input on @fd (-1: for none) for at most @seconds. */
enum wait_result wait__for(int fd, double seconds);

/* Writes what stdout holds. False when a signal says to end meanwhile. */
bool wait__flush(void);

double wait__now(void);		/* monotonic seconds */
double wait__cpu(void);		/* seconds of CPU time used so far */

#endif
