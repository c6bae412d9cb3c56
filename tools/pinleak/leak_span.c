// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "leak_span.h"

#define SPAN_MOST 1e9	/* seconds */

int leak_span_parse(const char *text, uint64_t *ns)
{
	static const char units[] = "smhd";
	static const double seconds[] = { 1, 60, 3600, 86400 };
	size_t len = strlen(text);
	double value, factor = 1;
	const char *unit;
	char number[32];

	if (!len || len >= sizeof(number))
		return -EINVAL;
	unit = strchr(units, text[len - 1]);
	if (unit) {
		factor = seconds[unit - units];
		len--;
	}
	snprintf(number, sizeof(number), "%.*s", (int)len, text);
	if (parse_seconds(number, 0, SPAN_MOST / factor, &value))
		return -EINVAL;
	*ns = (uint64_t)(value * factor * 1e9);
	return 0;
}
