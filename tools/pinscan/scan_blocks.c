// SPDX-License-Identifier: GPL-2.0
/* Which memory blocks cannot go offline because of pins: --memory-block. */
#include <stdlib.h>
#include <string.h>

#include "pieces.h"
#include "scan_view.h"
#include "table.h"
#include "text.h"
#include "vec.h"

/* What stands in one line about a memory block. */
struct block_line {
	const struct snap_block *block;
	const struct group *group;	/* folios that begin in it; NULL: none */
	int64_t change;			/* of their bytes */
};

struct block_list {
	struct block_line *lines;
	size_t nr, cap;
	struct group *groups, *last;	/* by block; of the scan before */
	size_t nr_groups, nr_last;
	uint64_t block_pages;
};

static int by_block(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return x->block < y->block ? -1 : x->block > y->block;
}

static void group_blocks(const struct snapshot *snap, struct group **groups, size_t *nr)
{
	snapshot__group(snap, BY_BLOCK, groups, nr);
	if (*nr)
		qsort(*groups, *nr, sizeof(**groups), by_block);
}

/* The group of block @nr from *@at on, which goes there. NULL: none. */
static const struct group *next_group(const struct group *groups, size_t nr_groups, size_t *at,
				      uint64_t nr)
{
	while (*at < nr_groups && groups[*at].block < nr)
		++*at;
	return *at < nr_groups && groups[*at].block == nr ? &groups[*at] : NULL;
}

/* The blocks and both lists of groups are in order and walked once. */
static void list_lines(const struct snapshot *snap, uint64_t nr, struct block_list *list)
{
	size_t i, at = 0, at_last = 0;

	for (i = 0; i < snap->nr_blocks; i++) {
		const struct snap_block *b = &snap->blocks[i];
		struct block_line line = { .block = b };
		const struct group *last;

		line.group = next_group(list->groups, list->nr_groups, &at, b->nr);
		last = next_group(list->last, list->nr_last, &at_last, b->nr);
		line.change = (int64_t)((line.group ? line.group->sum.bytes : 0) -
					(last ? last->sum.bytes : 0));
		/* Of those that were held a moment ago, it is of interest that they no longer are. */
		if (nr == UINT64_MAX ? b->held || last : b->nr == nr)
			*vec_push(list->lines, list->nr, list->cap) = line;
	}
}

static void free_blocks(struct block_list *list)
{
	free(list->lines);
	groups_free(list->groups, list->nr_groups);
	groups_free(list->last, list->nr_last);
}

static int list_blocks(const struct snapshot *snap, const struct scan_view *view, uint64_t nr,
		       struct block_list *list, struct fail *fail)
{
	memset(list, 0, sizeof(*list));
	if (snap->blocks_error)
		return fail_set(fail, 1, "this kernel has no memory blocks "
					 "(/sys/devices/system/memory): %s",
				strerror(-snap->blocks_error));
	list->block_pages = snap->block_bytes / snap->page_size;
	group_blocks(snap, &list->groups, &list->nr_groups);
	if (view->last)
		group_blocks(view->last, &list->last, &list->nr_last);
	list_lines(snap, nr, list);
	if (nr != UINT64_MAX && !list->nr) {
		free_blocks(list);
		return fail_set(fail, 1, "there is no memory block %llu; "
					 "ls /sys/devices/system/memory shows them",
				(unsigned long long)nr);
	}
	return 0;
}

static struct pfn_range block_range(const struct block_list *list, const struct block_line *line)
{
	return (struct pfn_range){ line->block->nr * list->block_pages,
				   (line->block->nr + 1) * list->block_pages };
}

struct reaching {
	const struct snapshot *snap;
	uint64_t start, block_pages;
	char *whose;
};

static void name_reaching(void *arg, const struct piece *p)
{
	struct reaching *r = arg;
	char size[16], *whose;

	if (r->whose || p->pfn >= r->start || p->run->kind == PIN_BIAS)
		return;
	whose = piece_whose(r->snap, p);
	r->whose = xasprintf("%s: a folio of %s that begins in memory%llu", whose,
			     text_size((uint64_t)r->snap->page_size << p->run->order, size,
				       sizeof(size)),
			     (unsigned long long)(p->pfn / r->block_pages));
	free(whose);
}

