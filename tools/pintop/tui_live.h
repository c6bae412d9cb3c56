/* SPDX-License-Identifier: GPL-2.0 */
/* pintop on a terminal. */
#ifndef PINSCOPE_TUI_LIVE_H
#define PINSCOPE_TUI_LIVE_H

#include "fail.h"
#include "source.h"
#include "tui_model.h"

#define DELAY_MIN 0.1	/* seconds */
#define DELAY_MAX 3600.0

/*
 * How long to wait until the next refresh: @delay, or longer, so that scans
 * (the last one took @took_ns) never fill more than a fifth of the time.
 */
double live_pause(double delay, uint64_t took_ns);

/*
 * Shows @model, which has its view, order and filter, until the user quits or
 * after @refreshes (0: no end). -1 with @fail filled.
 */
int live_run(struct model *model, struct source *src, double delay, uint64_t refreshes, bool color,
	     struct fail *fail);

#endif
