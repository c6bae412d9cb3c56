/* SPDX-License-Identifier: GPL-2.0 */
/* Text that fills a given number of columns, with Unicode where the locale has it. */
#ifndef PINSCOPE_TUI_TEXT_H
#define PINSCOPE_TUI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TUI_TEXT_MAX 4096	/* room for a line of any width that is shown */

enum tui_fit {
	FIT_LEFT,	/* blanks behind; cut at the end */
	FIT_RIGHT,	/* blanks before; cut at the end */
	FIT_TAIL,	/* blanks behind; cut at the beginning: the end of a path says most */
};

/* Sets LC_CTYPE from the environment and finds out whether it is UTF-8. */
void tui_text_init(void);
bool tui_unicode(void);

/* Columns that the UTF-8 string @s takes. */
int tui_width(const char *s);

/*
 * Exactly @cols columns of @s, which has been through text_clean(). What is
 * cut leaves a mark; without UTF-8, other characters than ASCII become '?'.
 */
const char *tui_fit(const char *s, int cols, enum tui_fit fit, char *buf, size_t size);

/* "25 ms", "1.6 s". */
const char *tui_took(uint64_t ns, char *buf, size_t size);

/* Something a second: "0", "<0.1", "0.3", "12", "99999", "100k", "1.2M"; at most 6 columns. */
const char *tui_rate(double rate, char *buf, size_t size);

/* One column for each of @v: its height is its share of @max. Zero is a blank. */
const char *tui_spark(const uint64_t *v, size_t nr, uint64_t max, char *buf, size_t size);

/* A horizontal bar of @cols columns, filled by @part of @whole. */
const char *tui_meter(uint64_t part, uint64_t whole, int cols, char *buf, size_t size);

#endif
