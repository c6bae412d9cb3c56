// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "svg.h"
#include "text.h"
#include "vec.h"

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	return NULL;
}

void svg_escape(FILE *out, const char *s)
{
	size_t size = strlen(s) + 1;
	char *clean = xcalloc(size, 1);
	const char *p;

	for (p = text_clean(s, clean, size); *p; p++) {
		const char *e = entity(*p);

		if (e) {
			fputs(e, out);
		} else if (!strncmp(p, "\xef\xbf\xbe", 3) || !strncmp(p, "\xef\xbf\xbf", 3)) {
			/* U+FFFE and U+FFFF are UTF-8, but no XML. */
			fputc('?', out);
			p += 2;
		} else {
			fputc(*p, out);
		}
	}
	free(clean);
}

void svg_text(FILE *out, double x, double y, const char *class, const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	fprintf(out, "<text x=\"%g\" y=\"%g\"", x, y);
	if (class)
		fprintf(out, " class=\"%s\"", class);
	fputc('>', out);
	svg_escape(out, s);
	fputs("</text>\n", out);
	free(s);
}

void svg_rect(FILE *out, double x, double y, double width, double height, const char *class)
{
	fprintf(out, "<rect x=\"%.6g\" y=\"%.6g\" width=\"%.4g\" height=\"%.4g\" class=\"%s\"/>",
		x, y, width, height, class);
}

const char *svg_count(uint64_t n, char *buf, size_t size)
{
	char digits[24];
	size_t i, o = 0, len = snprintf(digits, sizeof(digits), "%" PRIu64, n);

	for (i = 0; i < len && o + 2 < size; i++) {
		if (i && (len - i) % 3 == 0)
			buf[o++] = ',';
		buf[o++] = digits[i];
	}
	buf[o] = '\0';
	return buf;
}

const char *svg_exact(uint64_t bytes, char *buf, size_t size)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	size_t i = 0;

	while (bytes && !(bytes & 1023) && i + 1 < sizeof(units) / sizeof(units[0])) {
		bytes >>= 10;
		i++;
	}
	snprintf(buf, size, "%" PRIu64 " %s", bytes, units[i]);
	return buf;
}

const char *svg_percent(uint64_t part, uint64_t whole, char *buf, size_t size)
{
	double p = whole ? 100.0 * part / whole : 0;

	if (part && p < 0.1)
		snprintf(buf, size, "under 0.1 %%");
	else
		snprintf(buf, size, "%.1f %%", p);
	return buf;
}
