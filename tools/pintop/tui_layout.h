/* SPDX-License-Identifier: GPL-2.0 */
/* Which columns stand where on a screen of a given width. */
#ifndef PINSCOPE_TUI_LAYOUT_H
#define PINSCOPE_TUI_LAYOUT_H

#include "tui_table.h"

/* A column's place on the screen. */
struct placed {
	const struct column *col;
	int x, width;
};

/*
 * Fits the columns of @view into @cols columns of the screen: those of highest
 * rank and @sort, without the first @skip of those that are not fixed.
 * Returns how many. *@more: some are left out.
 */
size_t layout_columns(enum view view, bool live, const struct column *sort, size_t skip,
		      int cols, struct placed placed[COLUMNS_MAX], bool *more);

#endif
