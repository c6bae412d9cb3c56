/* SPDX-License-Identifier: GPL-2.0 */
/* Lists to choose from: what to sort by, whose processes to show. */
#ifndef PINSCOPE_TUI_MENU_H
#define PINSCOPE_TUI_MENU_H

#include "tui_ui.h"

void menu_open_sort(struct ui *ui);
void menu_open_user(struct ui *ui);
void menu_action(struct ui *ui, enum action action);

#endif
