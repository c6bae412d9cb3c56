// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tui_actions.h"
#include "tui_live.h"
#include "tui_wait.h"

#define SCAN_SHARE 5	/* scans take a fifth of the time at most */

double live_pause(double delay, uint64_t took_ns)
{
	double least = (double)took_ns / 1e9 * (SCAN_SHARE - 1);

	return delay > least ? delay : least;
}

static int refresh_data(struct ui *ui, bool force, struct fail *fail)
{
	uint64_t before = source__cost(ui->src).scans;
	const struct snapshot *snap = source__poll(ui->src, force, fail);

	if (!snap)
		return -1;
	model__refresh(&ui->model, snap);
	ui->refreshed = wait__now();
	ui->pause = live_pause(ui->delay, source__cost(ui->src).scans > before ? snap->took_ns : 0);
	return 0;
}

static void draw(struct ui *ui)
{
	ui_settle(ui);
	if (ui->mode == MODE_PAGE)
		ui_fill_page(ui);
	ui_draw(ui);
}

/* All keys that wait. True: one of them asks for a scan. */
static bool read_keys(struct ui *ui)
{
	bool rescan = false;
	int key;

	while (!ui->quit && (key = screen__key()) >= 0) {
		rescan |= ui_key(ui, key);
		ui_settle(ui);
	}
	return rescan;
}

/* Until the next refresh, the age moves on once a second. */
static double next_wait(const struct ui *ui)
{
	double wait = ui->refreshed + ui->pause - wait__now();

	return ui->paused || wait > 1 ? 1 : wait;
}

static bool is_due(const struct ui *ui)
{
	return !ui->paused && wait__now() >= ui->refreshed + ui->pause;
}

static int loop(struct ui *ui, uint64_t refreshes, struct fail *fail)
{
	bool rescan = false;
	uint64_t done = 0;

	while (!ui->quit) {
		if (rescan || !ui->model.snap || is_due(ui)) {
			if (refreshes && done++ == refreshes)
				return 0;
			if (refresh_data(ui, rescan, fail))
				return -1;
		}
		draw(ui);
		if (wait__for(STDIN_FILENO, next_wait(ui)) == WAIT_STOPPED)
			return 0;
		/* Also without input: that the terminal was resized comes as a key. */
		rescan = read_keys(ui);
	}
	return 0;
}

int live_run(struct model *model, struct source *src, double delay, uint64_t refreshes, bool color,
	     struct fail *fail)
{
	struct ui ui = { .src = src, .delay = delay, .pause = delay, .started = wait__now() };
	int err;

	ui.model = *model;
	err = screen__begin(color, fail);
	if (!err)
		err = loop(&ui, refreshes, fail);
	screen__end();
	page__free(&ui.page);
	page__free(&ui.menu);
	free(ui.menu_users);
	*model = ui.model;
	return err;
}
