/* SPDX-License-Identifier: GPL-2.0 */
/* Why the kernel refuses something: which capability is missing, by name, or what else it is. */
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
 * "Operation not permitted: missing CAP_BPF, CAP_PERFMON; run as root": the
 * error and, where one can be found, its cause. Else what @libbpf said of it
 * stands in brackets, if that is not NULL or "". Static buffer.
 */
const char *caps_explain(int err, const char *libbpf);

/* The names of all capabilities that are missing, "" when none is. Static buffer. */
const char *caps_missing(void);

/* Not in the initial PID namespace: processes outside it cannot be seen. */
bool in_pid_namespace(void);

#endif
