/* SPDX-License-Identifier: GPL-2.0 */
/* Which processes and which memory to show: options that mean the same in every tool. */
#ifndef PINSCOPE_FILTER_H
#define PINSCOPE_FILTER_H

#include <jansson.h>

#include "snapshot.h"

/* A process has to pass each of them. All empty: every process does. */
struct filter {
	pid_t *pids;		/* -p: thread groups, one of which it is */
	size_t nr_pids;
	char **comms;		/* -c: patterns as the shell's, one of which is its name */
	size_t nr_comms;
	bool by_user;		/* -u: its effective user */
	uid_t uid;
	char *cgroup;		/* --cgroup: for the memory, not for processes. See snapshot_opts */
	char **drivers;		/* --driver: patterns, one of which a driver's name is */
	size_t nr_drivers;
};

/* The rows of a tool's table of options; it says itself what -p shows. */
#define FILTER_OPTS(pids_help) \
	FILTER_PROCESS_OPTS(pids_help), \
	{ FILTER_CGROUP, "cgroup", "PATH", "only memory charged to this cgroup or one below it" }

/* For tools that do not know what memory is charged to. */
#define FILTER_PROCESS_OPTS(pids_help) \
	{ 'p', "pid", "PID[,PID]", pids_help }, \
	{ 'c', "comm", "NAME", "only processes of this name; * ? [] as in the shell;\n" \
			       "may be given more than once" }, \
	{ 'u', "user", "USER", "only this user's processes (name or number)" }

/* For tools that know drivers. */
#define FILTER_DRIVER_OPT \
	{ FILTER_DRIVER, "driver", "NAME", "only what this driver pins; * ? [] as in the shell;\n" \
					   "may be given more than once" }

enum { FILTER_CGROUP = 1000, FILTER_DRIVER };

/* Takes an option of the above. False: it is none. Die where @arg makes no sense. */
bool filter_option(struct filter *f, int key, const char *arg);
void filter_free(struct filter *f);

/* Does it ask for certain processes? */
bool filter_has_processes(const struct filter *f);

bool filter_wants_pid(const struct filter *f, pid_t pid);
bool filter_wants_comm(const struct filter *f, const char *comm);

bool filter_wants_driver(const struct filter *f, const char *driver);
/* The same for one of @drivers, "io_uring, rdma"; NULL: none. */
bool filter_wants_drivers(const struct filter *f, const char *drivers);

/*
 * Those that share their memory with a wanted process (CLONE_VM) are that
 * process as far as memory goes: where they stand for it, they are wanted.
 */
bool filter_wants(const struct filter *f, const struct snap_proc *proc);

/* Has what it holds open been opened by a wanted process? Of sharers each has its own. */
bool filter_wants_holder(const struct filter *f, const struct snap_holder *holder);

/* Is @sharer asked for by its own PID or name, and @proc, under which it stands, not? */
bool filter_names_sharer(const struct filter *f, const struct snap_proc *proc,
			 const struct mm_sharer *sharer);

/* "pid 812, name qemu*, user root, driver rdma" of what it asks for; "" for nothing. */
const char *filter_text(const struct filter *f, char *buf, size_t size);

/* The patterns of --driver. */
json_t *filter_drivers_json(const struct filter *f);

/* {"pids": [], "comms": [], "uid": null, "cgroup": null}, with what there is. */
json_t *filter_json(const struct filter *f);

#endif
