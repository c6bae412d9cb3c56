// SPDX-License-Identifier: GPL-2.0
/* Which pins keep a stretch of physical memory from being moved or taken offline. */
#include <limits.h>
#include <string.h>

#include "scan_view.h"
#include "table.h"
#include "text.h"
#include "vec.h"

/* Neighbouring folios of one run with one owner, cut to what was asked for. */
struct piece {
	const struct pin_run *run;
	uint64_t pfn, end;	/* base pages */
	uint64_t folios;
	uint32_t owner;
	bool shared;
};

static void for_each_piece(const struct snapshot *snap, const struct pfn_range *range,
			   void (*call)(void *arg, const struct piece *piece), void *arg)
{
	size_t i;

	for (i = 0; i < snap->nr_runs; i++) {
		const struct pin_run *run = &snap->runs[i];
		uint64_t k = 0, n, at;

		if (run->pfn >= range->end || run->pfn + pin_run_pages(run) <= range->start)
			continue;
		for (; k < run->folios; k += n) {
			struct piece p = { .run = run, .pfn = run->pfn + (k << run->order) };

			at = snap->first[i] + k;
			p.owner = snap->owner[at];
			p.shared = snap->is_shared[at];
			n = 1;
			while (k + n < run->folios && snap->owner[at + n] == p.owner &&
			       snap->is_shared[at + n] == snap->is_shared[at] &&
			       p.pfn + (n << run->order) < range->end)
				n++;
			p.end = p.pfn + (n << run->order);
			p.folios = n;
			if (p.end <= range->start)
				continue;
			if (p.pfn >= range->end)
				break;
			/* Small pages are cut to the range, a large folio stands whole. */
			if (!run->order && p.pfn < range->start) {
				p.folios -= range->start - p.pfn;
				p.pfn = range->start;
			}
			call(arg, &p);
		}
	}
}

static const char *owner_name(const struct snapshot *snap, const struct piece *p, char *buf,
			      size_t size)
{
	char comm[64];

	if (p->run->kind == PIN_BIAS)
		return "(not a pin: refcount bias of the kernel)";
	if (p->owner == OWNER_UNMAPPED)
		return "(unmapped)";
	if (p->owner >= snap->nr_procs)
		return "(not seen)";
	text_clean(snap->procs[p->owner].comm, comm, sizeof(comm));
	snprintf(buf, size, "%s[%d]%s", comm, snap->procs[p->owner].pid,
		 p->shared ? " and others" : "");
	return buf;
}

static const char *file_name(const struct snapshot *snap, const struct piece *p, char *buf,
			     size_t size)
{
	const char *name = snapshot__file_name(snap, p->run->mapping);

	return name ? text_clean(name, buf, size) : NULL;
}

struct listing {
	const struct snapshot *snap;
	struct table *table;
	json_t *json;
	struct pin_sum sum;
};

static void add_line(void *arg, const struct piece *p)
{
	struct listing *l = arg;
	const struct snapshot *s = l->snap;
	char pfns[48], size[16], buf[128], name[PATH_MAX];
	const char *file = file_name(s, p, name, sizeof(name));

	if (p->run->kind != PIN_BIAS)
		pin_sum_add(&l->sum, s, p->run, p->folios);
	snprintf(pfns, sizeof(pfns), "%llx-%llx", (unsigned long long)p->pfn,
		 (unsigned long long)p->end - 1);
	table_cell(l->table, "%s", pfns);
	table_cell(l->table, "%llu", (unsigned long long)(p->folios * p->run->pins));
	table_cell(l->table, "%s", text_size((p->folios << p->run->order) * s->page_size, size,
					     sizeof(size)));
	table_cell(l->table, "%s", text_size((uint64_t)s->page_size << p->run->order, size,
					     sizeof(size)));
	table_cell(l->table, "%s", pin_kind_name(p->run->kind));
	table_cell(l->table, "node%u %s", p->run->node,
		   scanner__zone_name(s->scanner, p->run->zone));
	table_cell(l->table, "%s", scanner__block_name(s->scanner, p->run->block));
	table_cell(l->table, "%s", owner_name(s, p, buf, sizeof(buf)));
	table_cell(l->table, "%s", file ? file : "");
}

void range_text(const struct snapshot *snap, const struct pfn_range *range, FILE *out)
{
	static const struct table_col cols[] = {
		{ "PFNS", true }, { "PINS", false }, { "PINNED", false }, { "FOLIO", false },
		{ "KIND", true }, { "ZONE", true }, { "BLOCK", true }, { "WHOSE", true },
		{ "FILE", true }, {}
	};
	struct listing l = { .snap = snap, .table = table_new(cols) };
	char size[16], path[512];

	for_each_piece(snap, range, add_line, &l);
	table_print(l.table, out, terminal_width(out));
	fprintf(out, "\n%llu pins hold %s in page frames %llx-%llx",
		(unsigned long long)l.sum.pins, text_size(l.sum.bytes, size, sizeof(size)),
		(unsigned long long)range->start, (unsigned long long)range->end - 1);
	if (snap->cgroup)
		fprintf(out, ", charged to cgroup %s and below",
			text_clean(snap->cgroup, path, sizeof(path)));
	fputc('\n', out);
}

