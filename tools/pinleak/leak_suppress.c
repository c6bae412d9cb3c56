// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "cli.h"
#include "leak_frames.h"
#include "leak_suppress.h"
#include "text.h"
#include "vec.h"

/* A block names the file and line where it is, so that it can be found again. */
struct reader {
	struct suppressions *all;
	struct suppression *block;	/* that is being read; NULL: none */
	const char *file;
	unsigned int line;
	struct fail *fail;
};

static int wrong(const struct reader *r, const char *what, const char *text)
{
	char clean[128];

	return fail_set(r->fail, EXIT_USAGE, "%s:%u: %s%s%s%s", r->file, r->line, what,
			text ? " '" : "", text ? text_clean(text, clean, sizeof(clean)) : "",
			text ? "'" : "");
}

static int begin_block(struct reader *r, const char *text)
{
	if (strcmp(text, "{"))
		return wrong(r, "a block begins with {, not with", text);
	r->block = vec_push(r->all->list, r->all->nr, r->all->cap);
	*r->block = (struct suppression){ .file = xstrdup(r->file), .line = r->line };
	return 0;
}

static int end_block(struct reader *r)
{
	const struct suppression *s = r->block;
	bool any = s->driver || s->comm;
	size_t i;

	for (i = 0; i < s->nr_frames; i++)
		any |= s->frames[i] != NULL;
	if (!s->name)
		return wrong(r, "a block needs a name in its first line", NULL);
	if (!any)
		return wrong(r, "a block without driver:, comm: or fun: would fit everything: ",
			     s->name);
	r->block = NULL;
	return 0;
}

static int set_once(const struct reader *r, char **pattern, const char *value, const char *line)
{
	if (!*value)
		return wrong(r, "there is no pattern behind", line);
	if (*pattern)
		return wrong(r, "there is one already before", line);
	*pattern = xstrdup(value);
	return 0;
}

static void add_frame(struct suppression *s, const char *pattern)
{
	*vec_push(s->frames, s->nr_frames, s->cap_frames) = pattern ? xstrdup(pattern) : NULL;
}

static int take_line(struct reader *r, const char *text)
{
	struct suppression *s = r->block;

	if (!strcmp(text, "}"))
		return end_block(r);
	if (!s->name) {
		s->name = xstrdup(text);
		return 0;
	}
	if (!strcmp(text, "...")) {
		add_frame(s, NULL);
		return 0;
	}
	if (!strncmp(text, "driver:", 7))
		return set_once(r, &s->driver, text + 7, text);
	if (!strncmp(text, "comm:", 5))
		return set_once(r, &s->comm, text + 5, text);
	if (strncmp(text, "fun:", 4))
		return wrong(r, "expected driver:, comm:, fun:, ... or }, not", text);
	if (!text[4])
		return wrong(r, "there is no pattern behind", text);
	add_frame(s, text + 4);
	return 0;
}

static char *trimmed(char *text)
{
	size_t len;

	text += strspn(text, " \t");
	len = strlen(text);
	while (len && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	return text;
}

static int read_lines(struct reader *r, FILE *f)
{
	char *line = NULL, *text;
	size_t size = 0;
	int err = 0;

	while (!err && getline(&line, &size, f) >= 0) {
		r->line++;
		text = trimmed(line);
		if (*text && *text != '#')
			err = r->block ? take_line(r, text) : begin_block(r, text);
	}
	free(line);
	if (!err && ferror(f))
		err = fail_set(r->fail, EXIT_USAGE, "cannot read %s: %s", r->file, strerror(errno));
	if (!err && r->block)
		err = wrong(r, "the file ends within a block", NULL);
	return err;
}

int suppressions_read(struct suppressions *s, const char *file, struct fail *fail)
{
	struct reader r = { .all = s, .file = file, .fail = fail };
	FILE *f = fopen(file, "re");
	int err;

	if (!f)
		return fail_set(fail, EXIT_USAGE, "cannot open %s: %s", file, strerror(errno));
	err = read_lines(&r, f);
	fclose(f);
	return err;
}

void suppressions_free(struct suppressions *s)
{
	size_t i, k;

	for (i = 0; i < s->nr; i++) {
		free(s->list[i].name);
		free(s->list[i].file);
		free(s->list[i].driver);
		free(s->list[i].comm);
		for (k = 0; k < s->list[i].nr_frames; k++)
			free(s->list[i].frames[k]);
		free(s->list[i].frames);
	}
	free(s->list);
}

/*
 * Do the first of the stack's @nr functions fit the patterns? As in a shell's
 * pattern, the last "..." seen takes one frame more wherever the rest fits not.
 */
static bool stack_fits(const struct suppression *s, char *const *stack, size_t nr)
{
	size_t i = 0, k = 0, after = SIZE_MAX, taken = 0;
	char name[FRAME_NAME_MAX];

	while (k < s->nr_frames) {
		if (!s->frames[k]) {
			after = ++k;
			taken = i;
		} else if (i < nr && !fnmatch(s->frames[k], frame_function(stack[i], name), 0)) {
			i++;
			k++;
		} else if (after != SIZE_MAX && taken < nr) {
			i = ++taken;
			k = after;
		} else {
			return false;
		}
	}
	return true;
}

const struct suppression *suppressions_match(struct suppressions *s, const char *comm,
					     const struct live_site *site)
{
	size_t i;

	for (i = 0; i < s->nr; i++) {
		struct suppression *one = &s->list[i];

		if ((one->driver && fnmatch(one->driver, site->driver, 0)) ||
		    (one->comm && fnmatch(one->comm, comm, 0)) ||
		    !stack_fits(one, site->frames, site->nr_frames))
			continue;
		one->used++;
		return one;
	}
	return NULL;
}

/* A pattern that fits @text, as far as one line can say it. */
static void write_pattern(FILE *out, const char *key, const char *text)
{
	char clean[FRAME_NAME_MAX];
	const char *at;

	fprintf(out, "   %s:", key);
	for (at = text_clean(text, clean, sizeof(clean)); *at; at++) {
		/* What is no printable character here fits any. */
		if (strchr("*[\\", *at) || (*at == '?' && strchr(text, '?')))
			fputc('\\', out);
		fputc(*at, out);
	}
	fputc('\n', out);
}

void suppression_write(FILE *out, const char *comm, const struct live_site *site)
{
	char name[FRAME_NAME_MAX], clean[FRAME_NAME_MAX];
	size_t i;

	text_clean(comm, clean, sizeof(clean));
	fprintf(out, "{\n   %s in %s\n", site->driver, *clean ? clean : "?");
	write_pattern(out, "driver", site->driver);
	if (*comm)
		write_pattern(out, "comm", comm);
	for (i = 0; i < site->nr_frames; i++)
		write_pattern(out, "fun", frame_function(site->frames[i], name));
	fputs("}\n", out);
}
