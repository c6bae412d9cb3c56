// SPDX-License-Identifier: GPL-2.0
#include <search.h>
#include <stdio.h>
#include <string.h>

#include "groups.h"
#include "shares.h"
#include "text.h"
#include "vec.h"

/* What makes two folios belong to the same group. */
struct group_key {
	uint64_t a, b;
};

struct node {
	struct group_key key;
	size_t group;
};

struct grouping {
	const struct snapshot *snap;
	enum group_by by;
	uint64_t block_pages;
	struct group *groups;
	size_t nr, cap;
	void *tree;
	struct node *last;
	struct shares shares;
};

static const char *const names[BY_COUNT] = {
	[BY_PROCESS] = "process", [BY_VMA] = "vma", [BY_FILE] = "file", [BY_ZONE] = "zone",
	[BY_NODE] = "node", [BY_SIZE] = "size", [BY_CGROUP] = "cgroup", [BY_BLOCK] = "block",
};

const char *group_by_name(enum group_by by)
{
	return names[by];
}

int group_by_parse(const char *name)
{
	int i;

	for (i = 0; i < BY_COUNT; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

static int by_key(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	if (x->key.a != y->key.a)
		return x->key.a < y->key.a ? -1 : 1;
	return x->key.b < y->key.b ? -1 : x->key.b > y->key.b;
}

static struct group *new_group(struct group **groups, size_t *nr, size_t *cap)
{
	struct group *g = vec_push(*groups, *nr, *cap);

	memset(g, 0, sizeof(*g));
	g->proc = g->vma = SIZE_MAX;
	return g;
}

static struct group_key key_of(struct grouping *gr, const struct pin_run *run, uint64_t pfn)
{
	switch (gr->by) {
	case BY_FILE:
		if (run->mapping) {
			const struct pin_file *f = snapshot__file(gr->snap, run->mapping);

			return f ? (struct group_key){ f->dev + 1ULL, f->ino } :
				   (struct group_key){ 1, 0 };
		}
		return (struct group_key){ 0, run->kind };
	case BY_ZONE:
		return (struct group_key){ run->node, run->zone };
	case BY_NODE:
		return (struct group_key){ run->node, 0 };
	case BY_SIZE:
		return (struct group_key){ run->order, run->kind == PIN_HUGETLB };
	case BY_CGROUP:
		return (struct group_key){ run->cgroup, 0 };
	case BY_BLOCK:
		return (struct group_key){ pfn / gr->block_pages, 0 };
	default:
		return (struct group_key){ 0, 0 };
	}
}

static char *name_of(struct grouping *gr, const struct pin_run *run, uint64_t pfn)
{
	const struct snapshot *s = gr->snap;
	const struct pin_file *f;
	const char *name;
	char size[16];

	switch (gr->by) {
	case BY_FILE:
		if (!run->mapping)
			return xasprintf("[%s]", pin_kind_name(run->kind));
		name = snapshot__file_name(s, run->mapping);
		if (!name)
			return xstrdup("(name not known)");
		f = snapshot__file(s, run->mapping);
		if (!*name)
			return xasprintf("(removed) dev %u:%u inode %llu", f->dev >> 20,
					 f->dev & 0xfffff, (unsigned long long)f->ino);
		return xstrdup(name);
	case BY_ZONE:
		return xasprintf("node%u %s", run->node, scanner__zone_name(s->scanner, run->zone));
	case BY_NODE:
		return xasprintf("node%u", run->node);
	case BY_SIZE:
		text_size((uint64_t)s->page_size << run->order, size, sizeof(size));
		return xasprintf("%s%s", size, run->kind == PIN_HUGETLB ? " hugetlb" : "");
	case BY_CGROUP:
		return xstrdup(snapshot__cgroup_path(s, run->cgroup));
	case BY_BLOCK:
		return xasprintf("memory%llu", (unsigned long long)(pfn / gr->block_pages));
	default:
		return xstrdup("");
	}
}

/* What a new group is of, beside its name. */
static void describe(struct grouping *gr, struct group *g, const struct pin_run *run, uint64_t pfn)
{
	const struct snapshot *s = gr->snap;
	const struct pin_file *file;

	switch (gr->by) {
	case BY_FILE:
		file = snapshot__file(s, run->mapping);
		if (file) {
			g->dev = file->dev;
			g->ino = file->ino;
		}
		break;
	case BY_BLOCK:
		g->block = pfn / gr->block_pages;
		g->total_bytes = gr->block_pages * s->page_size;
		break;
	case BY_NODE:
		g->total_bytes = run->node < s->nr_nodes ? s->node_bytes[run->node] : 0;
		break;
	default:
		break;
	}
}

static struct group *group_of(struct grouping *gr, const struct pin_run *run, uint64_t pfn)
{
	struct node *node, probe = { .key = key_of(gr, run, pfn) };
	struct group *g;
	void *found;

	if (gr->last && !by_key(gr->last, &probe))
		return &gr->groups[gr->last->group];
	found = tfind(&probe, &gr->tree, by_key);
	if (!found) {
		node = xcalloc(1, sizeof(*node));
		node->key = probe.key;
		node->group = gr->nr;
		g = new_group(&gr->groups, &gr->nr, &gr->cap);
		g->key = probe.key.a * 0x9e3779b97f4a7c15ULL + probe.key.b;
		g->name = name_of(gr, run, pfn);
		describe(gr, g, run, pfn);
		found = tsearch(node, &gr->tree, by_key);
	}
	gr->last = *(struct node **)found;
	return &gr->groups[gr->last->group];
}

/* Folios @k.. of run @i that lie in one group; returns how many. */
static uint64_t add_part(struct grouping *gr, size_t i, uint64_t k)
{
	const struct pin_run *run = &gr->snap->runs[i];
	uint64_t pfn = run->pfn + (k << run->order), n = run->folios - k, at;
	struct group *g = group_of(gr, run, pfn);
	uint64_t folio_bytes = (uint64_t)gr->snap->page_size << run->order;

	if (gr->by == BY_BLOCK) {
		uint64_t next = (pfn / gr->block_pages + 1) * gr->block_pages;
		uint64_t fit = (next - pfn) >> run->order;

		/* A folio larger than a block stands in the block where it begins. */
		n = fit < n ? fit ? fit : 1 : n;
	}
	pin_sum_add(&g->sum, gr->snap, run, n);
	for (at = gr->snap->first[i] + k; at < gr->snap->first[i] + k + n; at++) {
		const uint64_t *other;
		size_t left = gr->snap->nr_others ? snapshot__others(gr->snap, at, &other) : 0;

		shares_add(&gr->shares, g - gr->groups, gr->snap->owner[at], folio_bytes);
		for (; left; left--)
			shares_add(&gr->shares, g - gr->groups, (uint32_t)*other++, folio_bytes);
	}
	return n;
}

/* Pins that belong to no process, in the views by process. */
static void add_special(struct grouping *gr, const char *name, const struct pin_sum *sum)
{
	struct group *g;

	if (!sum->folios)
		return;
	g = new_group(&gr->groups, &gr->nr, &gr->cap);
	g->name = xstrdup(name);
	g->owners = xstrdup("");
	g->key = UINT64_MAX - name[1];
	g->sum = *sum;
}

static void group_processes(struct grouping *gr)
{
	const struct snapshot *s = gr->snap;
	size_t i, k;

	for (i = 0; i < s->nr_procs; i++) {
		const struct snap_proc *p = &s->procs[i];
		size_t lines = gr->by == BY_VMA ? p->nr_vmas : 1;

		for (k = 0; k < lines; k++) {
			struct group *g = new_group(&gr->groups, &gr->nr, &gr->cap);
			struct share whole = { .owner = i, .bytes = p->sum.bytes };
			char comm[64];

			g->proc = i;
			if (gr->by == BY_VMA) {
				g->vma = k;
				g->key = p->vmas[k].start ^ ((uint64_t)p->pid << 48);
				g->name = xasprintf("%llx-%llx %s %s",
						    (unsigned long long)p->vmas[k].start,
						    (unsigned long long)p->vmas[k].end,
						    p->vmas[k].perms, p->vmas[k].name);
				g->sum = p->vmas[k].sum;
				whole.bytes = g->sum.bytes;
				g->owners = share_text(s, &whole);
			} else {
				g->key = (uint64_t)p->pid ^ p->start_ns << 20;
				text_clean(p->comm, comm, sizeof(comm));
				g->name = xasprintf("%s[%d]", comm, p->pid);
				g->owners = xstrdup("");
				g->sum = p->sum;
			}
		}
	}
	add_special(gr, "(unmapped)", &s->unmapped);
	add_special(gr, "(not seen)", &s->unseen);
	add_special(gr, "(refcount bias)", &s->bias);
}

static int largest_first(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->sum.bytes != y->sum.bytes)
		return x->sum.bytes > y->sum.bytes ? -1 : 1;
	return x->key < y->key ? -1 : x->key > y->key;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct group *)a)->name, ((const struct group *)b)->name);
}

