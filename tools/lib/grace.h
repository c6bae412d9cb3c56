/* SPDX-License-Identifier: GPL-2.0 */
/* Waiting until every BPF program that runs now has ended. */
#ifndef PINSCOPE_GRACE_H
#define PINSCOPE_GRACE_H

struct grace {
	int inner, outer;	/* file descriptors */
};

/* 0, or -errno: nothing can be waited for, so nothing that a program may see can be reused. */
int grace_open(struct grace *g);
void grace_close(struct grace *g);

/*
 * Returns 0 when all programs that ran when it was called have ended; some
 * 10 ms. By an update of a map in a map, after which the kernel does
 * synchronize_rcu(): maybe_wait_bpf_programs() in kernel/bpf/syscall.c, for
 * just this purpose since v4.20 (1ae80cf31938). membarrier() would not do it on
 * a machine with one CPU, nor with nohz_full. Sleepable programs, those of
 * BPF_PROG_RUN, are not waited for: the caller knows that it runs none.
 */
int grace_wait(const struct grace *g);

#endif
