/* SPDX-License-Identifier: GPL-2.0 */
/* How live events are seen and what may have escaped them, in words. */
#ifndef PINSCOPE_HEALTH_H
#define PINSCOPE_HEALTH_H

#include <stddef.h>

#include "snapshot.h"

/* "15 by fentry; lost 0; missed runs 0; scan 1.2s old": what the header says of them. */
const char *health_events(const struct snapshot *snap, char *buf, size_t size);
/* Can all functions be seen? */
bool health_sees_all(const struct snap_live *live);

/* "3 pins had no room in the ledger, ...": by cause; "" when nothing was lost. */
const char *health_lost(const struct snap_live *live, char *buf, size_t size);

/* Has anything been lost for good, or does the kernel count other pins than the ledger has? */
bool health_is_bad(const struct snap_live *live);

/* What the numbers do not explain themselves: note @nr; NULL after the last. Static buffer. */
const char *health_note(const struct snapshot *snap, size_t nr);

/* "no_entry" of enum ledger_loss: a member in JSON. */
const char *health_loss_name(enum ledger_loss loss);

#endif
