/* SPDX-License-Identifier: GPL-2.0 */
/* The state of the live screen, and how it is drawn. */
#ifndef PINSCOPE_TUI_UI_H
#define PINSCOPE_TUI_UI_H

#include "source.h"
#include "tui_keys.h"
#include "tui_layout.h"
#include "tui_model.h"
#include "tui_page.h"
#include "tui_prompt.h"
#include "tui_summary.h"

enum mode {
	MODE_TABLE,
	MODE_PAGE,
	MODE_MENU,
	MODE_SEARCH,
	MODE_FILTER,
};

enum page_kind {
	PAGE_HELP,
	PAGE_INFO,
	PAGE_ROW,
};

enum menu_kind {
	MENU_SORT,
	MENU_USER,
};

struct ui {
	struct model model;
	struct source *src;
	enum mode mode;
	double delay;		/* as asked for */
	double refreshed;	/* when the newest data came */
	double pause;		/* from then to the next refresh: longer where a scan takes long */
	double started;
	bool paused;
	bool quit;
	char message[80];	/* in place of the keys, until the next one is pressed */
	char search[64];

	/* The table. */
	size_t selected;	/* in model.shown */
	struct row_id selected_id;
	bool follows;		/* the selection stays on its row, wherever that moves */
	size_t top;		/* first row of the list on the screen */
	size_t skip;		/* columns scrolled away */

	struct page page;
	enum page_kind page_kind;
	struct row_id page_id;	/* PAGE_ROW: whose */

	struct page menu;	/* one line for each choice */
	enum menu_kind menu_kind;
	size_t choice;
	const struct column *menu_columns[COLUMNS_MAX];
	uid_t *menu_users;

	struct prompt prompt;
};

/* Where things stand on a screen of this size; a row below 0 is not there. */
struct geometry {
	int rows, cols;
	int facts, nr_facts;	/* first line and how many */
	int hidden;		/* what the filters hide */
	int tabs;		/* views, order, delay */
	int head;		/* titles of the columns */
	int list, nr_list;	/* the rows that scroll */
	int nr_others;		/* below them: rows that do not */
	int nr_page, nr_menu;	/* lines that a page and a list to choose from have */
	int bar;
};

struct geometry ui_geometry(const struct ui *ui);

/* Moves selection and list into what there is to see, after anything has changed. */
void ui_settle(struct ui *ui);

void ui_draw(struct ui *ui);

#endif
