/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a live view gets its snapshots from: a scan, repeated, or events as
 * they happen. Both give the same snapshots; the second fills in "live".
 */
#ifndef PINSCOPE_SOURCE_H
#define PINSCOPE_SOURCE_H

#include "snapshot.h"

struct source;

struct source_opts {
	struct scan_opts scan;
	struct snapshot_opts snapshot;
	double max_age;		/* seconds after which a scan is repeated all the same */
	uint32_t ledger_entries, ledger_owners;	/* see struct ledger_opts; 0: the defaults */
	bool holds;		/* with events: fill in live.holds[] as well */
	bool follow;		/* with events: source__follow() will be called */
	bool source_lines;	/* with events: in live.sites[].frames, where they are known */
	bool user_stacks;	/* with events: fill in live.sites[].ustack as well */
	const char *task_cgroup;	/* with events: fill in live.holds[].in_cgroup; or NULL */
	bool no_fentry;		/* a test's: kprobes only */
};

/* The argument of --ledger-memory; dies where it makes no sense. */
void source_opts_memory(struct source_opts *opts, const char *arg);

/* What it cost so far. */
struct source_cost {
	uint64_t scans;		/* taken */
	uint64_t skipped;	/* polls that needed none: nothing had moved */
	uint64_t last_ns;	/* wall time of the newest snapshot */
};

/* NULL with @fail filled. */
struct source *source_open_scan(const struct source_opts *opts, struct fail *fail);
/* The same, where the kernel lets its pin functions be traced; EXIT_ATTACH where it does not. */
struct source *source_open_events(const struct source_opts *opts, struct fail *fail);
void source__free(struct source *src);

/* For the header: "scan", "events". */
const char *source__name(const struct source *src);

/*
 * The newest snapshot. By scan: taken now if the kernel's counters have moved
 * since the last one, if that is older than max_age, or if @force. By events:
 * pins as they are now; details that need a scan by the same rule. Valid until
 * the next call. NULL with @fail filled.
 */
const struct snapshot *source__poll(struct source *src, bool force, struct fail *fail);

/*
 * From now on what @pid pins is marked as followed (see struct live_hold), and
 * what all that it starts pins: of a process that has not pinned yet, nor
 * started another. By events only. 0, or -1 with @fail filled.
 */
int source__follow(struct source *src, pid_t pid, struct fail *fail);

/*
 * With user stacks: readable when something has to be looked at in time, by
 * source__look() or the next poll. Else -1.
 */
int source__fd(const struct source *src);
void source__look(struct source *src);

struct source_cost source__cost(const struct source *src);

#endif
