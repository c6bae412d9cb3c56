/* SPDX-License-Identifier: GPL-2.0 */
/* Plain text tables: columns as wide as what stands in them. */
#ifndef PINSCOPE_TABLE_H
#define PINSCOPE_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#define TABLE_COLS 16

struct table_col {
	const char *title;
	bool left;		/* text; numbers stand to the right */
};

struct table;

/* @cols ends with an entry without title. The last column may be cut to fit a terminal. */
struct table *table_new(const struct table_col *cols);

/* The next cell of the current row, copied; a row has as many as there are columns. */
void table_cell(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Rows in the table so far. */
size_t table_rows(const struct table *t);

/* Instead of printing it. */
void table_free(struct table *t);

/*
 * Prints, and frees. On a terminal @width columns wide (0: it is none) what does
 * not fit goes: columns of which each cell is empty or "-", then the end of the
 * last one, if that leaves enough to read. A "+" stands where something was cut.
 */
void table_print(struct table *t, FILE *out, int width);

/* Columns of the terminal that @out is, 0 when it is none. */
int terminal_width(FILE *out);

#endif
