/* SPDX-License-Identifier: GPL-2.0 */
/* How pinscan shows a snapshot: as text and as JSON. */
#ifndef PINSCOPE_SCAN_VIEW_H
#define PINSCOPE_SCAN_VIEW_H

#include <jansson.h>
#include <stdio.h>

#include "filter.h"
#include "groups.h"
#include "ranges.h"
#include "snapshot.h"
#include "table.h"

#define PINSCAN_SCHEMA 1

enum scan_sort {
	SORT_BYTES,
	SORT_PINS,
	SORT_NAME,
	SORT_PID,
	SORT_CHANGE,
};

/* What to show; everything a view needs beside the snapshot. */
struct scan_view {
	enum group_by by;
	enum scan_sort sort;
	size_t top;			/* processes or groups at most, 0: all */
	struct filter filter;		/* with certain PIDs, their VMAs are shown */
	const struct snapshot *last;	/* the snapshot before (-w); NULL: this is the first */
	const struct group *before;	/* its groups */
	size_t nr_before;
};

/* The groups that @view asks for, filtered, sorted and cut; free with groups_free(). */
void view_groups(const struct scan_view *view, const struct snapshot *snap, struct group **groups,
		 size_t *nr);

/* Change of @g's bytes and of those of all since @view's last snapshot. */
int64_t view_change(const struct scan_view *view, const struct group *g);
int64_t view_total_change(const struct scan_view *view, const struct snapshot *snap);

/* The table of @cols, with CHANGE before column @before when there is something to compare with. */
struct table *view_table(const struct scan_view *view, const struct table_col *cols,
			 const char *before);
/* The cell of it. */
void view_change_cell(const struct scan_view *view, struct table *t, int64_t bytes);
/* The same in JSON: "change_bytes". */
void view_change_json(const struct scan_view *view, json_t *o, int64_t bytes);

/* "4K:1009 2M:4" */
const char *view_sizes(const struct snapshot *snap, const struct pin_sum *sum, char *buf,
		       size_t size);

void scan_text(const struct snapshot *snap, const struct scan_view *view, FILE *out);
/* The lines below its table. */
void scan_below(const struct snapshot *snap, const struct scan_view *view, FILE *out);
json_t *scan_json(const struct snapshot *snap, const struct scan_view *view);
/* Members "dev" and "inode", null where there is no file or none is known. */
void set_inode_json(json_t *o, bool known, uint32_t dev, uint64_t ino);
json_t *pin_sum_json(const struct snapshot *snap, const struct pin_sum *sum);

/* Each pinned run inside @range (cut to it) and whose it is: --pfn. */
void range_text(const struct snapshot *snap, const struct scan_view *view,
		const struct pfn_range *range, FILE *out);
json_t *range_json(const struct snapshot *snap, const struct scan_view *view,
		   const struct pfn_range *range);
/* The range itself, and how much of it is memory that was looked at. */
json_t *range_asked_json(const struct snapshot *snap, const struct pfn_range *range);

/*
 * The memory blocks that cannot go offline because of pins: --memory-block.
 * @nr: UINT64_MAX for all. 0, or -1 with @fail filled (no such block).
 */
int blocks_text(const struct snapshot *snap, const struct scan_view *view, uint64_t nr, FILE *out,
		struct fail *fail);
int blocks_json(const struct snapshot *snap, const struct scan_view *view, uint64_t nr,
		json_t **out, struct fail *fail);

#endif
