/* SPDX-License-Identifier: GPL-2.0 */
/* Page frame ranges as people write them and as the kernel prints them: --pfn. */
#ifndef PINSCOPE_PFNSPEC_H
#define PINSCOPE_PFNSPEC_H

#include "ranges.h"

/*
 * Reads @s into @out, a range without its end. Numbers are hexadecimal, "0x"
 * or not:
 *
 *   2ef00			one page frame
 *   2ef00-2f00a		both ends included
 *   2ef00+200			0x200 page frames
 *   [2ef00, 2f00a)		without 2f00a, as the kernel prints it
 *   [2ef00, 2f00a]		with 2f00a
 *
 * The last two also inside a line of the kernel's log, such as
 * "[   12.345678] alloc_contig_range: [2ef00, 2f00a) PFNs busy".
 *
 * 0; -EINVAL for what is no range or an empty one, -ERANGE for a number that
 * no page frame has. Then @out is untouched and *@why, which may be NULL, says
 * in a few words what is wrong.
 */
int pfnspec_parse(const char *s, struct pfn_range *out, const char **why);

#endif
