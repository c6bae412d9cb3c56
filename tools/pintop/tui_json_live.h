/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of pintop's JSON that only live events can fill. */
#ifndef PINSCOPE_TUI_JSON_LIVE_H
#define PINSCOPE_TUI_JSON_LIVE_H

#include <jansson.h>

#include "tui_rows.h"

/* Adds to a row's object what no column has. */
void live_row_json(json_t *o, const struct row *row);

/* ["io_uring", "rdma"] of "io_uring, rdma"; NULL: none. */
json_t *names_json(const char *names);

#endif
