/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What was held some other time, by a file that pinleak -j wrote. Processes and
 * addresses are others since: what has the same name, driver and functions, and
 * is long-term or not, is the like, and counts together.
 */
#ifndef PINSCOPE_LEAK_BASELINE_H
#define PINSCOPE_LEAK_BASELINE_H

#include <stdbool.h>

#include "fail.h"
#include "snapshot.h"

struct leak_baseline;

/* The last look in @file. NULL with @fail filled. */
struct leak_baseline *leak_baseline__read(const char *file, struct fail *fail);
void leak_baseline__free(struct leak_baseline *b);

/* Another look begins: first all that is held now is added. */
void leak_baseline__begin(struct leak_baseline *b);
void leak_baseline__add(struct leak_baseline *b, const char *comm, const struct live_site *site,
			const struct live_hold *hold);

/* Then: is more of the like held than at that time? *@pins: as many were held then. */
bool leak_baseline__is_more(struct leak_baseline *b, const char *comm,
			    const struct live_site *site, const struct live_hold *hold,
			    uint64_t *pins);

#endif
