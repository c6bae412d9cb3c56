// SPDX-License-Identifier: GPL-2.0
#include <curses.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "tui_keys.h"

#define CTRL(c) ((c) & 0x1f)
#define ESC 27
#define ANYWHERE (IN_TABLE | IN_PAGE | IN_MENU)

const struct binding key_bindings[] = {
	{ ACT_HELP, IN_TABLE, { KEY_F(1), 'h', '?' }, "Help", "this help" },
	{ ACT_SEARCH, IN_TABLE, { KEY_F(3), '/' }, "Search",
	  "search: go to a row with this text" },
	{ ACT_SEARCH_NEXT, IN_TABLE, { 'n' }, NULL, "go to the next row that was searched for" },
	{ ACT_FILTER, IN_TABLE, { KEY_F(4), '\\' }, "Filter",
	  "filter: show only rows with this text, \"a|b\" for either" },
	{ ACT_USER, IN_TABLE, { 'u' }, "User", "show only one user's processes" },
	{ ACT_SORT_MENU, IN_TABLE, { KEY_F(6) }, "Sort", "choose the column to sort by" },
	{ ACT_SORT_LEFT, IN_TABLE, { '<', ',' }, NULL, "sort by the column before" },
	{ ACT_SORT_RIGHT, IN_TABLE, { '>', '.' }, NULL, "sort by the column after" },
	{ ACT_INVERT, IN_TABLE, { 'I' }, NULL, "sort the other way round" },
	{ ACT_SORT_PINNED, IN_TABLE, { 'M' }, NULL, "sort by PINNED" },
	{ ACT_SORT_PINS, IN_TABLE, { 'P' }, NULL, "sort by PINS" },
	{ ACT_SORT_PID, IN_TABLE, { 'N' }, NULL, "sort by PID, in other views by name" },
	{ ACT_ENTER, IN_TABLE, { '\r', '\n', KEY_ENTER }, "Details",
	  "details: mappings of a process, sites of a driver, a site's stack" },
	{ ACT_ENTER, IN_MENU, { '\r', '\n', KEY_ENTER }, "Choose", "choose from a list" },
	{ ACT_VIEW, IN_TABLE, { 'v', '\t' }, "View",
	  "next view: process, driver, site, cgroup, file, node" },
	{ ACT_PAUSE, IN_TABLE | IN_PAGE, { ' ', 'Z' }, "Pause", "pause, and go on" },
	{ ACT_RESCAN, IN_TABLE | IN_PAGE, { 'r', KEY_F(5) }, NULL, "scan now" },
	{ ACT_SLOWER, IN_TABLE, { '+', '=' }, NULL, "longer delay between refreshes" },
	{ ACT_FASTER, IN_TABLE, { '-', '_' }, NULL, "shorter delay" },
	{ ACT_INFO, IN_TABLE, { 'i' }, NULL,
	  "information: all notes, how pins are seen, what it cost" },
	{ ACT_UP, ANYWHERE, { KEY_UP, 'k', CTRL('P') }, NULL, "up" },
	{ ACT_DOWN, ANYWHERE, { KEY_DOWN, 'j', CTRL('N') }, NULL, "down" },
	{ ACT_LEFT, IN_TABLE | IN_PAGE, { KEY_LEFT }, NULL, "back to the columns before" },
	{ ACT_RIGHT, IN_TABLE | IN_PAGE, { KEY_RIGHT }, NULL, "columns further to the right" },
	{ ACT_PAGE_UP, ANYWHERE, { KEY_PPAGE, CTRL('B') }, NULL, "a screen up" },
	{ ACT_PAGE_DOWN, ANYWHERE, { KEY_NPAGE, CTRL('F') }, NULL, "a screen down" },
	{ ACT_HOME, ANYWHERE, { KEY_HOME, 'g' }, NULL, "first row" },
	{ ACT_END, ANYWHERE, { KEY_END, 'G' }, NULL, "last row" },
	{ ACT_REDRAW, ANYWHERE, { CTRL('L') }, NULL, "draw the screen again" },
	{ ACT_BACK, IN_PAGE | IN_MENU, { 'q', ESC, KEY_F(10), 'h' }, "Back", "back to the table" },
	{ ACT_QUIT, IN_TABLE, { KEY_F(10), 'q' }, "Quit", "quit" },
	{ .action = ACT_NONE },
};

