/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything known about the pins of one moment. Sources make snapshots,
 * views show them: a view reads no map and no file under /proc.
 *
 * Pins are references; bytes are memory held unmovable: distinct folios times
 * their size. A folio is counted once in each sum, except that a process's
 * sum counts all folios it maps, also those that another maps as well (these
 * stand in "shared", too).
 */
#ifndef PINSCOPE_SNAPSHOT_H
#define PINSCOPE_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "live.h"
#include "scan.h"
#include "tasks.h"
#include "vmstat.h"

#define SNAP_ORDERS 32
#define SNAP_UNKNOWN UINT64_MAX		/* a number that could not be read */

struct pin_sum {
	uint64_t pins;
	uint64_t bytes;
	uint64_t folios;
	uint64_t movable_bytes;		/* in movable pageblocks or ZONE_MOVABLE */
	uint64_t cma_bytes;		/* in CMA pageblocks */
	uint64_t by_order[SNAP_ORDERS];	/* folios of 1 << order base pages */
	uint64_t by_kind[PIN_KINDS];	/* bytes */
};

/* A VMA that maps pinned folios. A folio counts in the lowest VMA of its process that maps it. */
struct snap_vma {
	uint64_t start, end;
	char perms[5];			/* "rw-p" as in /proc/PID/maps */
	char *name;			/* path, "[heap]", "memfd:guest-ram"; "[anon]" for none */
	uint32_t dev;			/* major << 20 | minor; 0 for anonymous memory */
	uint64_t ino;
	struct pin_sum sum;
};

struct snap_proc {
	pid_t pid;			/* the thread group */
	pid_t tid;			/* a live thread of it, should the main one have exited */
	uint64_t start_ns;		/* since boot: with pid, the identity of the process */
	uid_t uid;			/* effective; (uid_t)-1 when it could not be read */
	char comm[16];			/* not yet fit for a terminal: see text_clean() */
	struct mm_sharer *sharers;	/* younger ones with the same memory, which stand here */
	size_t nr_sharers;
	struct pin_sum sum;
	struct pin_sum shared;		/* the part that other processes map as well */
	struct snap_vma *vmas;		/* that hold pinned folios, by address */
	size_t nr_vmas;
	size_t top_vma;			/* the one that holds most bytes */
	uint64_t vm_pin, vm_lck;	/* bytes, as declared in /proc/PID/status */
	uint64_t memlock_soft, memlock_hard;	/* RLIMIT_MEMLOCK, bytes; RLIM_INFINITY */
	bool has_cap_ipc_lock;
	bool has_pinned;		/* its mm has ever pinned (MMF_HAS_PINNED) */
	bool gone;			/* exited while we looked: the declared numbers are missing */

	/* With live events; then sum is what it has pinned, whoever maps it. */
	struct pin_flow flow;
	char *drivers;			/* "io_uring, rdma", that which holds most first; or NULL */
	bool exited;			/* and its pins are still there */
};

/* Pinned memory that no process maps, by what it is. */
struct snap_unmapped {
	uint8_t kind;			/* enum pin_kind */
	uint64_t cgroup;		/* id, 0 for none */
	uint32_t dev;
	uint64_t ino;
	char *file;			/* its name, NULL for anonymous memory */
	struct pin_sum sum;
};

/* A process whose open files could hold pins of memory that nobody maps. */
struct snap_holder {
	pid_t pid;
	uid_t uid;
	char comm[16];
	char *what;			/* "io_uring", "/dev/vfio/12" ... */
	unsigned int fds;		/* open files of that kind */
	uint64_t buffers;		/* io_uring: registered buffers, by fdinfo; 0: none, unknown */
	uint64_t buffer_bytes;		/* their length together */
	double fit;			/* of that to what is unmapped: 0 not at all, 1 the same */
};

/* A process, as long as it lives. */
struct snap_alive {
	pid_t pid;
	uint64_t start_ns;		/* since boot */
};

struct snap_cgroup {
	uint64_t id;
	char *path;			/* below the mount of the memory controller */
};

/* What memory hotplug takes offline as one: see struct mem_block. */
struct snap_block {
	uint64_t nr;
	bool online;
	bool movable;			/* all of it in ZONE_MOVABLE */
	bool held;			/* a pinned folio reaches into it */
};

struct snap_file {
	uint64_t mapping;		/* as in pin_run */
	struct pin_file file;
	const char *path;		/* that a VMA shows, NULL for none; owned by that */
};

/* Who maps a folio: index into procs[], or one of these. */
#define OWNER_UNMAPPED UINT32_MAX		/* no page table at all */
#define OWNER_UNSEEN (UINT32_MAX - 1)		/* mapped, but not by a process we could look at */

struct snapshot {
	uint64_t taken_ns;		/* CLOCK_MONOTONIC, when the scan began */
	double taken_at;		/* seconds since the epoch */
	uint64_t took_ns;		/* scan and attribution */

