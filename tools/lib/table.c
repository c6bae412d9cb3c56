// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "table.h"
#include "vec.h"

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

/* Characters, not bytes, of UTF-8. */
static int width_of(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* Bytes of the first @chars characters. */
static int bytes_of(const char *s, int chars)
{
	const char *at = s;

	while (*at && (((unsigned char)*at & 0xc0) == 0x80 || chars-- > 0))
		at++;
	return at - s;
}

static void print_row(const struct table *t, FILE *out, const int *widths, char *const *cells,
		      int left)
{
	size_t c;

	for (c = 0; c < t->nr_cols; c++) {
		const char *text = cells ? cells[c] : t->cols[c].title;
		int pad = widths[c] - width_of(text);
		bool last = c == t->nr_cols - 1;

		if (!t->cols[c].left)
			fprintf(out, "%*s%s", pad, "", text);
		else if (!last)
			fprintf(out, "%s%*s", text, pad, "");
		else
			fprintf(out, "%.*s", left > 0 ? bytes_of(text, left) : (int)strlen(text),
				text);
		fputs(last ? "\n" : "  ", out);
	}
}

void table_print(struct table *t, FILE *out, int width)
{
	int widths[TABLE_COLS], used = 0, left = 0, w;
	size_t c, i;

	for (c = 0; c < t->nr_cols; c++) {
		widths[c] = width_of(t->cols[c].title);
		for (i = c; i < t->nr; i += t->nr_cols) {
			w = width_of(t->cells[i]);
			if (w > widths[c])
				widths[c] = w;
		}
		if (c < t->nr_cols - 1)
			used += widths[c] + 2;
	}
	if (width)
		left = width - used > 8 ? width - used : 8;
	print_row(t, out, widths, NULL, left);
	for (i = 0; i + t->nr_cols <= t->nr; i += t->nr_cols)
		print_row(t, out, widths, &t->cells[i], left);

	for (i = 0; i < t->nr; i++)
		free(t->cells[i]);
	free(t->cells);
	free(t);
}

int terminal_width(FILE *out)
{
	struct winsize ws;

	return isatty(fileno(out)) && !ioctl(fileno(out), TIOCGWINSZ, &ws) ? ws.ws_col : 0;
}
