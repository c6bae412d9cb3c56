/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PINSCOPE_RECHECK_H
#define PINSCOPE_RECHECK_H

#include "snapshot.h"

/*
 * Reads every reported folio again and counts in @snap's changed_folios and
 * changed_pins those that are no longer as reported: released, pinned more or
 * less often, freed, or mapped where they were not.
 */
void recheck(struct snapshot *snap);

#endif
