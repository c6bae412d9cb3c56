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

/*
 * Of the running kernel, whose types are in the file @btf (NULL: the kernel
 * has them), beginning now; @flags is filled, too. 0, or -1 with @fail filled.
 */
struct fail;
int trace_info__read(struct trace_info *info, struct foll_names *flags, const char *btf,
		     struct fail *fail);

#endif
