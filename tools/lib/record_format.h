/* SPDX-License-Identifier: GPL-2.0 */
/* The format of recorded traces, pintrace.dat(5), as far as writer and reader share it. */
#ifndef PINSCOPE_RECORD_FORMAT_H
#define PINSCOPE_RECORD_FORMAT_H

#include "../../bpf/ledger.h"
#include "../../bpf/trace.h"

#define RECORD_MAGIC "PINTRACE"
#define RECORD_MAGIC_SIZE 8
#define RECORD_BYTE_ORDER 0x01020304
#define RECORD_VERSION 1
#define RECORD_BEGIN_SIZE 20		/* magic to header size: the same in all versions */
#define RECORD_HEADER_MOST 65536
#define RECORD_HEAD_SIZE 8		/* type, flags, length */
#define RECORD_TEXT 4096		/* bytes */
#define RECORD_FRAMES 127
/* More pages than the array of one pin call can have (kvmalloc() ends at 2 GiB). */
#define RECORD_RUNS (1U << 28)

enum record_type {
	RECORD_SITE = 1,
	RECORD_USTACK,
	RECORD_CALL,
	RECORD_END,
};

/* Members of struct trace_event with their bits, in the order in which a call record has them. */
#define RECORD_CALL_FIELDS(F)                                                                 \
	F(32, type)                                                                           \
	F(16, function)                                                                       \
	F(16, context)                                                                        \
	F(64, seq)                                                                            \
	F(64, pins)                                                                           \
	F(64, time_ns)                                                                        \
	F(64, begun_ns)                                                                       \
	F(64, start)                                                                          \
	F(64, wanted)                                                                         \
	F(64, got)                                                                            \
	F(64, site)                                                                           \
	F(64, ustack)                                                                         \
	F(64, cgroup)                                                                         \
	F(64, owner_start_ns)                                                                 \
	F(64, start_ns)                                                                       \
	F(32, owner)                                                                          \
	F(32, tgid)                                                                           \
	F(32, tid)                                                                            \
	F(32, uid)                                                                            \
	F(32, flags)

/* Members of struct trace_health that stand in the end record before lost[]. */
#define RECORD_HEALTH_FIELDS(F)                                                               \
	F(totals.seq)                                                                         \
	F(totals.pinned)                                                                      \
	F(totals.released)                                                                    \
	F(totals.calls)                                                                       \
	F(totals.releases)                                                                    \
	F(totals.dropped_calls)                                                               \
	F(totals.dropped_pins)                                                                \
	F(totals.dropped_releases)                                                            \
	F(totals.dropped_unpins)                                                              \
	F(totals.dropped_exits)                                                               \
	F(totals.filtered)                                                                    \
	F(nested)                                                                             \
	F(missed_runs)                                                                        \
	F(follow_lost)

/* Functions go by name, their numbers follow the kernel's sources. These go by number. */
_Static_assert(TRACE_PIN == 1 && TRACE_UNPIN == 2 && TRACE_EXIT == 3, "types are as in the file");
_Static_assert(IN_TASK == 0 && IN_SOFTIRQ == 1 && IN_HARDIRQ == 2 && LEDGER_CONTEXTS == 3,
	       "contexts are as in the file");
_Static_assert(LOST_NO_ENTRY == 0 && LOST_UNREADABLE == 3 && LOST_EXIT == 8 && LOST_CAUSES == 9,
	       "causes are as in the file: new ones come last, there and in pintrace.dat(5)");

#define RECORD_FUNCTION(name) #name,
static const char *const record_functions[GUP_FUNCTIONS] = {
	PIN_FUNCTIONS(RECORD_FUNCTION)
	UNPIN_FUNCTIONS(RECORD_FUNCTION)
};
#undef RECORD_FUNCTION

#endif
