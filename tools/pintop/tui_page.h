/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of text to scroll through: help, details, information. */
#ifndef PINSCOPE_TUI_PAGE_H
#define PINSCOPE_TUI_PAGE_H

#include <stddef.h>

#include "tui_screen.h"

struct page_line {
	char *label;		/* stands before the text, NULL for none */
	char *text;		/* fit for a terminal */
	enum style style;
};

struct page {
	char *title;
	struct page_line *lines;
	size_t nr, cap;
	size_t top;		/* first line shown */
	size_t left;		/* columns scrolled away */
};

/* Empties the page; where one was looking at stays. */
void page__begin(struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void page__free(struct page *p);

void page__line(struct page *p, enum style style, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* "Label           text", the label in a style and a column of its own. */
void page__fact(struct page *p, const char *label, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A paragraph, broken at blanks into lines of at most @cols columns. */
void page__wrap(struct page *p, int cols, const char *text);

/* Scrolls by @lines, within what is there. @rows of it are seen at a time. */
void page__scroll(struct page *p, long lines, int rows);

/* Draws it into the lines from @y on. */
void page__draw(const struct page *p, int y, int rows);
/* Draws line @nr of it once more, as selected. */
void page__highlight(const struct page *p, int y, size_t nr);

#endif