/*
 * Who holds the block. The pins of a folio of 1 GiB stand in the block where
 * it begins, but it holds all blocks that it covers. The caller frees it.
 */
static char *block_whose(const struct snapshot *snap, const struct block_list *list,
			 const struct block_line *line)
{
	struct pfn_range range = block_range(list, line);
	struct reaching r = { snap, range.start, list->block_pages, NULL };

	if (line->group)
		return xstrdup(line->group->owners);
	pieces_each(snap, &range, name_reaching, &r);
	return r.whose ? r.whose : xstrdup("");
}

int blocks_text(const struct snapshot *snap, const struct scan_view *view, uint64_t nr, FILE *out,
		struct fail *fail)
{
	static const struct table_col cols[] = {
		{ "BLOCK", true }, { "STATE", true }, { "ZONE", true }, { "PINS", false },
		{ "PINNED", false }, { "OFFLINE?", true }, { "WHOSE", true }, {}
	};
	struct block_list list;
	struct pfn_range range;
	struct table *t;
	char size[16], path[512], *whose;
	size_t i;

	if (list_blocks(snap, view, nr, &list, fail))
		return -1;
	t = view_table(view, cols, "OFFLINE?");
	for (i = 0; i < list.nr; i++) {
		const struct block_line *l = &list.lines[i];

		table_cell(t, "memory%llu", (unsigned long long)l->block->nr);
		table_cell(t, "%s", l->block->online ? "online" : "offline");
		table_cell(t, "%s", l->block->movable ? "Movable" : "other");
		table_cell(t, "%llu", l->group ? (unsigned long long)l->group->sum.pins : 0);
		table_cell(t, "%s", text_size(l->group ? l->group->sum.bytes : 0, size,
					      sizeof(size)));
		view_change_cell(view, t, l->change);
		table_cell(t, "%s", l->block->held ? "no, pinned" : "no pins in the way");
		whose = block_whose(snap, &list, l);
		table_cell(t, "%s", whose);
		free(whose);
	}
	table_print(t, out, terminal_width(out));
	if (!list.nr)
		fprintf(out, "no memory block is held by pins%s\n",
			snap->cgroup ? " of this cgroup" : "");
	else if (snap->cgroup)
		fprintf(out, "\nheld by memory charged to cgroup %s and below; that of others is "
			     "not looked at\n", text_clean(snap->cgroup, path, sizeof(path)));
	if (nr != UINT64_MAX) {
		range = block_range(&list, &list.lines[0]);
		fputc('\n', out);
		range_text(snap, view, &range, out);
	}
	free_blocks(&list);
	return 0;
}

int blocks_json(const struct snapshot *snap, const struct scan_view *view, uint64_t nr,
		json_t **out, struct fail *fail)
{
	struct block_list list;
	struct pfn_range range;
	char *whose;
	size_t i;

	if (list_blocks(snap, view, nr, &list, fail))
		return -1;
	*out = json_array();
	for (i = 0; i < list.nr; i++) {
		const struct block_line *l = &list.lines[i];
		json_t *o = json_object();

		json_object_set_new(o, "block", json_integer(l->block->nr));
		json_object_set_new(o, "online", json_boolean(l->block->online));
		json_object_set_new(o, "movable_zone", json_boolean(l->block->movable));
		json_object_set_new(o, "pins", json_integer(l->group ? l->group->sum.pins : 0));
		json_object_set_new(o, "pinned_bytes",
				    json_integer(l->group ? l->group->sum.bytes : 0));
		view_change_json(view, o, l->change);
		json_object_set_new(o, "held_by_pins", json_boolean(l->block->held));
		whose = block_whose(snap, &list, l);
		json_object_set_new(o, "whose", json_string(whose));
		free(whose);
		range = block_range(&list, l);
		json_object_set_new(o, "online_bytes",
				    json_integer(pfn_ranges_within(&snap->ranges, &range) *
						 snap->page_size));
		json_object_set_new(o, "runs", range_json(snap, view, &range));
		json_array_append_new(*out, o);
	}
	free_blocks(&list);
	return 0;
}
