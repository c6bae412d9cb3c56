// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "text.h"
#include "tui_header.h"

#define LABEL_WIDTH 10
#define CELL_WIDTH 26	/* of a fact, with its label */

/* The first six facts stand in cells: rows of equal length look best. */
static int cells_per_line(int cols)
{
	int fit = cols / CELL_WIDTH;

	return fit >= 6 ? 6 : fit >= 3 ? 3 : fit == 2 ? 2 : 1;
}

/* Places each fact: from left to right in cells, or on a line of its own. */
struct flow {
	int per_line, line, cell;
};

static void flow_next(struct flow *f, const struct fact *fact)
{
	if (f->cell && (fact->whole_line || f->cell == f->per_line)) {
		f->line++;
		f->cell = 0;
	}
}

static void flow_done(struct flow *f, const struct fact *fact)
{
	f->cell = fact->whole_line ? f->per_line : f->cell + 1;
}

int header_lines(const struct fact *facts, size_t n, int cols)
{
	struct flow f = { cells_per_line(cols), 0, 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		flow_next(&f, &facts[i]);
		flow_done(&f, &facts[i]);
	}
	return f.line + !!f.cell;
}

static void draw_facts(const struct ui *ui, const struct geometry *g)
{
	static const enum style styles[] = {
		[FACT_PLAIN] = STYLE_PLAIN, [FACT_TOTAL] = STYLE_TOTAL, [FACT_WARN] = STYLE_WARN,
		[FACT_BAD] = STYLE_BAD,
	};
	struct fact facts[FACTS_MAX];
	size_t i, n = summary_facts(&ui->model, facts);
	struct flow f = { cells_per_line(g->cols), 0, 0 };
	int width = g->cols / f.per_line;

	for (i = 0; i < n; i++) {
		const struct fact *fact = &facts[i];
		int x, room, text = tui_width(fact->text);

		flow_next(&f, fact);
		if (f.line >= g->nr_facts)
			return;
		x = f.cell * width;
		room = (fact->whole_line ? g->cols : x + width - 1) - x - LABEL_WIDTH;
		x = screen__put(g->facts + f.line, x, LABEL_WIDTH, FIT_LEFT, STYLE_LABEL,
				fact->label);
		screen__put(g->facts + f.line, x, text < room ? text : room, FIT_LEFT,
			    styles[fact->tone], fact->text);
		flow_done(&f, fact);
	}
}

/* The age of what is shown is to be seen on any screen, whatever else has no room. */
static void draw_title(const struct ui *ui, const struct geometry *g)
{
	const struct snapshot *snap = ui->model.snap;
	char age[112], text[96], bytes[8];
	int width;

	summary_age(&ui->model, source__name(ui->src), text, sizeof(text));
	if (tui_width(text) + 14 > g->cols)
		text_age(summary_age_seconds(snap), text, sizeof(text));
	snprintf(age, sizeof(age), "%s%s", ui->paused ? "PAUSED  " : "", text);
	width = tui_width(age);

	if (g->nr_facts > 0)
		snprintf(text, sizeof(text), "pintop - %s", summary_kernel());
	else
		snprintf(text, sizeof(text), "%s pinned",
			 text_size(snap->total.bytes, bytes, sizeof(bytes)));
	screen__put(0, 0, g->cols - width - 1, FIT_LEFT, STYLE_TOTAL, text);
	screen__put(0, g->cols > width ? g->cols - width : 0, width, FIT_LEFT,
		    ui->paused ? STYLE_WARN : STYLE_PLAIN, age);
}

static void draw_tabs(const struct ui *ui, const struct geometry *g)
{
	const struct model_view *v = &ui->model.views[ui->model.view];
	char text[160], delay[16];
	enum view view;
	int x = 0, width;

	for (view = 0; view < VIEWS; view++) {
		bool shown = view == ui->model.view;

		if (view_needs_live(view) && !ui->model.live)
			continue;
		snprintf(text, sizeof(text), shown ? "[%s]" : " %s ", view_name(view));
		x = screen__print(g->tabs, x, shown ? STYLE_TAB : STYLE_DIM, text);
	}
	text_age(ui->pause, delay, sizeof(delay));
	snprintf(text, sizeof(text), "by %s%s, every %s%s", v->sort->title,
		 v->inverted ? " (inverted)" : "", delay,
		 ui->pause > ui->delay ? " (scans take long)" : "");
	width = tui_width(text);
	if (x + 2 + width <= g->cols)
		screen__print(g->tabs, g->cols - width, STYLE_DIM, text);
}

void header_draw(const struct ui *ui, const struct geometry *g)
{
	char hidden[256];

	draw_title(ui, g);
	if (g->nr_facts > 0)
		draw_facts(ui, g);
	if (g->hidden >= 0)
		screen__put(g->hidden, 0, g->cols, FIT_LEFT, STYLE_WARN,
			    summary_hidden(&ui->model, hidden, sizeof(hidden)));
	if (g->tabs >= 0)
		draw_tabs(ui, g);
}
