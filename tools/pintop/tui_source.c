// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "text.h"
#include "tui_source.h"
#include "tui_table.h"

void source_choice_parse(struct source_choice *c, const char *arg)
{
	static const char *const names[] = {
		[FROM_AUTO] = "auto", [FROM_EVENTS] = "events", [FROM_SCAN] = "scan",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(arg, names[i])) {
			c->from = (enum source_from)i;
			return;
		}
	}
	die(EXIT_USAGE, "SOURCE must be auto, events or scan, not '%s'", arg);
}

/* What was asked for and needs live events, in words; NULL: nothing. */
static const char *wants_live(const struct model *m)
{
	static char text[64];
	const struct column *sort = m->views[m->view].sort;

	if (view_needs_live(m->view))
		snprintf(text, sizeof(text), "the view by %s", view_name(m->view));
	else if (m->filter.nr_drivers)
		snprintf(text, sizeof(text), "--driver");
	else if (column_is_live(sort))
		snprintf(text, sizeof(text), "the column %s", sort->title);
	else
		return NULL;
	return text;
}

/*
 * Memory cgroups are charged for memory, of which the ledger knows nothing: one
 * brought in line with a scan of a part would take the rest for gone.
 */
static void mind_cgroup(struct source_choice *c, struct model *m)
{
	if (!c->opts.snapshot.cgroup)
		return;
	if (c->from == FROM_EVENTS)
		die(EXIT_USAGE, "--cgroup is not for --source events: of what is charged to a cgroup, "
		    "only a scan knows");
	if (c->from == FROM_AUTO)
		m->why_scan = "of what is charged to a cgroup, only a scan knows";
	c->from = FROM_SCAN;
}

static struct source *open_scan(const struct source_choice *c, const struct model *m,
				struct fail *fail)
{
	const char *wants = wants_live(m);

	if (!wants)
		return source_open_scan(&c->opts, fail);
	if (c->from == FROM_SCAN)
		fail_set(fail, EXIT_USAGE, "%s needs live events, not %s", wants,
			 c->opts.snapshot.cgroup ? "--cgroup" : "--source scan");
	else
		fail_set(fail, c->no_events.code, "%s needs live events: %s", wants,
			 c->no_events.msg);
	return NULL;
}

struct source *source_choice_open(struct source_choice *c, struct model *m, bool say,
				  struct fail *fail)
{
	struct source *src;

	mind_cgroup(c, m);
	if (c->from == FROM_SCAN)
		return open_scan(c, m, fail);
	src = source_open_events(&c->opts, &c->no_events);
	m->live = src;
	*fail = c->no_events;
	if (src || c->from == FROM_EVENTS)
		return src;
	m->why_scan = c->no_events.msg;
	src = open_scan(c, m, fail);
	if (src && say)
		warn("no live events, so a scan: %s", c->no_events.msg);
	return src;
}
