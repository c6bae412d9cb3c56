/* SPDX-License-Identifier: GPL-2.0 */
/* The terminal: taken over, drawn on, given back. The only file that knows ncurses' attributes. */
#ifndef PINSCOPE_TUI_SCREEN_H
#define PINSCOPE_TUI_SCREEN_H

#include <stdbool.h>

#include "fail.h"
#include "tui_text.h"

enum style {
	STYLE_PLAIN,
	STYLE_LABEL,	/* what a number is */
	STYLE_TOTAL,
	STYLE_WARN,
	STYLE_BAD,	/* data was lost */
	STYLE_DIM,	/* zeros, and what is only for orientation */
	STYLE_HEAD,	/* titles of columns */
	STYLE_HEAD_SORT,
	STYLE_TAB,	/* the view that is shown */
	STYLE_SELECTED,
	STYLE_KEY,	/* in the bar at the bottom, F1 */
	STYLE_KEY_NAME,	/* and what it does */
	STYLE_UP,	/* more is pinned than before */
	STYLE_DOWN,
	STYLE_BAR,
	STYLE_OTHER,	/* rows that are no process */
	STYLES,
};

/* Is there a terminal to draw on? 0, or -1 with @fail filled. */
int screen__check(struct fail *fail);

/*
 * Takes over the terminal, without colours if not @color. Words on stderr are
 * held back until screen__end(), which also runs at exit(). 0, or -1 with @fail filled.
 */
int screen__begin(bool color, struct fail *fail);
void screen__end(void);

int screen__rows(void);
int screen__cols(void);

/* Erases what was drawn; nothing is seen before screen__show(). */
void screen__clear(void);
void screen__show(void);
/* Draws everything again, also what should still be there. */
void screen__redraw(void);

/* @cols columns of @text; clipped at the border. Returns the column behind. */
int screen__put(int y, int x, int cols, enum tui_fit fit, enum style style, const char *text);
/* As many columns as the text takes. */
int screen__print(int y, int x, enum style style, const char *text);
/* Fills a line with blanks of @style. */
void screen__fill(int y, enum style style);
/* Puts the cursor there, or hides it with @x below 0. */
void screen__cursor(int y, int x);

/* The next key, or -1 if none waits. Values above 255 are ncurses' KEY_. */
int screen__key(void);

#endif
