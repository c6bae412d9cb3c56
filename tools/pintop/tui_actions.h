/* SPDX-License-Identifier: GPL-2.0 */
/* What keys do to the state of the live screen. */
#ifndef PINSCOPE_TUI_ACTIONS_H
#define PINSCOPE_TUI_ACTIONS_H

#include "tui_ui.h"

/* One key, whatever is on the screen. True when it asks for a scan now. */
bool ui_key(struct ui *ui, int key);

/* Fills the page that is shown anew from the newest snapshot. */
void ui_fill_page(struct ui *ui);

#endif
