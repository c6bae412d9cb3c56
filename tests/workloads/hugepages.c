// SPDX-License-Identifier: GPL-2.0
/* The system's pool of hugetlb pages. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim.h"

#define NR_HUGEPAGES	"/proc/sys/vm/nr_hugepages"

static long old_nr_hugepages = -1;
static pid_t raised_by;

long meminfo(const char *name)
{
	FILE *f = fopen("/proc/meminfo", "re");
	size_t len = strlen(name);
	char line[128];
	long v = -1;

	while (f && v < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, len) && line[len] == ':')
			v = strtol(line + len + 1, NULL, 10);
	if (f)
		fclose(f);
	return v;
}

static bool write_nr_hugepages(long n)
{
	FILE *f = fopen(NR_HUGEPAGES, "we");
	bool ok = f && fprintf(f, "%ld\n", n) > 0;

	return f && !fclose(f) && ok;
}

void hugepages_put_back(void)
{
	if (old_nr_hugepages >= 0 && raised_by == getpid())
		write_nr_hugepages(old_nr_hugepages);
	old_nr_hugepages = -1;
}

/*
 * Reserved pages are promised to others: they are not free for us. The kernel
 * subtracts from their number, unsigned, before it adds (seen: v7.3): then it is
 * larger than any long.
 */
static long free_hugepages(void)
{
	long reserved = meminfo("HugePages_Rsvd");

	return meminfo("HugePages_Free") - (reserved == LONG_MAX ? 0 : reserved);
}

void hugepages_reserve(struct sim *s, long n)
{
	long lack = n - free_hugepages(), total = file_number(NR_HUGEPAGES);

	if (lack <= 0 || total < 0)
		return;
	old_nr_hugepages = total;
	raised_by = getpid();
	if (!write_nr_hugepages(total + lack))
		note(s, "%s: %s", NR_HUGEPAGES, strerror(errno));
}

void hugepages_want(long n)
{
	long have = free_hugepages();

	if (have < n)
		cannot("%ld free huge pages (%ld are): raise %s, or --reserve-hugepages", n, have,
		       NR_HUGEPAGES);
}
