/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads a trace that record.h wrote. Trusts nothing in the file: whatever it
 * holds, the calls that come from it are consistent (see replay__run()), the
 * texts are clean (see text_clean()) and take no more memory than the file
 * takes room.
 */
#ifndef PINSCOPE_REPLAY_H
#define PINSCOPE_REPLAY_H

#include "fail.h"
#include "sitename.h"
#include "trace_call.h"
#include "trace_info.h"
#include "ustack_name.h"

struct replay;

/*
 * Reads the header of @path; "-" is standard input. NULL on failure. @path must
 * live as long as what is returned.
 */
struct replay *replay__open(const char *path, struct fail *fail);
void replay__close(struct replay *r);

/* Lives until replay__close(), with the names of flags. */
const struct trace_info *replay__info(const struct replay *r);

/*
 * Gives all calls in the order in which they were recorded; to be called once.
 * The pins of a call's runs and those lost are together all its pins, no run
 * is empty or of an order above 31, functions and contexts are known ones. -1
 * when the file is damaged or cannot be read: @fail says where; what stands
 * before was given.
 */
int replay__run(struct replay *r, trace_call_fn fn, void *arg, struct fail *fail);

/* Of an id in a call that was given; NULL: none was recorded. They live until replay__close(). */
const struct named_site *replay__site(const struct replay *r, uint64_t id);
const struct named_ustack *replay__ustack(const struct replay *r, uint64_t id);

/* After replay__run(): whether the file has no end, as when the tool was killed. */
bool replay__truncated(const struct replay *r);

/* After replay__run(). Of a truncated file: all 0, and the time of the newest call. */
const struct trace_health *replay__health(const struct replay *r);
uint64_t replay__ended_ns(const struct replay *r);	/* CLOCK_MONOTONIC */

#endif
