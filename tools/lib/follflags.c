// SPDX-License-Identifier: GPL-2.0
#include <bpf/btf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "follflags.h"

static const char prefix[] = "FOLL_";

/*
 * include/linux/mm.h of v6.1. v6.2, the last one with macros, has two more,
 * FOLL_PCI_P2PDMA (4003f107fa2e) and FOLL_INTERRUPTIBLE (93c5c61d9e58), and no
 * longer FOLL_MIGRATION.
 */
static const char *const v6_1[FOLL_BITS] = {
	[0] = "FOLL_WRITE", [1] = "FOLL_TOUCH", [2] = "FOLL_GET", [3] = "FOLL_DUMP",
	[4] = "FOLL_FORCE", [5] = "FOLL_NOWAIT", [7] = "FOLL_NOFAULT", [8] = "FOLL_HWPOISON",
	[10] = "FOLL_MIGRATION", [11] = "FOLL_TRIED", [13] = "FOLL_REMOTE", [15] = "FOLL_ANON",
	[16] = "FOLL_LONGTERM", [17] = "FOLL_SPLIT_PMD", [18] = "FOLL_PIN",
	[19] = "FOLL_FAST_ONLY",
};

static void set_name(struct foll_names *names, unsigned int bit, const char *name)
{
	snprintf(names->name[bit], sizeof(names->name[bit]), "%s", name);
}

/* The names that an enum gives to single bits. */
static bool read_enum(struct foll_names *names, const struct btf *btf, const struct btf_type *t)
{
	const struct btf_enum *e = btf_enum(t);
	bool any = false;
	uint32_t i;

	for (i = 0; i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, e[i].name_off);
		uint32_t value = e[i].val;

		if (strncmp(name, prefix, sizeof(prefix) - 1) || !value || value & (value - 1))
			continue;
		set_name(names, __builtin_ctz(value), name);
		any = true;
	}
	return any;
}

void foll_names_read(struct foll_names *names, const struct btf *btf)
{
	uint32_t nr = btf__type_cnt(btf), i;
	bool any = false;

	memset(names, 0, sizeof(*names));
	for (i = 1; i < nr; i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);

		if (btf_is_enum(t) && !t->name_off)
			any |= read_enum(names, btf, t);
	}
	for (i = 0; i < FOLL_BITS && !any; i++)
		if (v6_1[i])
			set_name(names, i, v6_1[i]);
}

uint32_t foll_value(const struct foll_names *names, const char *name)
{
	const size_t skip = sizeof(prefix) - 1;
	uint32_t i;

	if (!strncasecmp(name, prefix, skip))
		name += skip;
	for (i = 0; i < FOLL_BITS; i++)
		if (names->name[i][0] && !strcasecmp(names->name[i] + skip, name))
			return 1U << i;
	return 0;
}

const char *foll_text(const struct foll_names *names, uint32_t flags, char *buf, size_t size)
{
	uint32_t i, unknown = 0;
	size_t len = 0;

	for (i = 0; i < FOLL_BITS; i++) {
		if (!(flags & 1U << i))
			continue;
		if (!names->name[i][0])
			unknown |= 1U << i;
		else if (len < size)
			len += snprintf(buf + len, size - len, "%s%s", len ? "|" : "",
					names->name[i]);
	}
	if (unknown && len < size)
		snprintf(buf + len, size - len, "%s0x%x", len ? "|" : "", unknown);
	if (!flags)
		snprintf(buf, size, "0");
	return buf;
}
