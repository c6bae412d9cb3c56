/* SPDX-License-Identifier: GPL-2.0 */
/* Whether a picture is one, for the tests of svgmap_write(). */
#ifndef PINSCOPE_TEST_SVGMAP_CHECK_H
#define PINSCOPE_TEST_SVGMAP_CHECK_H

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vec.h"

static inline char *slurp(const char *file)
{
	FILE *f = fopen(file, "r");
	char *text;
	size_t n;

	assert_non_null(f);
	text = xcalloc(8 << 20, 1);
	n = fread(text, 1, (8 << 20) - 1, f);
	fclose(f);
	assert_true(n > 0);
	assert_int_equal(strlen(text), n);
	return text;
}

static inline size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

static inline void has(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("no \"%s\" in the picture", what);
}

static inline const char *check_entity(const char *p)
{
	static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strncmp(p, known[i], strlen(known[i])))
			return p + strlen(known[i]);
	fail_msg("a bare & at: %.40s", p);
	return NULL;
}

/* Moves over a tag; its name in @name. '>' opened, '/' closed, '-' both. */
static inline char read_tag(const char **at, char *name, size_t size)
{
	const char *p = *at + 1;
	bool closing = *p == '/', quoted = false;
	size_t n = 0;

	for (p += closing; isalpha((unsigned char)*p); p++)
		if (n + 1 < size)
			name[n++] = *p;
	name[n] = '\0';
	assert_true(n > 0);
	for (; *p && (quoted || *p != '>'); p++) {
		if (*p == '&')
			p = check_entity(p) - 1;
		assert_int_not_equal(*p, '<');
		quoted ^= *p == '"';
	}
	assert_int_equal(*p, '>');
	*at = p + 1;
	return closing ? '/' : p[-1] == '/' ? '-' : '>';
}

/* Tags pair up and nest, nothing is bare that has a meaning in XML. */
static inline void assert_well_formed(const char *text)
{
	char stack[16][16], name[16];
	const char *p = strchr(text, '\n');
	int depth = 0;

	assert_int_equal(strncmp(text, "<?xml ", 6), 0);
	while (*p) {
		if (*p == '&') {
			p = check_entity(p);
			continue;
		}
		if (*p != '<') {
			assert_int_not_equal(*p, '>');
			assert_true((unsigned char)*p >= 0x20 || *p == '\n');
			assert_true(depth || isspace((unsigned char)*p));
			p++;
			continue;
		}
		switch (read_tag(&p, name, sizeof(name))) {
		case '>':
			assert_true(depth < 16);
			strcpy(stack[depth++], name);
			break;
		case '/':
			assert_true(depth > 0);
			assert_string_equal(stack[--depth], name);
		}
	}
	assert_int_equal(depth, 0);
}

/* No rectangle has a length that is none, or leaves the picture. */
static inline void assert_inside(const char *text)
{
	double x, y, w, h, width, height;
	const char *p = strstr(text, "viewBox=");

	assert_int_equal(sscanf(p, "viewBox=\"0 0 %lf %lf\"", &width, &height), 2);
	for (p = text; (p = strstr(p, "<rect x=")); p++) {
		assert_int_equal(sscanf(p, "<rect x=\"%lf\" y=\"%lf\" width=\"%lf\" height=\"%lf\"",
					&x, &y, &w, &h), 4);
		assert_true(x >= 0 && y >= 0 && w > 0 && h > 0);
		assert_true(x + w <= width && y + h <= height);
	}
}

/*
 * No line of the legend reaches beyond its end. How wide a letter is, is up to
 * the reader's font: with DejaVu Sans, which is a wide one, not more than this.
 */
static inline void assert_legend_fits(const char *text)
{
	const double begins = 1000, ends = 1248, small = 5.5, normal = 6.3;
	const char *p, *words, *end;
	char class[32];
	double x, width;

	for (p = text; (p = strstr(p, "<text x=")); p++) {
		class[0] = '\0';
		assert_true(sscanf(p, "<text x=\"%lf\" y=\"%*f\" class=\"%31[^\"]", &x, class) >= 1);
		words = strchr(p, '>') + 1;
		end = strchr(words, '<');
		width = (double)(end - words) * (strstr(class, "small") ? small : normal);
		if (x >= begins && !strstr(class, "end") && x + width > ends)
			fail_msg("\"%.*s\" leaves the picture", (int)(end - words), words);
	}
}

#endif
