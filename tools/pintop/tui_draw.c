// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "text.h"
#include "tui_header.h"

#define MIN_LIST 6	/* rows of the table that the header leaves */

/* --- where things stand ----------------------------------------------------------------------- */

static int take_line(int *y, bool there)
{
	return there ? (*y)++ : -1;
}

struct geometry ui_geometry(const struct ui *ui)
{
	const struct model *m = &ui->model;
	struct geometry g = { .rows = screen__rows(), .cols = screen__cols() };
	int others = (int)(m->nr_shown - m->nr_items), y = 1, free, wanted;
	struct fact facts[FACTS_MAX];
	char hidden[256];
	bool hides = *summary_hidden(m, hidden, sizeof(hidden));

	g.bar = g.rows >= 8 ? g.rows - 1 : -1;
	free = g.rows - 2 - (g.bar >= 0) - (g.rows >= 6 && hides) - (g.rows >= 12) - MIN_LIST;
	wanted = header_lines(facts, summary_facts(m, facts), g.cols);
	g.nr_facts = wanted < free ? wanted : free > 0 ? free : 0;
	g.facts = y;
	y += g.nr_facts;
	g.tabs = take_line(&y, g.rows >= 12);
	g.hidden = take_line(&y, g.rows >= 6 && hides);
	g.head = take_line(&y, g.rows >= 2);
	g.list = y;
	g.nr_list = (g.bar >= 0 ? g.bar : g.rows) - y;
	if (g.nr_list < 0)
		g.nr_list = 0;
	g.nr_menu = g.nr_list;
	g.nr_page = (g.bar >= 0 ? g.bar : g.rows) - 1;
	/* The rows that are no process stay in sight, where that leaves room for the others. */
	if (others && g.nr_list >= others + MIN_LIST) {
		g.nr_others = others;
		g.nr_list -= others;
	}
	return g;
}

static void settle_list(struct ui *ui)
{
	struct geometry g = ui_geometry(ui);
	size_t rows = (size_t)g.nr_list;
	size_t nr = g.nr_others ? ui->model.nr_items : ui->model.nr_shown;
	size_t at = ui->selected < nr ? ui->selected : nr ? nr - 1 : 0;

	if (ui->top > at)
		ui->top = at;
	if (rows && at >= ui->top + rows)
		ui->top = at - rows + 1;
	if (rows && ui->top + rows > nr)
		ui->top = nr > rows ? nr - rows : 0;
}

void ui_settle(struct ui *ui)
{
	const struct model *m = &ui->model;
	long at = ui->follows ? model__find(m, &ui->selected_id) : -1;

	if (at >= 0)
		ui->selected = (size_t)at;
	else
		ui->follows = false;
	if (ui->selected >= m->nr_shown)
		ui->selected = m->nr_shown ? m->nr_shown - 1 : 0;
	if (m->nr_shown)
		ui->selected_id = m->shown[ui->selected]->id;
	settle_list(ui);
}

/* --- the table -------------------------------------------------------------------------------- */

/* A bar that stands still is only for orientation. */
static bool has_moved(const struct row *row)
{
	unsigned int i;

	for (i = 1; i < row->nr_history; i++)
		if (row->history[i] != row->history[0])
			return true;
	return false;
}

static enum style cell_style(const struct column *col, const struct row *row, const char *text)
{
	if (!strcmp(text, "0") || !strcmp(text, "-") || (row->proc && row->proc->exited))
		return STYLE_DIM;
	if (col->id == COL_CHANGE)
		return row->delta < 0 ? STYLE_DOWN : STYLE_UP;
	if (col->type == TYPE_SPARK)
		return has_moved(row) ? STYLE_BAR : STYLE_DIM;
	if (row->id.kind != ROW_ITEM)
		return STYLE_OTHER;
	return col->id == COL_PINNED ? STYLE_TOTAL : STYLE_PLAIN;
}

/* A number that is cut would be another number: show its first digits and how many there are. */
static const char *cell_text(const struct placed *p, const struct row *row, char *buf, size_t size)
{
	table_text(p->col, row, buf, size);
	if (p->col->type == TYPE_COUNT && tui_width(buf) > p->width)
		snprintf(buf, size, "%.2e", (double)table_number(p->col, row));
	return buf;
}

static void draw_row(const struct ui *ui, int y, size_t nr, const struct placed *placed, size_t n)
{
	const struct row *row = ui->model.shown[nr];
	bool selected = nr == ui->selected;
	char text[TUI_TEXT_MAX];
	size_t i;

	if (selected)
		screen__fill(y, STYLE_SELECTED);
	for (i = 0; i < n; i++) {
		const struct column *col = placed[i].col;

		cell_text(&placed[i], row, text, sizeof(text));
		screen__put(y, placed[i].x, placed[i].width, col->fit,
			    selected ? STYLE_SELECTED : cell_style(col, row, text), text);
	}
}

