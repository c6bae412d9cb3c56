/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PINSCOPE_LEAK_SPAN_H
#define PINSCOPE_LEAK_SPAN_H

#include <stdint.h>

/* Nanoseconds from "30", "30s", "1.5m", "2h", "7d". 0, or -EINVAL with *@ns untouched. */
int leak_span_parse(const char *text, uint64_t *ns);

#endif
