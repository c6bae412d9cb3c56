// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "text.h"
#include "tui_table.h"

#define PROC (1 << VIEW_PROCESS)
#define CGROUP (1 << VIEW_CGROUP)
#define FILES (1 << VIEW_FILE)
#define NODE (1 << VIEW_NODE)
#define GROUPS (CGROUP | FILES | NODE)
#define ALL (PROC | GROUPS)

static const struct column table[] = {
	{ COL_PID, TYPE_ID, PROC, "pid", "PID", "pid", 7, 7, 3, FIT_RIGHT,
	  "process (thread group) ID" },
	{ COL_UID, TYPE_ID, PROC, "uid", "UID", "uid", 6, 6, 0, FIT_RIGHT,
	  "effective user ID" },
	{ COL_USER, TYPE_TEXT, PROC, "user", "USER", "user", 8, 8, 6, FIT_LEFT,
	  "effective user" },
	{ COL_COMMAND, TYPE_TEXT, PROC, "command", "COMMAND", "comm", 5, 15, 2, FIT_LEFT,
	  "name of the process" },
	{ COL_NAME, TYPE_TEXT, CGROUP, "name", "CGROUP", "name", 9, 40, 2, FIT_TAIL,
	  "memory cgroup that is charged" },
	{ COL_NAME, TYPE_TEXT, FILES, "name", "FILE", "name", 9, 32, 2, FIT_TAIL,
	  "file behind the memory, or its kind" },
	{ COL_NAME, TYPE_TEXT, NODE, "name", "NODE", "name", 7, 15, 2, FIT_LEFT,
	  "NUMA node that the memory is on" },
	{ COL_PINS, TYPE_COUNT, ALL, "pins", "PINS", "pins", 9, 9, 7, FIT_RIGHT,
	  "pins: references taken with FOLL_PIN" },
	{ COL_PINNED, TYPE_SIZE, ALL, "pinned", "PINNED", "pinned_bytes", 6, 6, 1, FIT_RIGHT,
	  "memory that pins hold unmovable" },
	{ COL_CHANGE, TYPE_DELTA, ALL, "change", "CHANGE", "delta_bytes", 6, 6, 4, FIT_RIGHT,
	  "change of PINNED since the last refresh" },
	{ COL_PEAK, TYPE_SIZE, ALL, "peak", "PEAK", "peak_bytes", 6, 6, 8, FIT_RIGHT,
	  "largest PINNED that pintop has seen" },
	{ COL_HISTORY, TYPE_SPARK, ALL, NULL, "HISTORY", NULL, 8, 8, 9, FIT_RIGHT,
	  "PINNED at the last refreshes, as part of PEAK" },
	{ COL_FOLIOS, TYPE_COUNT, ALL, "folios", "FOLIOS", "folios", 8, 8, 16, FIT_RIGHT,
	  "pinned folios: pages, of whatever size" },
	{ COL_SHARED, TYPE_SIZE, PROC, "shared", "SHARED", "pinned_bytes_shared", 6, 6, 15,
	  FIT_RIGHT, "part of PINNED that other processes map as well" },
	{ COL_PINS_SHARED, TYPE_COUNT, PROC, "pins_shared", "PINSSHR", "pins_shared", 9, 9, 0,
	  FIT_RIGHT, "part of PINS on memory that others map as well" },
	{ COL_MOVABLE, TYPE_SIZE, ALL, "movable", "MOVABLE", "movable_bytes", 7, 7, 10, FIT_RIGHT,
	  "part of PINNED in movable blocks or ZONE_MOVABLE" },
	{ COL_CMA, TYPE_SIZE, ALL, "cma", "CMA", "cma_bytes", 6, 6, 11, FIT_RIGHT,
	  "part of PINNED in CMA" },
	{ COL_MEMORY, TYPE_SIZE, NODE, "memory", "MEMORY", "total_bytes", 6, 6, 5, FIT_RIGHT,
	  "memory of the node" },
	{ COL_VMPIN, TYPE_SIZE, PROC, "vmpin", "VmPin", "vm_pin_bytes", 6, 6, 13, FIT_RIGHT,
	  "pinned memory as drivers declare it" },
	{ COL_VMLCK, TYPE_SIZE, PROC, "vmlck", "VmLck", "vm_lck_bytes", 6, 6, 12, FIT_RIGHT,
	  "locked memory as drivers and mlock() declare it" },
	{ COL_MEMLOCK, TYPE_SIZE, PROC, "memlock", "MEMLOCK", "memlock_soft_bytes", 7, 7, 14,
	  FIT_RIGHT, "RLIMIT_MEMLOCK, the soft limit" },
	{ COL_WHAT, TYPE_TEXT, PROC, "what", "WHAT", "what", 10, 24, 5, FIT_LEFT,
	  "mapping that holds most of it" },
	{ COL_OWNERS, TYPE_TEXT, GROUPS, "owners", "OWNERS", "owners", 12, 32, 6, FIT_LEFT,
	  "processes that map most of it" },
};