enum action keys_action(int key, enum key_place place)
{
	const struct binding *b;
	int i;

	for (b = key_bindings; b->action; b++)
		for (i = 0; i < KEYS_PER_ACTION && b->keys[i]; i++)
			if (b->places & place && b->keys[i] == key)
				return b->action;
	return ACT_NONE;
}

size_t action_move(size_t at, long step, size_t nr)
{
	if (step < 0)
		return at > (size_t)-step ? at - (size_t)-step : 0;
	return nr && at + (size_t)step < nr ? at + (size_t)step : nr ? nr - 1 : 0;
}

long action_step(enum action action, int rows)
{
	switch (action) {
	case ACT_UP:
		return -1;
	case ACT_DOWN:
		return 1;
	case ACT_PAGE_UP:
		return -(rows > 1 ? rows : 1);
	case ACT_PAGE_DOWN:
		return rows > 1 ? rows : 1;
	case ACT_HOME:
		return -INT_MAX;
	case ACT_END:
		return INT_MAX;
	default:
		return 0;
	}
}

const char *keys_name(int key, char *buf, size_t size)
{
	static const struct {
		int key;
		const char *name;
	} names[] = {
		{ ' ', "Space" }, { '\t', "Tab" }, { '\r', "Enter" }, { '\n', "" },
		{ KEY_ENTER, "" }, { ESC, "Esc" }, { KEY_UP, "Up" }, { KEY_DOWN, "Down" },
		{ KEY_LEFT, "Left" }, { KEY_RIGHT, "Right" }, { KEY_PPAGE, "PgUp" },
		{ KEY_NPAGE, "PgDn" }, { KEY_HOME, "Home" }, { KEY_END, "End" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].key == key) {
			snprintf(buf, size, "%s", names[i].name);
			return buf;
		}
	}
	if (key >= KEY_F(1) && key <= KEY_F(12))
		snprintf(buf, size, "F%d", key - KEY_F0);
	else if (key < ' ')
		snprintf(buf, size, "Ctrl-%c", key | '@');
	else
		snprintf(buf, size, "%c", key);
	return buf;
}

const char *keys_names(const struct binding *b, char *buf, size_t size)
{
	size_t n = 0;
	char name[16];
	int i;

	*buf = '\0';
	for (i = 0; i < KEYS_PER_ACTION && b->keys[i] && n < size; i++) {
		keys_name(b->keys[i], name, sizeof(name));
		if (*name)
			n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? " " : "", name);
	}
	return buf;
}

static void help_line(struct page *page, const struct binding *b)
{
	char names[64];

	page__fact(page, keys_names(b, names, sizeof(names)), "%s", b->help);
}

void keys_help(struct page *page)
{
	const struct binding *b;

	page__line(page, STYLE_TOTAL, "Keys");
	for (b = key_bindings; b->action; b++)
		if (b->places & IN_TABLE)
			help_line(page, b);
	page__line(page, STYLE_PLAIN, "%s", "");
	page__line(page, STYLE_TOTAL, "Keys in pages like this one, and in lists");
	for (b = key_bindings; b->action; b++)
		if (!(b->places & IN_TABLE))
			help_line(page, b);
	page__line(page, STYLE_PLAIN, "%s", "");
	page__line(page, STYLE_TOTAL, "Keys while a text is typed");
	page__fact(page, "Enter", "%s", "keep it");
	page__fact(page, "Esc", "%s", "drop it");
	page__fact(page, "Ctrl-U", "%s", "empty it");
	page__fact(page, "Down F3", "%s", "search: the next row");
}
