// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tui_actions.h"
#include "tui_detail.h"
#include "tui_menu.h"
#include "tui_wait.h"

static void __attribute__((format(printf, 2, 3))) say(struct ui *ui, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ui->message, sizeof(ui->message), fmt, ap);
	va_end(ap);
}

/* --- pages ------------------------------------------------------------------------------------ */

void ui_fill_page(struct ui *ui)
{
	struct source_cost cost;
	const struct row *row;

	switch (ui->page_kind) {
	case PAGE_HELP:
		detail_help(&ui->page, ui->model.live);
		break;
	case PAGE_INFO:
		cost = source__cost(ui->src);
		detail_info(&ui->page, &ui->model, &cost, wait__cpu(), wait__now() - ui->started,
			    screen__cols());
		break;
	case PAGE_ROW:
		row = model__row(&ui->model, &ui->page_id);
		if (row)
			detail_row(&ui->page, row);
		else
			detail_gone(&ui->page);
		break;
	}
}

static void open_page(struct ui *ui, enum page_kind kind)
{
	if (kind == PAGE_ROW && !ui->model.nr_shown)
		return;
	ui->page_kind = kind;
	ui->page_id = ui->selected_id;
	ui->page.top = ui->page.left = 0;
	ui->mode = MODE_PAGE;
	ui_fill_page(ui);
}

static void page_action(struct ui *ui, enum action action)
{
	int rows = ui_geometry(ui).nr_page;

	switch (action) {
	case ACT_BACK:
		ui->mode = MODE_TABLE;
		break;
	case ACT_LEFT:
		ui->page.left -= ui->page.left < 8 ? ui->page.left : 8;
		break;
	case ACT_RIGHT:
		ui->page.left += ui->page.left < TUI_TEXT_MAX ? 8 : 0;
		break;
	default:
		page__scroll(&ui->page, action_step(action, rows), rows);
		break;
	}
}

/* --- search and filter ------------------------------------------------------------------------ */

static void select_row(struct ui *ui, size_t nr)
{
	ui->selected = nr;
	if (nr >= ui->model.nr_shown)
		return;
	ui->selected_id = ui->model.shown[nr]->id;
	/* Who stays at the top wants to see what is at the top. */
	ui->follows = nr > 0;
}

/* Selects the first row that matches, at the selection or, with @next, behind it. */
static void search(struct ui *ui, bool next)
{
	const struct model *m = &ui->model;
	size_t i;

	*ui->message = '\0';
	if (!*ui->search)
		return;
	for (i = 0; i < m->nr_shown; i++) {
		size_t at = (ui->selected + next + i) % m->nr_shown;

		if (row_matches(m, m->shown[at], ui->search)) {
			select_row(ui, at);
			return;
		}
	}
	say(ui, "(not found)");
}

static void open_prompt(struct ui *ui, enum mode mode)
{
	bool filter = mode == MODE_FILTER;

	prompt__begin(&ui->prompt, filter ? "Filter" : "Search",
		      filter ? ui->model.filter_text : "");
	ui->mode = mode;
}

static void set_filter(struct ui *ui, const char *text)
{
	snprintf(ui->model.filter_text, sizeof(ui->model.filter_text), "%s", text);
	model__arrange(&ui->model);
}

static void prompt_key(struct ui *ui, int key)
{
	bool filter = ui->mode == MODE_FILTER;
	enum prompt_result result = prompt__key(&ui->prompt, key);

	switch (result) {
	case PROMPT_SAME:
		break;
	case PROMPT_CHANGED:
		if (filter) {
			set_filter(ui, ui->prompt.text);
			break;
		}
		snprintf(ui->search, sizeof(ui->search), "%s", ui->prompt.text);
		search(ui, false);
		break;
	case PROMPT_NEXT:
		if (!filter)
			search(ui, true);
		break;
	case PROMPT_DROPPED:
		if (filter)
			set_filter(ui, "");
		ui->mode = MODE_TABLE;
		*ui->message = '\0';
		break;
	case PROMPT_DONE:
		ui->mode = MODE_TABLE;
		*ui->message = '\0';
		break;
	}
}

/* --- the table -------------------------------------------------------------------------------- */

static void sort_by(struct ui *ui, const struct column *col)
{
	struct model_view *v = &ui->model.views[ui->model.view];

	if (!col)
		return;
	if (v->sort != col)
		v->inverted = false;
	v->sort = col;
	model__arrange(&ui->model);
}

