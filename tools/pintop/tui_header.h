/* SPDX-License-Identifier: GPL-2.0 */
/* The upper part of the live screen: title, facts, views. */
#ifndef PINSCOPE_TUI_HEADER_H
#define PINSCOPE_TUI_HEADER_H

#include "tui_ui.h"

/* Lines that all facts take on a screen of so many columns. */
int header_lines(const struct fact *facts, size_t n, int cols);

void header_draw(const struct ui *ui, const struct geometry *g);

#endif
