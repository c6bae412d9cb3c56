/* SPDX-License-Identifier: GPL-2.0 */
/* What is printed of a look, and at the end. */
#ifndef PINSCOPE_LEAK_VIEW_H
#define PINSCOPE_LEAK_VIEW_H

#include <jansson.h>

#include "leak_model.h"

/* Raised when a member changes its meaning or goes away, not when one is added. */
#define PINLEAK_SCHEMA 1

/* A table; below each row the innermost @frames functions of its stack. */
void leak_view_text(const struct leak_model *m, size_t frames, FILE *out);

/* One object on one line. @command: what is run, up to NULL; or NULL. */
void leak_view_json(const struct leak_model *m, char *const *command, FILE *out);

/* "comm;outermost_[k];...;innermost_[k] PAGES" of what is held at the last look, sorted. */
void leak_view_folded(const struct leak_model *m, FILE *out);

/* Blocks of a suppression file for the leaks of the last look, each once. */
void leak_view_suppressions(const struct leak_model *m, FILE *out);

/*
 * A page of its own: what each site held over time, a flame graph and a table
 * of what is held at the last look. 0, or -1 with @fail filled; then @file is
 * as it was before.
 */
int leak_view_html(const struct leak_model *m, char *const *command, const char *file,
	      struct fail *fail);

/* Its parts, as SVG. */
void html_chart(const struct leak_model *m, FILE *out);
void html_flame(const struct leak_model *m, FILE *out);

/* "2h10m", with ">" before it when it is older. */
const char *leak_view_age(const struct leak_row *row, double seconds, char *buf, size_t size);

#endif
