/* SPDX-License-Identifier: GPL-2.0 */
/* Values of JSON that several views write. */
#ifndef PINSCOPE_TRACE_MEMBERS_H
#define PINSCOPE_TRACE_MEMBERS_H

#include <jansson.h>

#include "trace_view.h"

json_t *value_count(uint64_t v);
/* @text without what is no UTF-8; null for NULL. */
json_t *value_text(const char *text);
/* The same of a process's name, which need not end in '\0'. */
json_t *value_comm(const char *comm);
json_t *value_frames(char *const *frames, size_t nr);
json_t *value_site(const struct named_site *site, bool stack);
json_t *value_user_stack(const struct named_ustack *ustack);

/* All about a pin call but when it ended: members of @o. */
void members_pin(json_t *o, const struct trace_view *v, const struct shown_pin *pin);

/* The rule that was broken, the pin call and the release, with their stacks: members of @o. */
void members_violation(json_t *o, const struct trace_view *v, const struct shown_violation *s);
/* How often each of the @rules was broken. */
json_t *value_violations(const struct audit *audit, uint32_t rules);

#endif
