// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"
#include "tui_page.h"
#include "vec.h"

#define LABEL_WIDTH 16

static void forget_lines(struct page *p)
{
	size_t i;

	for (i = 0; i < p->nr; i++) {
		free(p->lines[i].label);
		free(p->lines[i].text);
	}
	p->nr = 0;
	free(p->title);
	p->title = NULL;
}

void page__begin(struct page *p, const char *fmt, ...)
{
	char title[TUI_TEXT_MAX], clean[TUI_TEXT_MAX];
	va_list ap;

	forget_lines(p);
	va_start(ap, fmt);
	vsnprintf(title, sizeof(title), fmt, ap);
	va_end(ap);
	p->title = xstrdup(text_clean(title, clean, sizeof(clean)));
}

void page__free(struct page *p)
{
	forget_lines(p);
	free(p->lines);
	memset(p, 0, sizeof(*p));
}

static void add_line(struct page *p, enum style style, const char *label, const char *text)
{
	struct page_line *line = vec_push(p->lines, p->nr, p->cap);
	char clean[TUI_TEXT_MAX];

	line->text = xstrdup(text_clean(text, clean, sizeof(clean)));
	line->style = style;
	line->label = label ? xstrdup(label) : NULL;
}

void page__line(struct page *p, enum style style, const char *fmt, ...)
{
	char text[TUI_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add_line(p, style, NULL, text);
}

void page__fact(struct page *p, const char *label, const char *fmt, ...)
{
	char text[TUI_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add_line(p, STYLE_PLAIN, label, text);
}

void page__wrap(struct page *p, int cols, const char *text)
{
	if (cols < 10)
		cols = 10;
	while (*text) {
		int len = (int)strlen(text), cut = len;

		if (len > cols) {
			for (cut = cols; cut > 0 && text[cut] != ' '; cut--)
				;
			if (!cut)
				cut = cols;
		}
		page__line(p, STYLE_PLAIN, "%.*s", cut, text);
		text += cut;
		text += strspn(text, " ");
	}
}

void page__scroll(struct page *p, long lines, int rows)
{
	long last = (long)p->nr - rows, top = (long)p->top;

	if (last < 0)
		last = 0;
	/* No overflow: "to the end" is a very large number of lines. */
	if (lines > last - top)
		top = last;
	else if (lines < -top)
		top = 0;
	else
		top += lines;
	p->top = (size_t)top;
}

static const char *skip_cols(const char *text, size_t cols)
{
	while (*text && cols) {
		text++;
		while (((unsigned char)*text & 0xc0) == 0x80)
			text++;
		cols--;
	}
	return text;
}

/* With @style instead of the line's own if it is not STYLE_PLAIN. */
static void draw_line(const struct page *p, int y, const struct page_line *line, enum style style)
{
	const char *text = skip_cols(line->text, p->left);
	int x = 0, room, width = tui_width(text);
	bool own = style == STYLE_PLAIN;

	if (line->label)
		x = screen__put(y, 0, LABEL_WIDTH, FIT_LEFT, own ? STYLE_LABEL : style,
				line->label);
	room = screen__cols() - x;
	screen__put(y, x, width < room ? width : room, FIT_LEFT, own ? line->style : style, text);
}

void page__draw(const struct page *p, int y, int rows)
{
	int i;

	for (i = 0; i < rows && p->top + (size_t)i < p->nr; i++)
		draw_line(p, y + i, &p->lines[p->top + (size_t)i], STYLE_PLAIN);
}

void page__highlight(const struct page *p, int y, size_t nr)
{
	y += (int)(nr - p->top);
	screen__fill(y, STYLE_SELECTED);
	draw_line(p, y, &p->lines[nr], STYLE_SELECTED);
}
