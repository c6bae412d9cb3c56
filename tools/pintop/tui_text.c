// SPDX-License-Identifier: GPL-2.0
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "tui_text.h"

static bool unicode;

void tui_text_init(void)
{
	/* Numbers stay as in C: they are parsed by other programs. */
	setlocale(LC_CTYPE, "");
	unicode = !strcmp(nl_langinfo(CODESET), "UTF-8");
}

bool tui_unicode(void)
{
	return unicode;
}

/* One character as it is shown. */
struct glyph {
	const char *text;
	size_t len;
	int cols;
};

static struct glyph unshowable(size_t *used)
{
	*used = 1;
	return (struct glyph){ "?", 1, 1 };
}

/* The character at @s, of which *@used bytes are consumed. */
static struct glyph next_glyph(const char *s, size_t *used)
{
	mbstate_t state = { 0 };
	wchar_t wc;
	size_t len;
	int cols;

	if ((unsigned char)*s < 0x80) {
		*used = 1;
		return (struct glyph){ s, 1, 1 };
	}
	if (!unicode) {
		struct glyph g = unshowable(used);

		while (((unsigned char)s[*used] & 0xc0) == 0x80)
			++*used;
		return g;
	}
	len = mbrtowc(&wc, s, strlen(s), &state);
	if (!len || len > strlen(s))
		return unshowable(used);
	*used = len;
	cols = wcwidth(wc);
	if (cols < 0)
		return (struct glyph){ "?", 1, 1 };
	return (struct glyph){ s, len, cols };
}

int tui_width(const char *s)
{
	size_t used;
	int cols = 0;

	for (; *s; s += used)
		cols += next_glyph(s, &used).cols;
	return cols;
}

struct out {
	char *at, *end;		/* @end: where the last '\0' may stand */
};

static void put(struct out *o, const char *text, size_t len)
{
	if ((size_t)(o->end - o->at) < len)
		return;
	memcpy(o->at, text, len);
	o->at += len;
	*o->at = '\0';
}

static void put_blanks(struct out *o, int n)
{
	while (n-- > 0)
		put(o, " ", 1);
}

/* As much of @s as @cols columns hold; returns the columns used. */
static int put_head(struct out *o, const char *s, int cols)
{
	int done = 0;
	size_t used;

	for (; *s; s += used) {
		struct glyph g = next_glyph(s, &used);

		if (done + g.cols > cols)
			break;
		put(o, g.text, g.len);
		done += g.cols;
	}
	return done;
}

static const char *tail_of(const char *s, int cols)
{
	int width = tui_width(s);
	size_t used;

	while (*s && width > cols) {
		width -= next_glyph(s, &used).cols;
		s += used;
	}
	return s;
}

static int put_cut(struct out *o, const char *s, int cols, enum tui_fit fit)
{
	const char *mark = unicode ? "…" : "+";
	int done;

	if (fit == FIT_TAIL) {
		put(o, mark, strlen(mark));
		return 1 + put_head(o, tail_of(s, cols - 1), cols - 1);
	}
	done = put_head(o, s, cols - 1);
	put(o, mark, strlen(mark));
	return done + 1;
}

const char *tui_fit(const char *s, int cols, enum tui_fit fit, char *buf, size_t size)
{
	struct out o = { buf, buf + size - 1 };
	int width = tui_width(s);

	*buf = '\0';
	if (cols <= 0)
		return buf;
	if (width > cols) {
		width = put_cut(&o, s, cols, fit);
		put_blanks(&o, cols - width);
		return buf;
	}
	if (fit == FIT_RIGHT)
		put_blanks(&o, cols - width);
	put_head(&o, s, cols);
	if (fit != FIT_RIGHT)
		put_blanks(&o, cols - width);
	return buf;
}

const char *tui_took(uint64_t ns, char *buf, size_t size)
{
	double ms = (double)ns / 1e6;

	if (ms < 9.95)
		snprintf(buf, size, "%.1f ms", ms);
	else if (ms < 999.5)
		snprintf(buf, size, "%.0f ms", ms);
	else
		snprintf(buf, size, "%.1f s", ms / 1e3);
	return buf;
}

const char *tui_rate(double rate, char *buf, size_t size)
{
	if (rate >= 1e9 - 5e5)
		snprintf(buf, size, "%.3gG", rate / 1e9);
	else if (rate >= 1e6 - 500)
		snprintf(buf, size, "%.*fM", rate < 9.95e6 ? 1 : 0, rate / 1e6);
	else if (rate >= 1e5 - 0.5)
		snprintf(buf, size, "%.0fk", rate / 1e3);
	else if (rate >= 9.95)
		snprintf(buf, size, "%.0f", rate);
	else if (rate >= 0.05)
		snprintf(buf, size, "%.1f", rate);
	else
		snprintf(buf, size, "%s", rate > 0 ? "<0.1" : "0");
	return buf;
}

const char *tui_spark(const uint64_t *v, size_t nr, uint64_t max, char *buf, size_t size)
{
	/* No full blocks: the bars of neighbouring rows would run into each other. */
	static const char *const blocks[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇" };
	static const char *const ascii[] = { " ", "_", ".", "-", "=", "+", "*", "#" };
	struct out o = { buf, buf + size - 1 };
	size_t i;

	*buf = '\0';
	for (i = 0; i < nr; i++) {
		double share = max ? (double)v[i] / (double)max : 0;
		int level = (int)(share * 7 + 0.5);
		const char *glyph;

		if (v[i] && level < 1)
			level = 1;	/* little is not nothing */
		if (level > 7)
			level = 7;
		glyph = (unicode ? blocks : ascii)[level];
		put(&o, glyph, strlen(glyph));
	}
	return buf;
}

const char *tui_meter(uint64_t part, uint64_t whole, int cols, char *buf, size_t size)
{
	static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	struct out o = { buf, buf + size - 1 };
	double share = whole ? (double)part / (double)whole : 0;
	int n = (int)((share < 1 ? share : 1) * cols * 8 + 0.5);
	int used = 0;

	*buf = '\0';
	if (part && !n)
		n = 1;
	for (; n >= 8; n -= 8, used++)
		put(&o, unicode ? "█" : "#", unicode ? strlen("█") : 1);
	if (n && unicode)
		put(&o, eighths[n], strlen(eighths[n]));
	else if (n)
		put(&o, n >= 4 ? "=" : "-", 1);
	put_blanks(&o, cols - used - !!n);
	return buf;
}
