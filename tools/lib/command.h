/* SPDX-License-Identifier: GPL-2.0 */
/* A command that a tool runs in order to watch it: TOOL -- COMMAND ARG... */
#ifndef PINSCOPE_COMMAND_H
#define PINSCOPE_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

#include "fail.h"

struct command {
	pid_t pid;
	int go;		/* a pipe that the child reads before it runs the command; -1: it does */
	int failed;	/* a pipe by which it says why it could not */
	bool ended;
	int status;	/* as waitpid() gives it, once it has ended */
};

/*
 * Forks a child that waits for command__go(); so it can be told to the kernel's
 * programs before it does anything. It has the signals as they were before
 * stop__hold(), which has to be called first. 0; -1 with @fail filled.
 */
int command__start(struct command *cmd, char **argv, struct fail *fail);

/*
 * Lets it run. From then on signals that another process sends to the tool are
 * passed on (stop__pass_to()); those of a terminal reach both by themselves.
 * -1 with @fail filled: there is no such command, or it may not be run; the
 * exit code is what shells use, 127 resp. 126.
 */
int command__go(struct command *cmd, struct fail *fail);

/* Has it ended? Does not wait. */
bool command__ended(struct command *cmd);

/* Its exit status; 128 + signal if one killed it, as shells say it. */
int command__exit_code(const struct command *cmd);

/*
 * What it gives to the tool's exit code: command__exit_code(). Where a signal
 * has ended the tool first, EXIT_LOST, which a line on standard error explains;
 * where that was what the user asked for, and without a command, EXIT_DONE.
 */
int command__verdict(struct command *cmd);

/* Kills and reaps what was never let run; what runs is left alone. */
void command__drop(struct command *cmd);

#endif