#define NR_TABLE (sizeof(table) / sizeof(table[0]))

size_t table_columns(enum view view, const struct column *cols[COLUMNS_MAX])
{
	size_t i, n = 0;

	_Static_assert(NR_TABLE <= COLUMNS_MAX, "COLUMNS_MAX is too small");
	for (i = 0; i < NR_TABLE; i++)
		if (table[i].views & 1u << view)
			cols[n++] = &table[i];
	return n;
}

const struct column *table_find(enum view view, const char *name)
{
	const struct column *cols[COLUMNS_MAX];
	size_t i, n = table_columns(view, cols);

	for (i = 0; i < n; i++)
		if (cols[i]->name && (!strcasecmp(cols[i]->name, name) ||
				      !strcasecmp(cols[i]->title, name) ||
				      !strcasecmp(cols[i]->json, name)))
			return cols[i];
	return NULL;
}

const struct column *table_step(enum view view, const struct column *from, int step)
{
	const struct column *cols[COLUMNS_MAX];
	size_t i, at, n = table_columns(view, cols);

	for (at = 0; at < n && cols[at] != from; at++)
		;
	for (i = 1; i <= n; i++) {
		const struct column *col = cols[(at + n + (step < 0 ? n - i : i)) % n];

		if (col->name)
			return col;
	}
	return from;
}

/* --- cells ------------------------------------------------------------------------------------ */

static int64_t bounded(uint64_t v)
{
	return v < INT64_MAX ? (int64_t)v : INT64_MAX - 1;
}

static int64_t or_unknown(uint64_t v)
{
	return v == SNAP_UNKNOWN ? NO_NUMBER : bounded(v);
}

static int64_t process_number(enum column_id id, const struct snap_proc *p)
{
	if (!p)
		return NO_NUMBER;
	switch (id) {
	case COL_PID:
		return p->pid;
	case COL_UID:
		return p->uid == (uid_t)-1 ? NO_NUMBER : (int64_t)p->uid;
	case COL_VMPIN:
		return or_unknown(p->vm_pin);
	case COL_VMLCK:
		return or_unknown(p->vm_lck);
	default:
		/* RLIM_INFINITY and SNAP_UNKNOWN are the same number. */
		if (p->memlock_soft == RLIM_INFINITY)
			return p->gone ? NO_NUMBER : UNLIMITED;
		return bounded(p->memlock_soft);
	}
}

int64_t table_number(const struct column *col, const struct row *row)
{
	switch (col->id) {
	case COL_PINS:
		return bounded(row->sum->pins);
	case COL_PINNED:
		return bounded(row->sum->bytes);
	case COL_CHANGE:
		return row->delta;
	case COL_PEAK:
		return bounded(row->peak);
	case COL_FOLIOS:
		return bounded(row->sum->folios);
	case COL_MOVABLE:
		return bounded(row->sum->movable_bytes);
	case COL_CMA:
		return snap_knows_cma(row->snap) ? bounded(row->sum->cma_bytes) : NO_NUMBER;
	case COL_SHARED:
		return row->shared ? bounded(row->shared->bytes) : NO_NUMBER;
	case COL_PINS_SHARED:
		return row->shared ? bounded(row->shared->pins) : NO_NUMBER;
	case COL_MEMORY:
		return row->group && row->group->total_bytes ?
		       bounded(row->group->total_bytes) : NO_NUMBER;
	case COL_PID:
	case COL_UID:
	case COL_VMPIN:
	case COL_VMLCK:
	case COL_MEMLOCK:
		return process_number(col->id, row->proc);
	case COL_USER:
	case COL_COMMAND:
	case COL_NAME:
	case COL_HISTORY:
	case COL_WHAT:
	case COL_OWNERS:
		break;
	}
	return NO_NUMBER;
}

