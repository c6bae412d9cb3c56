/* SPDX-License-Identifier: GPL-2.0 */
/* The pages behind the table: one row in detail, what one should know, help. */
#ifndef PINSCOPE_TUI_DETAIL_H
#define PINSCOPE_TUI_DETAIL_H

#include "source.h"
#include "tui_model.h"
#include "tui_page.h"

/* Everything about one row: a process, a group, or what no process maps. */
void detail_row(struct page *page, const struct row *row);

/* In place of detail_row() when the row is there no more. */
void detail_gone(struct page *page);

/* All notes, what was scanned, and what pintop costs; @cols wide. */
void detail_info(struct page *page, const struct model *m, const struct source_cost *cost,
		 double cpu_seconds, double run_seconds, int cols);

/* @live: of live events as well. */
void detail_help(struct page *page, bool live);

#endif
