/* SPDX-License-Identifier: GPL-2.0 */
/* Pieces of an SVG picture, and of its text. */
#ifndef PINSCOPE_SVG_H
#define PINSCOPE_SVG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Writes @s, clean and escaped for XML content and attributes alike. */
void svg_escape(FILE *out, const char *s);

/* A line of text with its baseline at @x, @y; @class of the style sheet or NULL. */
void svg_text(FILE *out, double x, double y, const char *class, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

void svg_rect(FILE *out, double x, double y, double width, double height, const char *class);

/* "1,048,576" */
const char *svg_count(uint64_t n, char *buf, size_t size);

/* "32 MiB": for sizes that are powers of two. */
const char *svg_exact(uint64_t bytes, char *buf, size_t size);

/* "14.2 %", "under 0.1 %" */
const char *svg_percent(uint64_t part, uint64_t whole, char *buf, size_t size);

#endif
