/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What pintop shows: the rows of each view, with what only a sequence of
 * snapshots tells (change, peak, history), filtered and sorted.
 */
#ifndef PINSCOPE_TUI_MODEL_H
#define PINSCOPE_TUI_MODEL_H

#include "filter.h"
#include "tui_rows.h"

struct column;

/* A process that holds no pins at this moment: its peak stands for as long as it lives. */
struct past_peak {
	struct row_id id;
	uint64_t peak;
	uint64_t left_ns;	/* the snapshot in which its row was gone */
};

/* The rows of a view, kept up to date from when it is first shown. */
struct model_view {
	struct row *rows;	/* by identity */
	size_t nr;
	struct group *groups;	/* that the rows point into */
	size_t nr_groups;
	struct past_peak *past;	/* by identity; of processes only */
	size_t nr_past;
	bool tracked;
	const struct column *sort;
	bool inverted;		/* the other way round than is usual for the column */
};

struct model {
	const struct snapshot *snap;
	uint64_t taken_ns;	/* of the snapshot that the rows are made from */
	bool live;		/* there are live events */
	const char *why_scan;	/* why there are none; NULL where none were asked for. Not owned */
	struct group *nodes;	/* the split by node that stands in the header */
	size_t nr_nodes;
	struct filter filter;	/* of processes, for VIEW_PROCESS */
	char filter_text[64];	/* part of a name in any view, "a|b" for either; "" for all */
	enum view view;
	struct model_view views[VIEWS];

	/* The view's rows as they are shown: items in order, then the others. */
	const struct row **shown;
	size_t nr_shown;
	size_t nr_items;
	size_t nr_hidden;	/* by the filter */
};

void model__init(struct model *m);
void model__free(struct model *m);

/*
 * One refresh. @snap may be the one of the last refresh: nothing has changed
 * then. It must live until the next one.
 */
void model__refresh(struct model *m, const struct snapshot *snap);

/* Filters and sorts anew, after the view, the order or the filter was changed. */
void model__arrange(struct model *m);
void model__set_view(struct model *m, enum view view);
/* The view after this one, of those that there is something to show in. */
enum view model__next_view(const struct model *m);

/* The row's place in shown[], or -1. */
long model__find(const struct model *m, const struct row_id *id);
/* The row itself, also when the filter hides it; NULL if it is there no more. */
const struct row *model__row(const struct model *m, const struct row_id *id);

/* Is one of the parts of @needle ("a|b") in the row's text, whatever the case? */
bool row_matches(const struct model *m, const struct row *row, const char *needle);

/* Are the types of pageblocks known? Else nothing can be said of CMA. */
bool snap_knows_cma(const struct snapshot *snap);

#endif
