// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "drivers.h"
#include "stackname.h"

static const char separator[] = " < ";
static const char dots[] = "...";

const char *stackname_frame(const struct kallsyms *k, uint64_t addr, char *buf, size_t size)
{
	char of[24] = "";
	struct ksym sym;

	if (!kallsyms__lookup(k, addr, &sym)) {
		snprintf(buf, size, "0x%" PRIx64, addr);
		return buf;
	}
	if (sym.size)
		snprintf(of, sizeof(of), "/0x%" PRIx64, sym.size);
	snprintf(buf, size, "%s+0x%" PRIx64 "%s%s%s%s", sym.name, sym.offset, of,
		 sym.module[0] ? " [" : "", sym.module, sym.module[0] ? "]" : "");
	return buf;
}

void stackname_print(FILE *f, const struct kallsyms *k, const uint64_t *stack, size_t nr,
		     const char *indent)
{
	char line[640];
	size_t i;

	for (i = 0; i < nr; i++)
		fprintf(f, "%s%s\n", indent, stackname_frame(k, stack[i], line, sizeof(line)));
}

/* The name of a frame in a summary; false for one that says nothing there. */
static bool short_name(const struct kallsyms *k, uint64_t addr, char *buf, size_t size)
{
	struct ksym sym;

	if (!kallsyms__lookup(k, addr, &sym)) {
		snprintf(buf, size, "0x%" PRIx64, addr);
		return true;
	}
	function_of(sym.name, buf, size);
	return !is_pin_machinery(buf, sym.module);
}

/* Does any frame from @i on belong into the summary? */
static bool has_more(const struct kallsyms *k, const uint64_t *stack, size_t nr, size_t i)
{
	char name[128];

	while (i < nr)
		if (short_name(k, stack[i++], name, sizeof(name)))
			return true;
	return false;
}

const char *stackname_summary(const struct kallsyms *k, const uint64_t *stack, size_t nr,
			      size_t first, size_t width, char *buf, size_t size)
{
	const size_t gap = sizeof(separator) - 1, rest = gap + sizeof(dots) - 1;
	size_t i, len = 0;
	char name[128];

	if (!size)
		return buf;
	buf[0] = '\0';
	if (width > size - 1)
		width = size - 1;
	for (i = first; i < nr; i++) {
		size_t need, after;

		if (!short_name(k, stack[i], name, sizeof(name)))
			continue;
		need = (len ? gap : 0) + strlen(name);
		/* Room for the dots as well, unless this is the last one. */
		after = has_more(k, stack, nr, i + 1) ? rest : 0;
		if (len + need + after > width && len) {
			snprintf(buf + len, size - len, "%s%s", separator, dots);
			return buf;
		}
		if (need > width || (after && need + after > width)) {
			snprintf(buf, width + 1, "%s", name);
			if (need > width && width >= sizeof(dots))
				memcpy(buf + width - (sizeof(dots) - 1), dots, sizeof(dots) - 1);
			return buf;
		}
		snprintf(buf + len, size - len, "%s%s", len ? separator : "", name);
		len += need;
	}
	return buf;
}
