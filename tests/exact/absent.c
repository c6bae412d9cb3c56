// SPDX-License-Identifier: GPL-2.0
/* What a kernel is known to lack. Anything else that "cannot be had here" is a failure. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "exact.h"
#include "vec.h"

static char **globs;
static size_t nr_globs, cap_globs;

void absent_add(const char *list)
{
	char *words = xstrdup(list), *word;

	for (word = strtok(words, " "); word; word = strtok(NULL, " "))
		*vec_push(globs, nr_globs, cap_globs) = word;
}

/* By the scenario's name, whatever its options. */
static bool is_absent(const char *line)
{
	char *name = xstrdup(line);
	bool found = false;
	size_t i;

	name[strcspn(name, " ")] = '\0';
	for (i = 0; i < nr_globs && !found; i++)
		found = !fnmatch(globs[i], name, 0);
	free(name);
	return found;
}

void absent_check(const char *line, int status)
{
	bool absent = is_absent(line);

	if (status != 77)
		ok(false, "%s: pins (pinsim ended with %d)", line, status);
	else if (absent)
		ok(true, "%s # SKIP this kernel has none", line);
	else
		ok(false, "%s: can be had here", line);
}

void absent_works(const char *line)
{
	if (is_absent(line))
		ok(false, "%s: is said to be absent, and works", line);
}
