/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a live view gets its snapshots from. Today there is one source, the
 * scan; one with live events gives the same snapshots, so no view changes.
 */
#ifndef PINSCOPE_SOURCE_H
#define PINSCOPE_SOURCE_H

#include "snapshot.h"

struct source;

struct source_opts {
	struct scan_opts scan;
	struct snapshot_opts snapshot;
	double max_age;		/* seconds after which a scan is repeated all the same */
};

/* What it cost so far. */
struct source_cost {
	uint64_t scans;		/* taken */
	uint64_t skipped;	/* polls that needed none: the kernel's counters had not moved */
	uint64_t last_ns;	/* wall time of the newest snapshot */
};

/* NULL with @fail filled. */
struct source *source_open_scan(const struct source_opts *opts, struct fail *fail);
void source__free(struct source *src);

/* For the header: "scan". */
const char *source__name(const struct source *src);

/*
 * The newest snapshot, taken now if the kernel's counters have moved since the
 * last one, if that is older than max_age, or if @force. Valid until the next
 * call. NULL with @fail filled.
 */
const struct snapshot *source__poll(struct source *src, bool force, struct fail *fail);

struct source_cost source__cost(const struct source *src);

#endif
