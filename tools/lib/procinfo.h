/* SPDX-License-Identifier: GPL-2.0 */
/* What a process declares about itself: /proc/PID/status and limits. */
#ifndef PINSCOPE_PROCINFO_H
#define PINSCOPE_PROCINFO_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define PROCINFO_UNKNOWN UINT64_MAX

/*
 * Bytes. vm_pin is mm->pinned_vm and vm_lck mm->locked_vm (fs/proc/task_mmu.c,
 * task_mem()): what drivers chose to charge, not what is pinned. The limits
 * are RLIM_INFINITY where there is none.
 */
struct procinfo {
	pid_t tgid;
	uid_t euid;
	char comm[16];
	uint64_t vm_pin, vm_lck;		/* PROCINFO_UNKNOWN: the process has no memory */
	uint64_t memlock_soft, memlock_hard;
	bool cap_ipc_lock;
};

int procinfo_parse_status(FILE *f, struct procinfo *info);
int procinfo_parse_limits(FILE *f, struct procinfo *info);

/*
 * 0, or -ENOENT / -ESRCH when there is no such process (any more), -errno. One
 * whose main thread has exited is seen through another thread.
 */
int procinfo_read(pid_t pid, struct procinfo *info);

/*
 * When @pid began, in ns since boot: field 22 of /proc/PID/stat, which the
 * kernel rounds down to clock ticks. 0: there is no such process.
 */
uint64_t procinfo_start(pid_t pid);

/* @start_ns, the exact time, as procinfo_start() gives it. */
uint64_t procinfo_rounded(uint64_t start_ns);

/* Is @pid the process that began at @start_ns? */
bool procinfo_lives(pid_t pid, uint64_t start_ns);

/*
 * Has it exited, and is only its status left for its parent? Its main thread
 * alone says nothing: the others may go on (field 20 of /proc/PID/stat).
 */
bool procinfo_is_dead(pid_t pid);

/* All numbers under /proc, ascending; the caller frees *@pids. 0 or -errno. */
int procinfo_pids(pid_t **pids, size_t *nr);

#endif
