/* SPDX-License-Identifier: GPL-2.0 */
/* What live events have seen, and what may have escaped them, as JSON. */
#ifndef PINSCOPE_LIVE_JSON_H
#define PINSCOPE_LIVE_JSON_H

#include <jansson.h>

#include "snapshot.h"

/* The member "live": null without live events. */
json_t *live_json(const struct snapshot *snap);

#endif