static const char *name_of(const struct row *row)
{
	switch (row->id.kind) {
	case ROW_UNMAPPED:
		return "(unmapped)";
	case ROW_UNSEEN:
		return "(not seen)";
	case ROW_BIAS:
		return "(refcount bias)";
	case ROW_ITEM:
		break;
	}
	return row->proc ? row->proc->comm : row->group->name;
}

/* What most of the memory that nobody maps is, and who may hold it. */
static void what_unmapped(const struct snapshot *snap, char *buf, size_t size)
{
	const struct snap_unmapped *u = snap->unmapped_by;
	const char *name;

	if (!snap->nr_unmapped_by) {
		snprintf(buf, size, "no process maps it");
		return;
	}
	name = u->file && *u->file ? u->file : pin_kind_name(u->kind);
	if (snap->nr_holders > 1)
		snprintf(buf, size, "%s; perhaps %s[%d] (%s), +%zu more", name,
			 snap->holders[0].comm, snap->holders[0].pid, snap->holders[0].what,
			 snap->nr_holders - 1);
	else if (snap->nr_holders)
		snprintf(buf, size, "%s; perhaps %s[%d] (%s)", name, snap->holders[0].comm,
			 snap->holders[0].pid, snap->holders[0].what);
	else
		snprintf(buf, size, "%s", name);
}

static void what_of(const struct row *row, char *buf, size_t size)
{
	const struct snap_proc *p = row->proc;

	if (row->id.kind == ROW_UNMAPPED)
		what_unmapped(row->snap, buf, size);
	else if (row->id.kind == ROW_UNSEEN)
		snprintf(buf, size, "mapped by processes that cannot be seen");
	else if (row->id.kind == ROW_BIAS)
		snprintf(buf, size, "no pins: reference counts of the kernel's own");
	else
		snprintf(buf, size, "%s", p && p->nr_vmas ? p->vmas[p->top_vma].name : "");
}

const char *table_name(const struct column *col, const struct row *row, char *buf, size_t size)
{
	char what[TUI_TEXT_MAX] = "";

	if (col->id == COL_USER && row->proc)
		return text_clean(text_user(row->proc->uid), buf, size);
	if (col->id == COL_COMMAND || col->id == COL_NAME)
		return text_clean(name_of(row), buf, size);
	if (col->id == COL_OWNERS && row->group)
		return text_clean(row->group->owners, buf, size);
	if (col->id == COL_WHAT)
		what_of(row, what, sizeof(what));
	return text_clean(what, buf, size);
}

const char *table_text(const struct column *col, const struct row *row, char *buf, size_t size)
{
	int64_t v;

	if (col->type == TYPE_TEXT)
		return *table_name(col, row, buf, size) ? buf : strcpy(buf, "-");
	if (col->type == TYPE_SPARK)
		return tui_spark(row->history, row->nr_history, row->peak, buf, size);
	v = table_number(col, row);
	if (v == NO_NUMBER)
		snprintf(buf, size, "-");
	else if (v == UNLIMITED)
		snprintf(buf, size, "unlim");
	else if (col->type == TYPE_SIZE)
		text_size((uint64_t)v, buf, size);
	else if (col->type == TYPE_DELTA && v)
		text_delta(v, buf, size);
	else
		snprintf(buf, size, "%" PRId64, v);
	return buf;
}

int table_compare(const struct column *col, const struct row *a, const struct row *b)
{
	char x[TUI_TEXT_MAX], y[TUI_TEXT_MAX];
	int64_t v, w;

	if (col->type == TYPE_TEXT)
		return strcasecmp(table_text(col, a, x, sizeof(x)),
				  table_text(col, b, y, sizeof(y)));
	v = table_number(col, a);
	w = table_number(col, b);
	if (col->type == TYPE_ID)
		return v < w ? -1 : v > w;
	return v > w ? -1 : v < w;
}

void table_print_columns(void)
{
	enum view v;
	size_t i;

	for (i = 0; i < NR_TABLE; i++) {
		if (!table[i].name)
			continue;
		printf("%-12s %-8s %s", table[i].name, table[i].title, table[i].help);
		if (table[i].views != ALL) {
			const char *sep = " (view ";

			for (v = 0; v < VIEWS; v++) {
				if (!(table[i].views & 1u << v))
					continue;
				printf("%s%s", sep, view_name(v));
				sep = ", ";
			}
			putchar(')');
		}
		putchar('\n');
	}
}
