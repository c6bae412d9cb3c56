// SPDX-License-Identifier: GPL-2.0
/* Multi-size THP: private memory in folios of 64 KiB (anonymous memory has them since Linux 6.8). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim.h"

#define SETTING	"/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled"

size_t mthp_unit(void)
{
	if (page_size() >= 64 * KIB || access(SETTING, F_OK))
		cannot("huge pages of 64 KiB: no %s", SETTING);
	return 64 * KIB;
}

static bool set(const char *word)
{
	FILE *f = fopen(SETTING, "we");
	bool ok = f && fputs(word, f) >= 0;

	return f && !fclose(f) && ok;
}

/* "always inherit madvise [never]": the one in brackets. */
static void get(char word[16])
{
	FILE *f = fopen(SETTING, "re");

	if (!f || fscanf(f, "%*[^[][%15[^]]", word) != 1)
		cannot("%s: %s", SETTING, f ? "has no word in brackets" : strerror(errno));
	fclose(f);
}

/*
 * It matters only while pages are faulted in, so it is put back at once. Advised
 * piece by piece: a mapping of 2 MiB that is advised as a whole gets one of those.
 */
void mthp_fill(const struct mem *m)
{
	char before[16], *p;

	get(before);
	if (!set("madvise"))
		cannot("%s: %s", SETTING, strerror(errno));
	for (p = m->map; p < (char *)m->map + m->map_len; p += m->unit)
		if (!madvise(p, m->unit, MADV_HUGEPAGE))
			*(volatile char *)p = 1;
	if (!set(before))
		fail("%s: cannot put back '%s': %s", SETTING, before, strerror(errno));
}
