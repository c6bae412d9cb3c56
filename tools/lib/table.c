// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "table.h"
#include "text.h"
#include "vec.h"

#define LAST_LEAST 16	/* characters: with less room the last column wraps rather than being cut */
#define CUT "+"		/* stands where a text was cut */

struct table {
	struct table_col cols[TABLE_COLS];
	size_t nr_cols;
	char **cells;
	size_t nr, cap;
};

struct table *table_new(const struct table_col *cols)
{
	struct table *t = xcalloc(1, sizeof(*t));

	for (; cols->title && t->nr_cols < TABLE_COLS; cols++)
		t->cols[t->nr_cols++] = *cols;
	return t;
}

void table_cell(struct table *t, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	*vec_push(t->cells, t->nr, t->cap) = n < 0 ? xstrdup("") : text;
}

size_t table_rows(const struct table *t)
{
	return t->nr / t->nr_cols;
}

/* Bytes of the first @chars characters. */
static int bytes_of(const char *s, int chars)
{
	const char *at = s;

	while (*at && (((unsigned char)*at & 0xc0) == 0x80 || chars-- > 0))
		at++;
	return at - s;
}

/* The start of @text that fits into @chars, with a mark where that is not all of it; 0: all fits. */
static void print_text(FILE *out, int blanks, const char *text, int chars)
{
	if (chars && text_chars(text) > chars)
		fprintf(out, "%*s%.*s" CUT, blanks, "", bytes_of(text, chars - 1), text);
	else
		fprintf(out, "%*s%s", blanks, "", text);
}

/* Of each column how wide it is; 0: it is left out. Of the last: @left, 0 for any. */
struct shape {
	int widths[TABLE_COLS];
	int left;
};

static void print_row(const struct table *t, FILE *out, const struct shape *shape,
		      char *const *cells)
{
	int pad, blanks = 0;
	size_t c;

	for (c = 0; c < t->nr_cols; c++) {
		const char *text = cells ? cells[c] : t->cols[c].title;
		bool last = c == t->nr_cols - 1;

		if (!shape->widths[c])
			continue;
		pad = shape->widths[c] - text_chars(text);
		if (!t->cols[c].left) {
			blanks += pad;
			pad = 0;
		}
		/* None at the end of a line, where they would only wrap it. */
		if (*text)
			print_text(out, blanks, text, last ? shape->left : 0);
		blanks = (*text ? 0 : blanks) + pad + 2;
	}
	fputc('\n', out);
}

static bool says_nothing(const struct table *t, size_t col)
{
	size_t i;

	for (i = col; i < t->nr; i += t->nr_cols)
		if (*t->cells[i] && strcmp(t->cells[i], "-"))
			return false;
	return true;
}

/* Where the terminal is too narrow, columns without anything in them are left out. */
static void fit(const struct table *t, int width, struct shape *shape)
{
	int used = 0;
	size_t c, last = t->nr_cols - 1;

	for (c = 0; c < last; c++)
		used += shape->widths[c] + 2;
	for (c = last; c-- > 1 && used + shape->widths[last] > width;) {
		if (!says_nothing(t, c))
			continue;
		used -= shape->widths[c] + 2;
		shape->widths[c] = 0;
	}
	shape->left = width - used >= LAST_LEAST ? width - used : 0;
}

void table_free(struct table *t)
{
	size_t i;

	for (i = 0; i < t->nr; i++)
		free(t->cells[i]);
	free(t->cells);
	free(t);
}

void table_print(struct table *t, FILE *out, int width)
{
	struct shape shape = {};
	size_t c, i;
	int w;

	for (c = 0; c < t->nr_cols; c++) {
		shape.widths[c] = text_chars(t->cols[c].title);
		for (i = c; i < t->nr; i += t->nr_cols) {
			w = text_chars(t->cells[i]);
			if (w > shape.widths[c])
				shape.widths[c] = w;
		}
	}
	if (width)
		fit(t, width, &shape);
	print_row(t, out, &shape, NULL);
	for (i = 0; i + t->nr_cols <= t->nr; i += t->nr_cols)
		print_row(t, out, &shape, &t->cells[i]);
	table_free(t);
}

int terminal_width(FILE *out)
{
	struct winsize ws;

	return isatty(fileno(out)) && !ioctl(fileno(out), TIOCGWINSZ, &ws) ? ws.ws_col : 0;
}
