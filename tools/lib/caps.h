/* SPDX-License-Identifier: GPL-2.0 */
/* Which capability a failure is about, by name. */
#ifndef PINSCOPE_CAPS_H
#define PINSCOPE_CAPS_H

#include <stdbool.h>
#include <stddef.h>

enum caps_need {
	CAPS_FOR_PFNS,		/* CAP_SYS_ADMIN: /proc/PID/pagemap shows PFNs */
	CAPS_FOR_OTHERS,	/* CAP_SYS_PTRACE: other users' /proc/PID/pagemap and fd */
	CAPS_FOR_NAMES,		/* CAP_DAC_READ_SEARCH: cgroups by number, lists in /proc/PID/fd */
};

/* Do we have what @need asks for, in the initial user namespace or our own? */
bool caps_have(enum caps_need need);

/*
 * "Operation not permitted: CAP_BPF and CAP_PERFMON are missing; run as root"
 * or, where capabilities explain nothing, just the error. Static buffer.
 */
const char *caps_explain(int err);

/* The names of all capabilities that are missing, "" when none is. Static buffer. */
const char *caps_missing(void);

/* Not in the initial PID namespace: processes outside it cannot be seen. */
bool in_pid_namespace(void);

#endif
