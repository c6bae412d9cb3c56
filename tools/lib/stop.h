/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The signals that end a tool (SIGINT, SIGTERM, SIGHUP) come through only where
 * it waits: for time to pass, for input, for a slow reader. So what it prints
 * is whole, and neither a half-written file nor a raw terminal stays behind.
 */
#ifndef PINSCOPE_STOP_H
#define PINSCOPE_STOP_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Holds them from now on. With @ask they make stop__asked() true when they come
 * through, but for those that are ignored already (nohup and "&" mean it);
 * else they end the tool then. SIGPIPE does nothing: see finish() in cli.h.
 * To be called before anything is written: stdout gets a buffer large enough
 * for what is shown at once, so that only stop__flush() waits for its reader.
 */
void stop__hold(bool ask);

bool stop__asked(void);

/*
 * From now on a signal that a process sent is passed on to @pid, and makes
 * stop__asked() true only when it comes for the second time: the tool ends
 * after what it runs. A terminal's goes to both by itself. 0: as before.
 */
void stop__pass_to(pid_t pid);

/* In a child that is about to run another program: signals as they were found. */
void stop__release(void);

/*
 * Waits for one file for at most @seconds; below 0: without end; with fd -1:
 * for nothing else. The number of files that are ready, 0 also when a signal
 * came, be it another one (SIGWINCH).
 */
int stop__poll(struct pollfd *fd, double seconds);

/*
 * Writes what stdout holds. False when a signal says to end; what a reader
 * that reads no more has not taken by then is dropped. False as well from when
 * there is no reader any more ("| head"): what is printed then goes nowhere.
 * Where it cannot be written for another reason, this ends the tool as
 * finish() does.
 */
bool stop__flush(void);

/* Has stop__flush() found that nobody reads? */
bool stop__reader_gone(void);

#endif
