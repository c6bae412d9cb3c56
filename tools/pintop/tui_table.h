/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The columns: one table for the screen, batch output, JSON, sorting and
 * "pintop -s help".
 */
#ifndef PINSCOPE_TUI_TABLE_H
#define PINSCOPE_TUI_TABLE_H

#include "tui_model.h"
#include "tui_text.h"

#define COLUMNS_MAX 48

/* tui_number() of what is not known, or has no sense for the row. */
#define NO_NUMBER INT64_MIN
#define UNLIMITED INT64_MAX

enum column_id {
	COL_PID, COL_UID, COL_USER, COL_COMMAND, COL_NAME, COL_PINS, COL_PINNED, COL_CHANGE,
	COL_PEAK, COL_HISTORY, COL_FOLIOS, COL_SHARED, COL_PINS_SHARED, COL_MOVABLE, COL_CMA,
	COL_MEMORY, COL_VMPIN, COL_VMLCK, COL_MEMLOCK, COL_WHAT, COL_OWNERS,
	/* Only with live events. */
	COL_DRIVER, COL_DRIVERS, COL_LONGTERM, COL_SHORT, COL_PIN_RATE, COL_UNPIN_RATE,
	COL_OLDEST, COL_PEAK_PINS, COL_CALLS, COL_FAILED, COL_ACQUIRED, COL_RELEASED, COL_SITES,
};

enum column_type {
	TYPE_ID,	/* a number that is a name: sorts upwards */
	TYPE_COUNT,
	TYPE_SIZE,	/* bytes */
	TYPE_DELTA,	/* bytes, with sign */
	TYPE_RATE,	/* thousandths per second */
	TYPE_AGE,	/* nanoseconds */
	TYPE_TEXT,
	TYPE_SPARK,	/* small bars; cannot be sorted by */
};

struct column {
	enum column_id id;
	enum column_type type;
	unsigned int views;	/* 1 << enum view, of those that have it */
	const char *name;	/* for -s; NULL: only in JSON */
	const char *title;
	const char *json;	/* member in JSON; NULL: not there */
	int width, most;	/* columns on the screen, least and most; most 0: all there are */
	/* Who stays when room is short, 1 first; 0: never there. See column_rank(). */
	int rank, flow_rank;
	enum tui_fit fit;
	const char *help;
};

/* The columns of @view, in their order, with @live those of live events; returns how many. */
size_t table_columns(enum view view, bool live, const struct column *cols[COLUMNS_MAX]);
/*
 * By name, title or member in JSON, whatever the case; NULL: none that can be
 * sorted by. Also one that only live events give: see column_is_live().
 */
const struct column *table_find(enum view view, const char *name);
/* The next (@step 1) or previous (-1) column that can be sorted by. */
const struct column *table_step(enum view view, bool live, const struct column *from, int step);

bool column_is_live(const struct column *col);
/* Its rank there: those of live events come first where there are some. */
int column_rank(const struct column *col, enum view view, bool live);

int64_t table_number(const struct column *col, const struct row *row);
/* Of a column of text: the name, "" where there is none. Safe for a terminal, UTF-8. */
const char *table_name(const struct column *col, const struct row *row, char *buf, size_t size);
/* Any cell's text without padding, "-" for none. */
const char *table_text(const struct column *col, const struct row *row, char *buf, size_t size);
/* Below 0 when @a stands above @b, in the column's usual order. */
int table_compare(const struct column *col, const struct row *a, const struct row *b);

/* Prints the list of columns, for "-s help". */
void table_print_columns(void);

#endif
