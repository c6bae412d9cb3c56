/* SPDX-License-Identifier: GPL-2.0 */
/* The address spaces of this machine, and which of them have ever pinned. */
#ifndef PINSCOPE_TASKS_H
#define PINSCOPE_TASKS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fail.h"
#include "scan.h"

/* A process whose memory is that of an older one (CLONE_VM). */
struct mm_sharer {
	pid_t pid;
	char comm[16];
};

/* A live thread, to look at its process's memory and files through. */
struct mm_task {
	pid_t tid, pid;		/* pid: its thread group; both 0 outside of our PID namespace */
	uint64_t start_ns;	/* of the process, since boot */
	uint64_t files;		/* identity of the table of open files; 0: none any more */
};

/* One mm, however many tasks use it. Named after its oldest process. */
struct mm_info {
	uint64_t mm;		/* identity, for as long as it lives */
	uint64_t start_ns;	/* since boot */
	pid_t pid;		/* thread group, in our PID namespace; 0: outside of it */
	char comm[16];
	bool has_pinned;	/* MMF_HAS_PINNED; true for all when it cannot be known */
	struct mm_task *tasks;	/* that use it: those of the oldest process first */
	size_t nr_tasks;
	size_t first_sharer;	/* in task_list.sharers */
	size_t nr_sharers;
};

struct task_list {
	struct mm_info *mms;	/* those that have pinned first */
	size_t nr;
	struct mm_task *tasks;	/* all of them; mms[].tasks point into it */
	size_t nr_tasks;
	struct mm_sharer *sharers;
	size_t nr_sharers;
	bool has_pinned_known;
};

struct tasks;

/* NULL with @fail filled. @scanner has loaded the program and must outlive it. */
struct tasks *tasks__open(struct scanner *scanner, struct fail *fail);
void tasks__free(struct tasks *t);

/* 0, or -1 with @fail filled. Free with task_list_free(). */
int tasks__list(struct tasks *t, struct task_list *list, struct fail *fail);
void task_list_free(struct task_list *list);

#endif
