/* SPDX-License-Identifier: GPL-2.0 */
/* What an audit asks the running machine. */
#ifndef PINSCOPE_AUDIT_LIVE_H
#define PINSCOPE_AUDIT_LIVE_H

#include "audit.h"
#include "tracer.h"

struct audit_live;

/* @each and @arg are those of tracer__read(): what is told during the audit goes there, too. */
struct audit_live *audit_live__new(struct scanner *s, struct tracer *t, trace_call_fn each,
				   void *arg);
void audit_live__free(struct audit_live *l);

/* For audit_opts.machine; its functions expect @arg of audit_opts to begin with this. */
struct audit_live_arg {
	struct audit_live *live;
};
extern const struct audit_machine audit_live_machine;

#endif
