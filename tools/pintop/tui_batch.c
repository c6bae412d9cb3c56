// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "text.h"
#include "tui_batch.h"
#include "tui_summary.h"
#include "tui_table.h"
#include "vec.h"

#define LABEL_WIDTH 10

static void print_title(const struct model *m, const char *source)
{
	time_t now = time(NULL);
	char when[32], age[96];
	struct tm tm;

	if (!localtime_r(&now, &tm) || !strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm))
		*when = '\0';
	printf("pintop - %s  %s  %s\n", summary_kernel(), when,
	       summary_age(m, source, age, sizeof(age)));
}

static void print_facts(const struct model *m)
{
	struct fact facts[FACTS_MAX];
	size_t i, n = summary_facts(m, facts);
	char text[512];

	for (i = 0; i < n; i++)
		if (strcmp(facts[i].label, "Note"))
			printf("%-*s%s\n", LABEL_WIDTH, facts[i].label, facts[i].text);
	for (i = 0; i < summary_nr_notes(m->snap); i++)
		printf("%-*s%s\n", LABEL_WIDTH, "Note",
		       text_clean(summary_note(m->snap, i), text, sizeof(text)));
	if (*summary_hidden(m, text, sizeof(text)))
		printf("%-*s%s\n", LABEL_WIDTH, "Rows", text);
}

/* Every cell as text, the titles first: only then is it known how wide a column is. */
struct sheet {
	const struct column *cols[COLUMNS_MAX];
	int width[COLUMNS_MAX];
	size_t nr_cols, nr_rows;
	char **cells;
};

static bool in_batch(const struct model *m, const struct column *col)
{
	return column_rank(col, m->view, m->live) && col->type != TYPE_SPARK;
}

static void fill_sheet(struct sheet *s, const struct model *m)
{
	size_t i, k, n = table_columns(m->view, m->live, s->cols);
	char text[TUI_TEXT_MAX];

	for (i = 0; i < n; i++)
		if (in_batch(m, s->cols[i]) || s->cols[i] == m->views[m->view].sort)
			s->cols[s->nr_cols++] = s->cols[i];
	s->nr_rows = m->nr_shown + 1;
	s->cells = xcalloc(s->nr_rows * s->nr_cols, sizeof(*s->cells));
	for (k = 0; k < s->nr_rows; k++) {
		for (i = 0; i < s->nr_cols; i++) {
			const char *cell = k ? table_text(s->cols[i], m->shown[k - 1], text,
							  sizeof(text)) : s->cols[i]->title;
			int width = tui_width(cell);

			s->cells[k * s->nr_cols + i] = xstrdup(cell);
			if (width > s->width[i])
				s->width[i] = width;
		}
	}
}

static void print_sheet(struct sheet *s)
{
	char fitted[TUI_TEXT_MAX];
	size_t i, k;

	for (k = 0; k < s->nr_rows; k++) {
		for (i = 0; i < s->nr_cols; i++) {
			char **cell = &s->cells[k * s->nr_cols + i];
			int width = i + 1 < s->nr_cols ? s->width[i] : tui_width(*cell);

			printf("%s%s", i ? " " : "", tui_fit(*cell, width, s->cols[i]->fit,
							     fitted, sizeof(fitted)));
			free(*cell);
		}
		putchar('\n');
	}
	free(s->cells);
}

void batch_text(const struct model *m, const char *source)
{
	struct sheet sheet = { .nr_cols = 0 };

	print_title(m, source);
	print_facts(m);
	putchar('\n');
	fill_sheet(&sheet, m);
	print_sheet(&sheet);
}