static void draw_head(const struct ui *ui, int y, const struct placed *placed, size_t n, bool more)
{
	const struct column *sort = ui->model.views[ui->model.view].sort;
	size_t i;

	screen__fill(y, STYLE_HEAD);
	for (i = 0; i < n; i++)
		screen__put(y, placed[i].x, placed[i].width, placed[i].col->fit,
			    placed[i].col == sort ? STYLE_HEAD_SORT : STYLE_HEAD,
			    placed[i].col->title);
	if (more && screen__cols() > 30)
		screen__print(y, screen__cols() - 1, STYLE_HEAD, tui_unicode() ? "›" : ">");
}

static const char *nothing_to_show(const struct model *m)
{
	if (m->nr_hidden)
		return "No row fits the filter.";
	return m->snap->total.folios ? "" : "Nothing is pinned.";
}

static void draw_table(const struct ui *ui, const struct geometry *g)
{
	const struct model *m = &ui->model;
	size_t nr = g->nr_others ? m->nr_items : m->nr_shown;
	struct placed placed[COLUMNS_MAX];
	int i, y = g->list;
	bool more;
	size_t n;

	n = layout_columns(m->view, m->live, m->views[m->view].sort, ui->skip, g->cols, placed,
			   &more);
	if (g->head >= 0)
		draw_head(ui, g->head, placed, n, more);
	for (i = 0; i < g->nr_list && ui->top + (size_t)i < nr; i++)
		draw_row(ui, y++, ui->top + (size_t)i, placed, n);
	if (!nr && g->nr_list)
		screen__put(y++, 0, g->cols, FIT_LEFT, STYLE_DIM, nothing_to_show(m));
	for (i = 0; i < g->nr_others; i++)
		draw_row(ui, y++, m->nr_items + (size_t)i, placed, n);
}

/* --- pages and lists -------------------------------------------------------------------------- */

static void draw_page(struct ui *ui, const struct geometry *g)
{
	page__scroll(&ui->page, 0, g->nr_page);
	screen__fill(0, STYLE_HEAD);
	screen__put(0, 0, g->cols, FIT_LEFT, STYLE_HEAD, ui->page.title);
	page__draw(&ui->page, 1, g->nr_page);
}

static void draw_menu(struct ui *ui, const struct geometry *g)
{
	struct page *p = &ui->menu;
	size_t at = ui->choice, rows = (size_t)g->nr_menu;

	if (p->top > at)
		p->top = at;
	if (rows && at >= p->top + rows)
		p->top = at - rows + 1;
	page__scroll(p, 0, g->nr_menu);
	if (g->head >= 0) {
		screen__fill(g->head, STYLE_HEAD);
		screen__put(g->head, 0, g->cols, FIT_LEFT, STYLE_HEAD, p->title);
	}
	page__draw(p, g->list, g->nr_menu);
	if (at < p->nr && rows)
		page__highlight(p, g->list, at);
}

/* --- the last line ---------------------------------------------------------------------------- */

static void draw_keys(const struct geometry *g, enum key_place place)
{
	const struct binding *b;
	char name[16], word[32];
	int x = 0;

	for (b = key_bindings; b->action; b++) {
		if (!(b->places & place) || !b->bar)
			continue;
		keys_name(b->keys[0], name, sizeof(name));
		snprintf(word, sizeof(word), "%s ", b->bar);
		if (x + (int)strlen(name) + (int)strlen(word) > g->cols)
			break;
		x = screen__print(g->bar, x, STYLE_KEY, name);
		x = screen__print(g->bar, x, STYLE_KEY_NAME, word);
	}
}

static void draw_prompt(const struct ui *ui, int y)
{
	char text[96];
	int x;

	screen__fill(y, STYLE_KEY_NAME);
	snprintf(text, sizeof(text), "%s: ", ui->prompt.label);
	x = screen__print(y, 0, STYLE_KEY_NAME, text);
	text_clean(ui->prompt.text, text, sizeof(text));
	x = screen__print(y, x, STYLE_KEY_NAME, text);
	if (*ui->message)
		screen__print(y, x + 2, STYLE_KEY_NAME, ui->message);
	screen__cursor(y, x < screen__cols() ? x : screen__cols() - 1);
}

static void draw_bar(const struct ui *ui, const struct geometry *g)
{
	screen__cursor(0, -1);
	if (ui->mode == MODE_SEARCH || ui->mode == MODE_FILTER)
		draw_prompt(ui, g->rows - 1);
	else if (g->bar < 0)
		return;
	else if (*ui->message)
		screen__put(g->bar, 0, g->cols, FIT_LEFT, STYLE_WARN, ui->message);
	else
		draw_keys(g, ui->mode == MODE_PAGE ? IN_PAGE : ui->mode == MODE_MENU ? IN_MENU :
			     IN_TABLE);
}

void ui_draw(struct ui *ui)
{
	struct geometry g = ui_geometry(ui);

	screen__clear();
	if (ui->mode == MODE_PAGE) {
		draw_page(ui, &g);
	} else {
		header_draw(ui, &g);
		if (ui->mode == MODE_MENU)
			draw_menu(ui, &g);
		else
			draw_table(ui, &g);
	}
	draw_bar(ui, &g);
	screen__show();
}