	const char *cgroup;		/* what follows is of memory charged there or below; or NULL */
	bool part;			/* only part of memory was scanned: all sums are of that */
	struct pin_sum machine;		/* all pins, in any case */
	struct pin_sum total;
	struct pin_sum mapped;		/* by processes we could look at */
	struct pin_sum unmapped;	/* by nobody */
	struct pin_sum unseen;		/* by processes that we could not look at */
	struct pin_sum bias;		/* not pins: large reference counts of the kernel's own */
	struct pin_sum shared;		/* mapped by more than one process; part of mapped */

	struct snap_proc *procs;
	size_t nr_procs;
	struct snap_unmapped *unmapped_by;
	size_t nr_unmapped_by;
	struct snap_holder *holders;	/* the likeliest first, see holders_rank() */
	size_t nr_holders;
	uint64_t holders_denied;	/* address spaces whose open files may not be looked at */
	struct snap_cgroup *cgroups;
	size_t nr_cgroups;
	struct snap_file *files;	/* that pinned memory is of, by mapping */
	size_t nr_files;
	uint64_t *node_bytes;		/* memory of each NUMA node that has pins; 0: unknown */
	size_t nr_nodes;

	/* With opts->blocks; else there are none, as where blocks_error (-errno) says why. */
	struct snap_block *blocks;	/* by number */
	size_t nr_blocks;
	uint64_t block_bytes;		/* the size of each, 0: unknown */
	int blocks_error;

	/* The kernel's own counters, before and after; see kernel_known. */
	bool kernel_known, refreshed;
	struct vmstat_pins before, after;

	/* Read again after attribution: folios that had changed, of those reported. */
	uint64_t changed_folios, changed_pins;
	bool rechecked;

	struct scan_counts scan;
	uint64_t files_lost;		/* whose name is not known, for lack of room */
	enum memory_source memory;
	struct pfn_ranges ranges;	/* what was scanned */
	struct snap_alive *alive;	/* all processes that have memory, by PID */
	size_t nr_alive;
	uint64_t alive_ns;		/* CLOCK_MONOTONIC, when they were listed */
	uint64_t processes_seen;	/* distinct address spaces on the machine */
	uint64_t processes_looked_at;	/* whose page tables were read */

	/* What may be missing and why: one line each. */
	char **notes;
	size_t nr_notes;

	/*
	 * Every pinned folio: runs[] with, for folio k of run i, its owner in
	 * owner[first[i] + k]; shared_bit says that others map it as well.
	 */
	struct pin_run *runs;
	size_t nr_runs;
	uint64_t *first;
	uint32_t *owner;
	uint8_t *is_shared;
	uint64_t nr_folios;
	/*
	 * With opts->all_owners, who else maps shared folios: folio << 32 | process, in
	 * order. Of too many the rest is left out, see others_cut.
	 */
	uint64_t *others;
	size_t nr_others;
	bool others_cut;

	struct scanner *scanner;	/* for zone and block names; not owned */
	struct snap_live *live;		/* with live events; NULL: a scan is all there is */
	unsigned int page_size;
};

struct snapshot_opts {
	const struct pfn_ranges *only;	/* NULL: all memory */
	bool whole_folios;		/* with @only: folios that begin before it, too */
	bool recheck;			/* read everything again after attribution */
	bool all_owners;		/* of a shared folio, not just the first */
	bool blocks;			/* list the memory blocks */
	bool holders;			/* look for those who could hold unmapped pins */
	const char *cgroup;		/* only memory charged to it or below, by cgroup_find() */
};

/*
 * Takes a snapshot. NULL with @fail filled when the scan itself cannot run;
 * what else goes wrong (a process that exits, one that may not be looked at)
 * stands in the notes. @scanner must outlive the snapshot.
 */
struct snapshot *snapshot__take(struct scanner *scanner, struct tasks *tasks,
				const struct snapshot_opts *opts, struct fail *fail);
void snapshot__free(struct snapshot *snap);

/*
 * One sentence on why the kernel's in-flight count and the scan's differ, or
 * why that is no contradiction; NULL when they agree, or when only part of
 * memory was scanned: of that the kernel has no count. Static buffer.
 */
const char *snapshot__explain_difference(const struct snapshot *snap);

/* Did the process live when @snap listed all? */
bool snapshot__is_alive(const struct snapshot *snap, pid_t pid, uint64_t start_ns);

/* Adds to @sum one run's @folios folios. */
void pin_sum_add(struct pin_sum *sum, const struct snapshot *snap, const struct pin_run *run,
		 uint64_t folios);

/*
 * Who maps folio @i (an index as into owner[]) beside its owner, of whom
 * others are known: the low halves of so many entries from *@first on.
 */
size_t snapshot__others(const struct snapshot *snap, uint64_t i, const uint64_t **first);

/* The file behind pin_run.mapping, NULL when it is not known or 0 (see files_lost). */
const struct pin_file *snapshot__file(const struct snapshot *snap, uint64_t mapping);

/*
 * The file's path if one maps it that shows it, else its own name: "" when
 * that has been removed. NULL when the file is not known.
 */
const char *snapshot__file_name(const struct snapshot *snap, uint64_t mapping);

/* "/system.slice/x.service" or what cgroup_path() says instead; "(none)" for id 0. */
const char *snapshot__cgroup_path(const struct snapshot *snap, uint64_t id);

#endif
