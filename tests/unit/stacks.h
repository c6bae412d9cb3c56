/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stacks of pin and unpin calls from text files, and a kallsyms file made up of
 * their functions.
 *
 *	stack NAME WAY ORIGIN		WAY: how the call was seen, ORIGIN: real or composed
 *	want DRIVER DETAIL FUNCTION	"-" for none
 *	 function+0xoffset [module]	innermost first; or several in a line, " < " between
 */
#ifndef PINSCOPE_TEST_STACKS_H
#define PINSCOPE_TEST_STACKS_H

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kallsyms.h"
#include "vec.h"

#define STACKS_BASE 0xffffffff81000000ull
#define STACKS_STEP 0x10000ull	/* more than any offset in the files */

struct stack {
	char name[64], way[32], origin[16];
	char driver[64], detail[64], function[128];
	uint64_t addr[64];
	size_t nr;
};

/* Symbols are "name" or "name\t[module]", as in the file to write; index = address. */
struct stacks {
	struct stack *s;
	size_t nr, cap;
	char **symbols;
	size_t nr_symbols, cap_symbols;
};

static inline uint64_t stacks_symbol(struct stacks *all, const char *symbol)
{
	size_t i;

	for (i = 0; i < all->nr_symbols; i++)
		if (!strcmp(all->symbols[i], symbol))
			return STACKS_BASE + i * STACKS_STEP;
	*vec_push(all->symbols, all->nr_symbols, all->cap_symbols) = xstrdup(symbol);
	return STACKS_BASE + i * STACKS_STEP;
}

/* The address of "function+0xoffset [module]"; the offset may be missing. */
static inline uint64_t stacks_frame(struct stacks *all, const char *text)
{
	char name[128], module[64] = "", symbol[200];
	const char *plus = strchr(text, '+'), *bracket = strchr(text, '[');
	unsigned long offset = plus ? strtoul(plus + 1, NULL, 16) : 0;

	if (sscanf(text, "%127[^+ \n]", name) != 1 ||
	    (bracket && sscanf(bracket, "[%63[^]]]", module) != 1) || offset >= STACKS_STEP) {
		fprintf(stderr, "not a frame: %s\n", text);
		abort();
	}
	snprintf(symbol, sizeof(symbol), "%s%s%s%s", name, bracket ? "\t[" : "", module,
		 bracket ? "]" : "");
	return stacks_symbol(all, symbol) + offset;
}

static inline void stacks_frames(struct stacks *all, struct stack *s, char *line)
{
	char *text, *rest = line;

	while ((text = strsep(&rest, "<\n"))) {
		text += strspn(text, " ");
		if (!*text)
			continue;
		assert(s->nr < sizeof(s->addr) / sizeof(s->addr[0]));
		s->addr[s->nr++] = stacks_frame(all, text);
	}
}

/* Adds those of the file at @path; false when it cannot be read. */
static inline bool stacks_read(struct stacks *all, const char *path)
{
	FILE *f = fopen(path, "re");
	struct stack *s = NULL;
	char line[512];

	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "stack ", 6)) {
			s = vec_push(all->s, all->nr, all->cap);
			memset(s, 0, sizeof(*s));
			if (sscanf(line, "stack %63s %31s %15s", s->name, s->way, s->origin) != 3)
				abort();
		} else if (!strncmp(line, "want ", 5)) {
			if (sscanf(line, "want %63s %63s %127s", s->driver, s->detail,
				   s->function) != 3)
				abort();
			if (!strcmp(s->detail, "-"))
				s->detail[0] = '\0';
			if (!strcmp(s->function, "-"))
				s->function[0] = '\0';
		} else if (line[0] == ' ') {
			stacks_frames(all, s, line);
		}
	}
	fclose(f);
	return true;
}

/* Writes the symbols as a kallsyms file into the empty file @path. */
static inline void stacks_write_symbols(const struct stacks *all, const char *path)
{
	FILE *f = fopen(path, "we");
	size_t i;

	assert(f);
	for (i = 0; i < all->nr_symbols; i++)
		fprintf(f, "%016llx t %s\n", (unsigned long long)(STACKS_BASE + i * STACKS_STEP),
			all->symbols[i]);
	fclose(f);
}

static inline void stacks_free(struct stacks *all)
{
	size_t i;

	for (i = 0; i < all->nr_symbols; i++)
		free(all->symbols[i]);
	free(all->symbols);
	free(all->s);
	memset(all, 0, sizeof(*all));
}

#endif
