/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of the pages behind the table that only live events can fill. */
#ifndef PINSCOPE_TUI_DETAIL_LIVE_H
#define PINSCOPE_TUI_DETAIL_LIVE_H

#include "tui_page.h"
#include "tui_rows.h"

/* How pins come and go, and how long they are held; nothing without live events. */
void detail_flow(struct page *page, const struct row *row);

/* What a driver pins from, the stack of a site. After the facts that every row has. */
void detail_driver(struct page *page, const struct row *row);
void detail_site(struct page *page, const struct row *row);

/* How calls are seen, function by function, what was lost, and the ledger's size. */
void detail_events(struct page *page, const struct snap_live *live);

#endif
