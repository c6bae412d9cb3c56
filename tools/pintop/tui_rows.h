/* SPDX-License-Identifier: GPL-2.0 */
/* The views, and the rows that one snapshot gives in each. */
#ifndef PINSCOPE_TUI_ROWS_H
#define PINSCOPE_TUI_ROWS_H

#include "groups.h"

#define ROW_HISTORY 8

enum view {
	VIEW_PROCESS,
	VIEW_DRIVER,	/* these two need live events */
	VIEW_SITE,
	VIEW_CGROUP,
	VIEW_FILE,
	VIEW_NODE,
	VIEWS,
};

enum row_kind {
	ROW_ITEM,	/* a process, a driver, a site or a group */
	ROW_UNMAPPED,	/* the others stand below, whatever is filtered and sorted */
	ROW_UNSEEN,
	ROW_BIAS,
};

/* What makes a row of one snapshot the same as one of the next. */
struct row_id {
	enum row_kind kind;
	uint64_t key;		/* pid, or the group's key */
	uint64_t start_ns;	/* of a process: pids are reused */
};

/* Of proc, driver, site and group, one is not NULL where it is an item. */
struct row {
	struct row_id id;
	const struct snapshot *snap;
	const struct snap_proc *proc;
	const struct live_driver *driver;
	const struct live_site *site;
	const struct group *group;
	const struct pin_sum *sum;
	const struct pin_sum *shared;	/* NULL where nothing is known of it */
	const struct pin_flow *flow;	/* NULL without live events, and for groups */

	int64_t delta;			/* bytes since the last refresh */
	uint64_t peak;			/* most bytes since it was first seen */
	uint64_t history[ROW_HISTORY];	/* bytes at the last refreshes, the newest last */
	unsigned int nr_history;
};

/* "process", "cgroup" ...; view_parse() gives -1 for what is none. */
const char *view_name(enum view view);
int view_parse(const char *name);

/* Is it empty without live events? */
bool view_needs_live(enum view view);
/* Do its rows show how pins come and go, where there are live events? */
bool view_has_flows(enum view view);
/* How its rows come about where it has no flows. */
enum group_by view_group(enum view view);

bool row_id_same(const struct row_id *a, const struct row_id *b);
/* Below 0 when @a comes first. */
int row_id_order(const struct row_id *a, const struct row_id *b);

/*
 * The rows of @snap by identity, with nothing yet of other snapshots; the
 * caller frees *@rows. @groups: of snapshot__group(), for views that have no
 * flows. Returns how many.
 */
size_t rows_of(const struct snapshot *snap, enum view view, const struct group *groups,
	       size_t nr_groups, struct row **rows);

#endif
