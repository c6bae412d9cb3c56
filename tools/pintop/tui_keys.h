/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the keys do: one table, from which the bar at the bottom, the help
 * screen and the man page's test are made as well.
 */
#ifndef PINSCOPE_TUI_KEYS_H
#define PINSCOPE_TUI_KEYS_H

#include "tui_page.h"

enum action {
	ACT_NONE,
	ACT_QUIT,
	ACT_BACK,
	ACT_UP,
	ACT_DOWN,
	ACT_PAGE_UP,
	ACT_PAGE_DOWN,
	ACT_HOME,
	ACT_END,
	ACT_LEFT,
	ACT_RIGHT,
	ACT_ENTER,
	ACT_SEARCH,
	ACT_SEARCH_NEXT,
	ACT_FILTER,
	ACT_USER,
	ACT_SORT_MENU,
	ACT_SORT_LEFT,
	ACT_SORT_RIGHT,
	ACT_INVERT,
	ACT_SORT_PINNED,
	ACT_SORT_PINS,
	ACT_SORT_PID,
	ACT_VIEW,
	ACT_PAUSE,
	ACT_FASTER,
	ACT_SLOWER,
	ACT_RESCAN,
	ACT_INFO,
	ACT_HELP,
	ACT_REDRAW,
};

/* Where a key works. */
enum key_place {
	IN_TABLE = 1,
	IN_PAGE = 2,	/* help, details, information */
	IN_MENU = 4,	/* a list to choose from */
};

#define KEYS_PER_ACTION 4

struct binding {
	enum action action;
	unsigned int places;
	int keys[KEYS_PER_ACTION];
	const char *bar;	/* its word in the bar at the bottom, NULL: not there */
	const char *help;
};

/* In the order of the help screen; the last one has no action. */
extern const struct binding key_bindings[];

enum action keys_action(int key, enum key_place place);

/* How far an action moves in a list of which @rows are seen; 0: it is no move. */
long action_step(enum action action, int rows);
/* @at, moved by @step in a list of @nr. */
size_t action_move(size_t at, long step, size_t nr);

/* "F3", "Space", "Ctrl-L", "<". */
const char *keys_name(int key, char *buf, size_t size);
/* "/ F3": all keys of a binding. */
const char *keys_names(const struct binding *b, char *buf, size_t size);

void keys_help(struct page *page);

#endif
