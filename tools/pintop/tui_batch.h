/* SPDX-License-Identifier: GPL-2.0 */
/* pintop's output for files and programs. */
#ifndef PINSCOPE_TUI_BATCH_H
#define PINSCOPE_TUI_BATCH_H

#include "tui_model.h"

/* The header and the table as plain text, columns as wide as what is in them. */
void batch_text(const struct model *m, const char *source);

/* One JSON object on a line, see docs/schema/pintop.schema.json. 0, or -1 without memory. */
int batch_json(const struct model *m, const char *source);

#endif
