// SPDX-License-Identifier: GPL-2.0
#include "text.h"
#include "tui_menu.h"
#include "vec.h"

void menu_open_sort(struct ui *ui)
{
	const struct model *m = &ui->model;
	const struct column *cols[COLUMNS_MAX];
	size_t i, n = table_columns(m->view, m->live, cols);

	page__begin(&ui->menu, "Sort by");
	ui->choice = 0;
	for (i = 0; i < n; i++) {
		if (!cols[i]->name)
			continue;
		if (cols[i] == m->views[m->view].sort)
			ui->choice = ui->menu.nr;
		ui->menu_columns[ui->menu.nr] = cols[i];
		page__fact(&ui->menu, cols[i]->title, "%s", cols[i]->help);
	}
	ui->menu_kind = MENU_SORT;
	ui->mode = MODE_MENU;
}

static bool is_listed(const struct ui *ui, size_t nr, uid_t uid)
{
	size_t i;

	for (i = 1; i < nr; i++)
		if (ui->menu_users[i] == uid)
			return true;
	return false;
}

void menu_open_user(struct ui *ui)
{
	const struct model *m = &ui->model;
	const struct snapshot *snap = m->snap;
	size_t i;

	page__begin(&ui->menu, "Show processes of");
	page__line(&ui->menu, STYLE_PLAIN, "all users");
	ui->choice = 0;
	ui->menu_users = xrealloc(ui->menu_users, snap->nr_procs + 1, sizeof(*ui->menu_users));
	for (i = 0; i < snap->nr_procs; i++) {
		uid_t uid = snap->procs[i].uid;

		if (!snap->procs[i].sum.folios || is_listed(ui, ui->menu.nr, uid))
			continue;
		if (m->filter.by_user && m->filter.uid == uid)
			ui->choice = ui->menu.nr;
		ui->menu_users[ui->menu.nr] = uid;
		page__line(&ui->menu, STYLE_PLAIN, "%s", text_user(uid));
	}
	ui->menu_kind = MENU_USER;
	ui->mode = MODE_MENU;
}

static void choose(struct ui *ui)
{
	struct model *m = &ui->model;

	if (ui->menu_kind == MENU_SORT) {
		m->views[m->view].sort = ui->menu_columns[ui->choice];
		m->views[m->view].inverted = false;
	} else {
		m->filter.by_user = ui->choice > 0;
		if (ui->choice)
			m->filter.uid = ui->menu_users[ui->choice];
	}
	ui->mode = MODE_TABLE;
	model__arrange(m);
}

void menu_action(struct ui *ui, enum action action)
{
	if (action == ACT_BACK)
		ui->mode = MODE_TABLE;
	else if (action == ACT_ENTER)
		choose(ui);
	else
		ui->choice = action_move(ui->choice, action_step(action, ui_geometry(ui).nr_menu),
					 ui->menu.nr);
}