static void find_twins(struct group *groups, size_t nr)
{
	size_t i;

	if (nr)
		qsort(groups, nr, sizeof(*groups), by_name);
	for (i = 1; i < nr; i++)
		if (groups[i].ino && !by_name(&groups[i - 1], &groups[i]))
			groups[i - 1].twin = groups[i].twin = true;
}

const char *group_label(const struct group *g, char *buf, size_t size)
{
	if (!g->twin)
		return g->name;
	snprintf(buf, size, "%s (dev %u:%u inode %llu)", g->name, g->dev >> 20, g->dev & 0xfffff,
		 (unsigned long long)g->ino);
	return buf;
}

void snapshot__group(const struct snapshot *snap, enum group_by by, struct group **groups,
		     size_t *nr)
{
	struct grouping gr = { .snap = snap, .by = by };
	uint64_t k;
	size_t i;

	if (by == BY_PROCESS || by == BY_VMA) {
		group_processes(&gr);
	} else {
		/* Without memory hotplug there are no blocks: x86's smallest size serves. */
		gr.block_pages = (snap->block_bytes ? snap->block_bytes : 128 << 20) /
				 snap->page_size;
		for (i = 0; i < snap->nr_runs; i++) {
			if (snap->runs[i].kind == PIN_BIAS)
				continue;
			for (k = 0; k < snap->runs[i].folios;)
				k += add_part(&gr, i, k);
		}
		shares_name_owners(&gr.shares, snap, gr.groups, gr.nr);
		tdestroy(gr.tree, free);
		shares_free(&gr.shares);
	}
	if (by == BY_FILE)
		find_twins(gr.groups, gr.nr);
	if (gr.nr)
		qsort(gr.groups, gr.nr, sizeof(*gr.groups), largest_first);
	*groups = gr.groups;
	*nr = gr.nr;
}

void groups_free(struct group *groups, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		free(groups[i].name);
		free(groups[i].owners);
	}
	free(groups);
}