static void add_object(void *arg, const struct piece *p)
{
	struct listing *l = arg;
	const struct snapshot *s = l->snap;
	char hex[24], buf[128], name[PATH_MAX];
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
	json_object_set_new(o, "folio_bytes", json_integer((uint64_t)s->page_size
							   << p->run->order));
	json_object_set_new(o, "kind", json_string(pin_kind_name(p->run->kind)));
	json_object_set_new(o, "node", json_integer(p->run->node));
	json_object_set_new(o, "zone", json_string(scanner__zone_name(s->scanner, p->run->zone)));
	json_object_set_new(o, "block",
			    json_string(scanner__block_name(s->scanner, p->run->block)));
	json_object_set_new(o, "whose", json_string(owner_name(s, p, buf, sizeof(buf))));
	json_object_set_new(o, "pid", known ? json_integer(s->procs[p->owner].pid) : json_null());
	json_object_set_new(o, "shared", json_boolean(p->shared));
	json_object_set_new(o, "file", file ? json_string(file) : json_null());
	set_inode_json(o, inode, inode ? inode->dev : 0, inode ? inode->ino : 0);
	json_array_append_new(l->json, o);
}

json_t *range_json(const struct snapshot *snap, const struct pfn_range *range)
{
	struct listing l = { .snap = snap, .json = json_array() };

	for_each_piece(snap, range, add_object, &l);
	return l.json;
}

/* What stands in one line about a memory block. */
struct block_line {
	const struct snap_block *block;
	const struct group *group;	/* folios that begin in it; NULL: none */
};

struct block_list {
	struct block_line *lines;
	size_t nr, cap;
	struct group *groups;
	size_t nr_groups;
	uint64_t block_pages;
};

static int by_block(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return x->block < y->block ? -1 : x->block > y->block;
}

/* Both the blocks and, put in order, the groups are walked once. */
static void list_lines(const struct snapshot *snap, uint64_t nr, struct block_list *list)
{
	size_t i, k = 0;

	snapshot__group(snap, BY_BLOCK, &list->groups, &list->nr_groups);
	if (list->nr_groups)
		qsort(list->groups, list->nr_groups, sizeof(*list->groups), by_block);
	for (i = 0; i < snap->nr_blocks; i++) {
		const struct snap_block *b = &snap->blocks[i];
		struct block_line line = { .block = b };

		if (nr == UINT64_MAX ? !b->held : b->nr != nr)
			continue;
		while (k < list->nr_groups && list->groups[k].block < b->nr)
			k++;
		if (k < list->nr_groups && list->groups[k].block == b->nr)
			line.group = &list->groups[k];
		*vec_push(list->lines, list->nr, list->cap) = line;
	}
}

static int list_blocks(const struct snapshot *snap, uint64_t nr, struct block_list *list,
		       struct fail *fail)
{
	memset(list, 0, sizeof(*list));
	if (snap->blocks_error)
		return fail_set(fail, 1, "this kernel has no memory blocks "
					 "(/sys/devices/system/memory): %s",
				strerror(-snap->blocks_error));
	list->block_pages = snap->block_bytes / snap->page_size;
	list_lines(snap, nr, list);
	if (nr != UINT64_MAX && !list->nr) {
		groups_free(list->groups, list->nr_groups);
		return fail_set(fail, 1, "there is no memory block %llu; "
					 "ls /sys/devices/system/memory shows them",
				(unsigned long long)nr);
	}
	return 0;
}

static void free_blocks(struct block_list *list)
{
	free(list->lines);
	groups_free(list->groups, list->nr_groups);
}

static struct pfn_range block_range(const struct block_list *list, const struct block_line *line)
{
	return (struct pfn_range){ line->block->nr * list->block_pages,
				   (line->block->nr + 1) * list->block_pages };
}

int blocks_text(const struct snapshot *snap, uint64_t nr, FILE *out, struct fail *fail)
{
	static const struct table_col cols[] = {
		{ "BLOCK", true }, { "STATE", true }, { "ZONE", true }, { "PINS", false },
		{ "PINNED", false }, { "OFFLINE?", true }, { "WHOSE", true }, {}
	};
	struct block_list list;
	struct pfn_range range;
	struct table *t;
	char size[16], path[512];
	size_t i;

	if (list_blocks(snap, nr, &list, fail))
		return -1;
	t = table_new(cols);
	for (i = 0; i < list.nr; i++) {
		const struct block_line *l = &list.lines[i];

		table_cell(t, "memory%llu", (unsigned long long)l->block->nr);
		table_cell(t, "%s", l->block->online ? "online" : "offline");
		table_cell(t, "%s", l->block->movable ? "Movable" : "other");
		table_cell(t, "%llu", l->group ? (unsigned long long)l->group->sum.pins : 0);
		table_cell(t, "%s", text_size(l->group ? l->group->sum.bytes : 0, size,
					      sizeof(size)));
		table_cell(t, "%s", l->block->held ? "no, pinned" : "no pins in the way");
		table_cell(t, "%s", l->group ? l->group->owners :
				    l->block->held ? "(a folio that begins before it)" : "");
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
		range_text(snap, &range, out);
	}
	free_blocks(&list);
	return 0;
}

int blocks_json(const struct snapshot *snap, uint64_t nr, json_t **out, struct fail *fail)
{
	struct block_list list;
	struct pfn_range range;
	size_t i;

	if (list_blocks(snap, nr, &list, fail))
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
		json_object_set_new(o, "held_by_pins", json_boolean(l->block->held));
		json_object_set_new(o, "whose", json_string(l->group ? l->group->owners : ""));
		range = block_range(&list, l);
		json_object_set_new(o, "runs", range_json(snap, &range));
		json_array_append_new(*out, o);
	}
	free_blocks(&list);
	return 0;
}
