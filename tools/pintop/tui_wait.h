/* SPDX-License-Identifier: GPL-2.0 */
/* Time, and what pintop waits for. */
#ifndef PINSCOPE_TUI_WAIT_H
#define PINSCOPE_TUI_WAIT_H

enum wait_result {
	WAIT_TIMEOUT,
	WAIT_INPUT,		/* there is something to read */
	WAIT_STOPPED,		/* a signal says to end, or the input has ended */
};

/* From now on the signals of stop.h end the waiting, a new size of the terminal cuts it short. */
void wait__init(void);

/* Waits for input on @fd (-1: for none) for at most @seconds. */
enum wait_result wait__for(int fd, double seconds);

double wait__now(void);		/* monotonic seconds */
double wait__cpu(void);		/* seconds of CPU time used so far */

#endif