/* 0.1, 0.2, 0.5, 1, 2, 5 ... as far as it goes. */
static void change_delay(struct ui *ui, bool slower)
{
	static const double steps[] = {
		0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600,
	};
	size_t i, n = sizeof(steps) / sizeof(steps[0]);

	for (i = 0; i < n; i++)
		if (slower ? steps[i] > ui->delay * 1.001 : steps[n - 1 - i] < ui->delay * 0.999)
			break;
	if (i < n)
		ui->delay = ui->pause = steps[slower ? i : n - 1 - i];
	say(ui, "A refresh every %g seconds.", ui->delay);
}

static void next_view(struct ui *ui)
{
	enum view view = ui->model.view, next = model__next_view(&ui->model);

	if (next != (view + 1) % VIEWS && ui->model.why_scan)
		say(ui, "No views by driver and site without live events: i says why.");
	else if (next != (view + 1) % VIEWS)
		say(ui, "No views by driver and site with --source scan.");
	model__set_view(&ui->model, next);
	ui->selected = ui->top = ui->skip = 0;
	ui->follows = false;
}

static void scroll_columns(struct ui *ui, int step)
{
	struct placed placed[COLUMNS_MAX];
	bool more = false;

	layout_columns(ui->model.view, ui->model.live, NULL, ui->skip, screen__cols(), placed,
		       &more);
	if (step < 0 && ui->skip)
		ui->skip--;
	else if (step > 0 && more)
		ui->skip++;
}

static void sort_action(struct ui *ui, enum action action)
{
	enum view view = ui->model.view;
	struct model_view *v = &ui->model.views[view];

	switch (action) {
	case ACT_SORT_LEFT:
		sort_by(ui, table_step(view, ui->model.live, v->sort, -1));
		break;
	case ACT_SORT_RIGHT:
		sort_by(ui, table_step(view, ui->model.live, v->sort, 1));
		break;
	case ACT_SORT_PINNED:
		sort_by(ui, table_find(view, "pinned"));
		break;
	case ACT_SORT_PINS:
		sort_by(ui, table_find(view, "pins"));
		break;
	case ACT_SORT_PID:
		sort_by(ui, table_find(view, view == VIEW_PROCESS ? "pid" : "name"));
		break;
	case ACT_INVERT:
		v->inverted = !v->inverted;
		model__arrange(&ui->model);
		break;
	default:
		break;
	}
}

static void move_selection(struct ui *ui, enum action action)
{
	long step = action_step(action, ui_geometry(ui).nr_list);

	if (step)
		select_row(ui, action_move(ui->selected, step, ui->model.nr_shown));
}

static void table_action(struct ui *ui, enum action action)
{
	switch (action) {
	case ACT_QUIT:
		ui->quit = true;
		break;
	case ACT_HELP:
		open_page(ui, PAGE_HELP);
		break;
	case ACT_INFO:
		open_page(ui, PAGE_INFO);
		break;
	case ACT_ENTER:
		open_page(ui, PAGE_ROW);
		break;
	case ACT_SEARCH:
		open_prompt(ui, MODE_SEARCH);
		break;
	case ACT_SEARCH_NEXT:
		search(ui, true);
		break;
	case ACT_FILTER:
		open_prompt(ui, MODE_FILTER);
		break;
	case ACT_USER:
		if (ui->model.view == VIEW_PROCESS)
			menu_open_user(ui);
		else
			say(ui, "Only the view by process knows users.");
		break;
	case ACT_SORT_MENU:
		menu_open_sort(ui);
		break;
	case ACT_VIEW:
		next_view(ui);
		break;
	case ACT_SLOWER:
	case ACT_FASTER:
		change_delay(ui, action == ACT_SLOWER);
		break;
	case ACT_LEFT:
	case ACT_RIGHT:
		scroll_columns(ui, action == ACT_LEFT ? -1 : 1);
		break;
	default:
		sort_action(ui, action);
		move_selection(ui, action);
		break;
	}
}

bool ui_key(struct ui *ui, int key)
{
	enum key_place place = ui->mode == MODE_PAGE ? IN_PAGE :
			       ui->mode == MODE_MENU ? IN_MENU : IN_TABLE;
	enum action action;

	*ui->message = '\0';
	if (ui->mode == MODE_SEARCH || ui->mode == MODE_FILTER) {
		prompt_key(ui, key);
		return false;
	}
	action = keys_action(key, place);
	if (action == ACT_REDRAW)
		screen__redraw();
	else if (action == ACT_PAUSE)
		ui->paused = !ui->paused;
	else if (place == IN_PAGE && action != ACT_RESCAN)
		page_action(ui, action);
	else if (place == IN_MENU)
		menu_action(ui, action);
	else if (place == IN_TABLE)
		table_action(ui, action);
	return action == ACT_RESCAN;
}
