// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <search.h>
#include <string.h>

#include "cli.h"
#include "leak_baseline.h"
#include "leak_frames.h"
#include "leak_view.h"
#include "vec.h"

struct kind {
	char *key;
	uint64_t before, now;	/* pins */
};

struct leak_baseline {
	void *kinds;		/* struct kind by key, as tsearch(3) has them */
};

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct kind *)a)->key, ((const struct kind *)b)->key);
}

static void free_kind(void *p)
{
	free(((struct kind *)p)->key);
	free(p);
}

/* Wherever in the program it is. */
static struct kind *kind_of(struct leak_baseline *b, const char *comm,
			    const struct live_site *site, bool longterm)
{
	struct live_site in_kernel = *site;
	char *stack;
	struct kind *kind = xcalloc(1, sizeof(*kind)), **found;

	in_kernel.ustack = NULL;
	stack = frames_folded(comm, &in_kernel);
	kind->key = xasprintf("%d;%s;%s", longterm, site->driver, stack);
	free(stack);
	found = tsearch(kind, &b->kinds, by_key);
	if (*found != kind)
		free_kind(kind);
	return *found;
}

/* A row of the file. False: it is none. */
static bool add_row(struct leak_baseline *b, const json_t *row)
{
	const char *comm = json_string_value(json_object_get(row, "comm"));
	const char *driver = json_string_value(json_object_get(row, "driver"));
	const json_t *frames = json_object_get(row, "frames");
	const json_t *pins = json_object_get(row, "pins");
	struct live_site site = { .driver = (char *)driver };
	size_t i;

	if (!comm || !driver || !json_is_array(frames) || !json_is_integer(pins) ||
	    json_integer_value(pins) < 0)
		return false;
	site.truncated = json_is_true(json_object_get(row, "truncated"));
	site.nr_frames = json_array_size(frames);
	site.frames = xcalloc(site.nr_frames, sizeof(*site.frames));
	for (i = 0; i < site.nr_frames; i++) {
		site.frames[i] = (char *)json_string_value(json_array_get(frames, i));
		if (!site.frames[i])
			break;
	}
	if (i == site.nr_frames)
		kind_of(b, comm, &site, json_is_true(json_object_get(row, "longterm")))->before +=
			json_integer_value(pins);
	free(site.frames);
	return i == site.nr_frames;
}

/* Rows that --top has left out of @look: classes are of all. */
static uint64_t left_out(const json_t *look)
{
	uint64_t all = 0, there = json_array_size(json_object_get(look, "rows"));
	json_t *class;
	const char *name;

	json_object_foreach(json_object_get(look, "classes"), name, class) {
		json_int_t rows = json_integer_value(json_object_get(class, "rows"));

		all += rows > 0 ? (uint64_t)rows : 0;
	}
	return all > there ? all - there : 0;
}

static bool add_look(struct leak_baseline *b, const json_t *look)
{
	const char *tool = json_string_value(json_object_get(look, "tool"));
	const json_t *rows = json_object_get(look, "rows");
	size_t i;

	if (!tool || strcmp(tool, "pinleak") || !json_is_array(rows) ||
	    json_integer_value(json_object_get(look, "schema")) != PINLEAK_SCHEMA)
		return false;
	for (i = 0; i < json_array_size(rows); i++)
		if (!add_row(b, json_array_get(rows, i)))
			return false;
	return true;
}

static bool has_more(FILE *f)
{
	int c;

	do
		c = getc(f);
	while (isspace(c));
	return ungetc(c, f) != EOF;
}

/* NULL: not one after the other and nothing else. */
static json_t *last_object(FILE *f)
{
	json_t *last = NULL;

	while (has_more(f)) {
		json_decref(last);
		last = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL);
		if (!last)
			break;
	}
	return last;
}

/* 0, or -1 with @fail filled. */
static int add_file(struct leak_baseline *b, const char *file, const json_t *look,
		    struct fail *fail)
{
	uint64_t lacks;

	if (!look || !add_look(b, look))
		return fail_set(fail, EXIT_USAGE, "%s is not what pinleak -j of this version writes",
				file);
	lacks = left_out(look);
	return lacks ? fail_set(fail, EXIT_USAGE, "%s is no baseline: --top has left out %" PRIu64
				" of its rows", file, lacks) : 0;
}

struct leak_baseline *leak_baseline__read(const char *file, struct fail *fail)
{
	struct leak_baseline *b;
	json_t *look;
	FILE *f = fopen(file, "re");

	if (!f) {
		fail_set(fail, EXIT_USAGE, "cannot open %s: %s", file, strerror(errno));
		return NULL;
	}
	look = last_object(f);
	fclose(f);
	b = xcalloc(1, sizeof(*b));
	if (add_file(b, file, look, fail)) {
		leak_baseline__free(b);
		b = NULL;
	}
	json_decref(look);
	return b;
}

void leak_baseline__free(struct leak_baseline *b)
{
	if (!b)
		return;
	tdestroy(b->kinds, free_kind);
	free(b);
}

static void begin_kind(const void *node, VISIT visit, void *arg)
{
	if (visit == preorder || visit == leaf)
		(*(struct kind *const *)node)->now = 0;
}

void leak_baseline__begin(struct leak_baseline *b)
{
	twalk_r(b->kinds, begin_kind, NULL);
}

void leak_baseline__add(struct leak_baseline *b, const char *comm, const struct live_site *site,
			const struct live_hold *hold)
{
	kind_of(b, comm, site, hold->flags & OWNER_LONGTERM)->now += hold->sum->pins;
}

bool leak_baseline__is_more(struct leak_baseline *b, const char *comm,
			    const struct live_site *site, const struct live_hold *hold,
			    uint64_t *pins)
{
	const struct kind *kind = kind_of(b, comm, site, hold->flags & OWNER_LONGTERM);

	*pins = kind->before;
	return kind->now > kind->before;
}
