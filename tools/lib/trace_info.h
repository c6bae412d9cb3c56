/* SPDX-License-Identifier: GPL-2.0 */
/* What is true of a whole trace, be it live or replayed. */
#ifndef PINSCOPE_TRACE_INFO_H
#define PINSCOPE_TRACE_INFO_H

#include <stdint.h>

struct trace_info {
	char kernel[65];	/* release and machine of the kernel that was traced, as uname(2) */
	char machine[65];
	uint64_t began_ns;	/* CLOCK_MONOTONIC */
	int64_t wall_ns;	/* what to add to CLOCK_MONOTONIC for nanoseconds since the epoch */
	uint32_t page_size;
	const struct foll_names *flags;	/* see follflags.h */
};

#endif
