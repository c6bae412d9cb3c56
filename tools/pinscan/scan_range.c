// SPDX-License-Identifier: GPL-2.0
/* Which pins keep a stretch of physical memory from being moved: --pfn. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "pieces.h"
#include "scan_view.h"
#include "table.h"
#include "text.h"

static const char *file_name(const struct snapshot *snap, const struct piece *p, char *buf,
			     size_t size)
{
	const char *name = snapshot__file_name(snap, p->run->mapping);

	return name ? text_clean(name, buf, size) : NULL;
}

struct listing {
	const struct snapshot *snap;
	const struct scan_view *view;
	struct table *table;
	json_t *json;
	struct pin_sum sum;
};

static void add_sum(void *arg, const struct piece *p)
{
	struct listing *l = arg;

	if (p->run->kind != PIN_BIAS)
		pin_sum_add(&l->sum, l->snap, p->run, p->folios);
}

/* Since the scan before, in the same page frames: whose and what it was is not compared. */
static int64_t change_of(const struct listing *l, const struct piece *p)
{
	struct pfn_range range = { p->pfn, p->end };

	if (!l->view->last || p->run->kind == PIN_BIAS)
		return 0;
	return (int64_t)(p->end - p->pfn - pieces_held(l->view->last, &range)) *
	       (int64_t)l->snap->page_size;
}

static void add_line(void *arg, const struct piece *p)
{
	struct listing *l = arg;
	const struct snapshot *s = l->snap;
	char pfns[48], size[16], name[PATH_MAX], *whose = piece_whose(s, p);
	const char *file = file_name(s, p, name, sizeof(name));

	add_sum(l, p);
	snprintf(pfns, sizeof(pfns), "%llx-%llx", (unsigned long long)p->pfn,
		 (unsigned long long)p->end - 1);
	table_cell(l->table, "%s", pfns);
	table_cell(l->table, "%llu", (unsigned long long)(p->folios * p->run->pins));
	table_cell(l->table, "%s", text_size((p->folios << p->run->order) * s->page_size, size,
					     sizeof(size)));
	view_change_cell(l->view, l->table, change_of(l, p));
	table_cell(l->table, "%s", text_size((uint64_t)s->page_size << p->run->order, size,
					     sizeof(size)));
	table_cell(l->table, "%s", pin_kind_name(p->run->kind));
	table_cell(l->table, "node%u %s", p->run->node,
		   scanner__zone_name(s->scanner, p->run->zone));
	table_cell(l->table, "%s", scanner__block_name(s->scanner, p->run->block));
	table_cell(l->table, "%s", whose);
	table_cell(l->table, "%s", file ? file : "");
	free(whose);
}

/* Runs that are no more have no line: in the sum they show. */
static void say_change(const struct listing *now, const struct pfn_range *range, FILE *out)
{
	struct listing last = { .snap = now->view->last };
	int64_t change;
	char buf[16];

	pieces_each(last.snap, range, add_sum, &last);
	change = (int64_t)(now->sum.bytes - last.sum.bytes);
	fprintf(out, ", change %s", change ? text_delta(change, buf, sizeof(buf)) : "none");
}

/* Pins can only be found where memory is: what is not has no answer, rather than none. */
static void say_memory(const struct snapshot *snap, const struct pfn_range *range, FILE *out)
{
	uint64_t pages = pfn_ranges_within(&snap->ranges, range);
	char size[16];

	if (!pages)
		fputs("no memory is online in that range: there was nothing to look at\n", out);
	else if (pages < range->end - range->start)
		fprintf(out, "only %s of that range is memory that is online\n",
			text_size(pages * snap->page_size, size, sizeof(size)));
}

void range_text(const struct snapshot *snap, const struct scan_view *view,
		const struct pfn_range *range, FILE *out)
{
	static const struct table_col cols[] = {
		{ "PFNS", true }, { "PINS", false }, { "PINNED", false }, { "FOLIO", false },
		{ "KIND", true }, { "ZONE", true }, { "BLOCK", true }, { "WHOSE", true },
		{ "FILE", true }, {}
	};
	struct listing l = { .snap = snap, .view = view,
			     .table = view_table(view, cols, "FOLIO") };
	char size[16], path[512];

	pieces_each(snap, range, add_line, &l);
	table_print(l.table, out, terminal_width(out));
	fprintf(out, "\n%llu pin%s %s in page frames %llx-%llx",
		(unsigned long long)l.sum.pins, l.sum.pins == 1 ? " holds" : "s hold",
		text_size(l.sum.bytes, size, sizeof(size)),
		(unsigned long long)range->start, (unsigned long long)range->end - 1);
	if (view->last)
		say_change(&l, range, out);
	if (snap->cgroup)
		fprintf(out, ", charged to cgroup %s and below",
			text_clean(snap->cgroup, path, sizeof(path)));
	fputc('\n', out);
	say_memory(snap, range, out);
}

static void add_object(void *arg, const struct piece *p)
{
	struct listing *l = arg;
	const struct snapshot *s = l->snap;
	char hex[24], name[PATH_MAX], *whose = piece_whose(s, p);
	const char *file = file_name(s, p, name, sizeof(name));
	bool known = p->owner < s->nr_procs;
	const struct pin_file *inode = snapshot__file(s, p->run->mapping);
	json_t *o = json_object();

	snprintf(hex, sizeof(hex), "0x%llx", (unsigned long long)p->pfn);
	json_object_set_new(o, "pfn_first", json_string(hex));
	snprintf(hex, sizeof(hex), "0x%llx", (unsigned long long)p->end - 1);
	json_object_set_new(o, "pfn_last", json_string(hex));
	json_object_set_new(o, "pins", json_integer(p->folios * p->run->pins));
	json_object_set_new(o, "pinned_bytes",
			    json_integer((p->folios << p->run->order) * s->page_size));
	view_change_json(l->view, o, change_of(l, p));
	json_object_set_new(o, "folio_bytes", json_integer((uint64_t)s->page_size
							   << p->run->order));
	json_object_set_new(o, "kind", json_string(pin_kind_name(p->run->kind)));
	json_object_set_new(o, "node", json_integer(p->run->node));
	json_object_set_new(o, "zone", json_string(scanner__zone_name(s->scanner, p->run->zone)));
	json_object_set_new(o, "block",
			    json_string(scanner__block_name(s->scanner, p->run->block)));
	json_object_set_new(o, "whose", json_string(whose));
	json_object_set_new(o, "pid", known ? json_integer(s->procs[p->owner].pid) : json_null());
	json_object_set_new(o, "pids", piece_pids(s, p));
	json_object_set_new(o, "shared", json_boolean(p->shared));
	json_object_set_new(o, "file", file ? json_string(file) : json_null());
	set_inode_json(o, inode, inode ? inode->dev : 0, inode ? inode->ino : 0);
	json_array_append_new(l->json, o);
	free(whose);
}

json_t *range_asked_json(const struct snapshot *snap, const struct pfn_range *range)
{
	char first[24], last[24];

	snprintf(first, sizeof(first), "0x%llx", (unsigned long long)range->start);
	snprintf(last, sizeof(last), "0x%llx", (unsigned long long)range->end - 1);
	return json_pack("{s:s, s:s, s:I}", "pfn_first", first, "pfn_last", last, "online_bytes",
			 (json_int_t)(pfn_ranges_within(&snap->ranges, range) * snap->page_size));
}

json_t *range_json(const struct snapshot *snap, const struct scan_view *view,
		   const struct pfn_range *range)
{
	struct listing l = { .snap = snap, .view = view, .json = json_array() };

	pieces_each(snap, range, add_object, &l);
	return l.json;
}
