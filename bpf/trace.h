/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs of trace.bpf.c tell user space, call by call, through a ring buffer. */
#ifndef PINSCOPE_BPF_TRACE_H
#define PINSCOPE_BPF_TRACE_H

#include <linux/types.h>

#include "functions.h"

/*
 * Neighbouring pages with one pin each, or the pins of one large folio: first
 * PFN, how many, and the folio's order (0: pages). In one word, because there
 * may be as many as there are pages.
 */
#define RUN_PFN_BITS 40
#define RUN_COUNT_BITS 18
#define RUN_MAX_COUNT ((1ULL << RUN_COUNT_BITS) - 1)
#define RUN_WORD(pfn, count, order)                                                           \
	((__u64)(pfn) | (__u64)(count) << RUN_PFN_BITS |                                      \
	 (__u64)(order) << (RUN_PFN_BITS + RUN_COUNT_BITS))
#define RUN_PFN(word) ((word) & ((1ULL << RUN_PFN_BITS) - 1))
#define RUN_COUNT(word) ((word) >> RUN_PFN_BITS & RUN_MAX_COUNT)
#define RUN_ORDER(word) ((__u32)((word) >> (RUN_PFN_BITS + RUN_COUNT_BITS)))

#define TRACE_RUNS 56

#define MODULE_NAME_MAX 56	/* MODULE_NAME_LEN, include/linux/moduleparam.h */

/* A module by a number instead of its name, which would take more room. Never 0. */
static inline __u64 module_number(const char *name)
{
	__u64 hash = 0xcbf29ce484222325ULL;
	__u32 i;

	for (i = 0; i < MODULE_NAME_MAX && name[i]; i++)
		hash = (hash ^ (__u8)name[i]) * 0x100000001b3ULL;
	return hash | 1;
}

enum trace_type {
	TRACE_RUNS_ONLY,	/* more runs of the call that a later record with this seq is about */
	TRACE_PIN,		/* a pin call has ended */
	TRACE_UNPIN,		/* a release is about to happen */
	TRACE_EXIT,		/* a process has ended: tgid, comm; its memory may live on */
	TRACE_FAILED,		/* auditing: a system call has failed, see below */
};

struct trace_event {
	__u32 type;		/* enum trace_type */
	__u32 nr_runs;
	__u64 seq;		/* of the call, from 1 on */
	__u64 pins;		/* of all its runs, those in earlier records included */
	__u64 time_ns;		/* CLOCK_MONOTONIC: of its end, or of the release */
	__u64 begun_ns;		/* TRACE_PIN: of its begin; 0: was not seen */
	__u64 start;		/* TRACE_PIN: address, or offset in the memfd */
	__u64 wanted;		/* pages asked for, or to be released */
	__s64 got;		/* TRACE_PIN: what the function returned */
	__u64 site;		/* key of the map "sites"; 0: could not be remembered */
	__u64 ustack;		/* key of the map "ustacks"; 0: none was asked for, or it was none */
	__u64 cgroup;		/* of the task */
	__u64 owner_start_ns;	/* the process whose memory is pinned: with tgid its identity */
	__u64 start_ns;		/* the same of the calling process; 0: in an interrupt */
	__u32 owner;		/* its tgid */
	__u32 tgid, tid;	/* of the calling task */
	__u32 uid;
	__u32 flags;		/* FOLL_... as the caller gave them; TRACE_UNPIN: 1 marks dirty */
	__u16 function;		/* enum gup_function */
	__u16 context;		/* enum ledger_context */
	char comm[16];		/* of the calling task */
	char owner_comm[16];
	/* Only when auditing, else 0. */
	__u64 aside;		/* 1: the filter leaves it out, it is told of for its pages */
	__u64 bare;		/* TRACE_UNPIN: pins that the pages do not carry */
	__u64 clean;		/* TRACE_UNPIN: pages of files that are neither dirty nor become so */
	__u64 file, file_data;	/* TRACE_PIN: struct file of the system call's fd, if it has one */
	__u64 file_module;	/* TRACE_PIN: module_number() of its driver; 0: it is built in */
	__u64 user;		/* TRACE_PIN: struct user_struct of the task */
	__u64 runs[TRACE_RUNS];
};

/*
 * TRACE_FAILED: the task's system call returned the error "got", and in it the
 * pin call with the number "wanted", and maybe later ones, gave some pins but
 * fewer than it was asked for.
 */

/* What user space may ask about what a pin call told of, later: see look() in audit.bpf.h. */
struct trace_look {
	__u64 file, file_data, user;
	__u64 locked;		/* out: pages that the user is charged for */
	__u32 open;		/* out: the file still is */
	__u32 pad;
};

/* Which pin calls are told of; 0 and the like: all. Releases are always told of. */
struct trace_filter {
	__u32 followed;		/* 1: only those whose caller or owner is in the map "followed" */
	__u32 by_uid, uid;
	__u32 failed;		/* 1: only those that gave less than they were asked for */
	__u32 flags_set;	/* all of these ... */
	__u32 flags_clear;	/* ... and none of these */
	__u64 least, most;	/* pages asked for */
	__u64 cgroup;		/* id; this one or one below */
	__u32 cgroup_level;	/* how deep it lies */
};

struct trace_totals {
	__u64 seq;
	__u64 pinned, released;		/* pins, by what was told of or could not be */
	__u64 calls, releases;		/* told of, or dropped */
	__u64 dropped_calls;		/* pin calls for which the buffer had no room ... */
	__u64 dropped_pins;		/* ... and their pins */
	__u64 dropped_releases;
	__u64 dropped_unpins;
	__u64 dropped_exits;		/* processes that ended without being told of */
	__u64 filtered;			/* pin calls that the filter left out */
};

#endif
