/* SPDX-License-Identifier: GPL-2.0 */
/* Where pintop's data comes from: what was asked for, and what the kernel allows. */
#ifndef PINSCOPE_TUI_SOURCE_H
#define PINSCOPE_TUI_SOURCE_H

#include "source.h"
#include "tui_model.h"

enum source_from { FROM_AUTO, FROM_EVENTS, FROM_SCAN };

struct source_choice {
	enum source_from from;
	struct source_opts opts;
	struct fail no_events;	/* why they cannot be had; model.why_scan points here */
};

/* The argument of --source; dies where it makes no sense. */
void source_choice_parse(struct source_choice *c, const char *arg);

/*
 * Opens it for what @m is to show; live events if they can be had, unless told
 * otherwise. @say: on stderr, when a scan has to do. NULL with @fail filled.
 */
struct source *source_choice_open(struct source_choice *c, struct model *m, bool say,
				  struct fail *fail);

#endif
