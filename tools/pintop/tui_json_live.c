// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "tui_json_live.h"
#include "tui_text.h"
#include "vec.h"

static json_t *integer(uint64_t v)
{
	return json_integer((json_int_t)(v < INT64_MAX ? v : INT64_MAX));
}

static json_t *text_json(const char *text)
{
	char clean[TUI_TEXT_MAX];

	return json_string(text_clean(text ? text : "", clean, sizeof(clean)));
}

json_t *names_json(const char *names)
{
	json_t *list = json_array();
	char *copy, *rest, *name;

	if (!names || !*names)
		return list;
	copy = rest = xstrdup(names);
	while ((name = strsep(&rest, ",")))
		json_array_append_new(list, text_json(name + strspn(name, " ")));
	free(copy);
	return list;
}

static json_t *frames_json(const struct live_site *site)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < site->nr_frames; i++)
		json_array_append_new(list, text_json(site->frames[i]));
	return list;
}

static void site_json(json_t *o, const struct live_site *site)
{
	char id[24];

	snprintf(id, sizeof(id), "%016" PRIx64, site->id);
	json_object_set_new(o, "id", json_string(id));
	json_object_set_new(o, "detail", text_json(site->detail));
	json_object_set_new(o, "function", text_json(site->function));
	json_object_set_new(o, "frames", frames_json(site));
	json_object_set_new(o, "truncated", json_boolean(site->truncated));
}

void live_row_json(json_t *o, const struct row *row)
{
	if (!row->flow)
		return;
	json_object_set_new(o, "partial", integer(row->flow->partial));
	json_object_set_new(o, "guessed", integer(row->flow->guessed));
	if (row->proc)
		json_object_set_new(o, "exited", json_boolean(row->proc->exited));
	if (row->site)
		site_json(o, row->site);
}
