// SPDX-License-Identifier: GPL-2.0
/* Which columns there are. */
#include <stdio.h>
#include <string.h>

#include "tui_table.h"

#define PROC (1 << VIEW_PROCESS)
#define DRIVER (1 << VIEW_DRIVER)
#define SITE (1 << VIEW_SITE)
#define CGROUP (1 << VIEW_CGROUP)
#define FILES (1 << VIEW_FILE)
#define NODE (1 << VIEW_NODE)
#define GROUPS (CGROUP | FILES | NODE)
#define FLOWS (PROC | DRIVER | SITE)
#define ALL (FLOWS | GROUPS)

/* In place of a rank: only live events give this column. */
#define LIVE (-1)

static const struct column table[] = {
	{ COL_PID, TYPE_ID, PROC, "pid", "PID", "pid", 7, 7, 3, 3, FIT_RIGHT,
	  "process (thread group) ID" },
	{ COL_UID, TYPE_ID, PROC, "uid", "UID", "uid", 6, 6, 0, 0, FIT_RIGHT,
	  "effective user ID" },
	{ COL_USER, TYPE_TEXT, PROC, "user", "USER", "user", 8, 8, 6, 11, FIT_LEFT,
	  "effective user" },
	{ COL_COMMAND, TYPE_TEXT, PROC, "command", "COMMAND", "comm", 5, 15, 2, 2, FIT_LEFT,
	  "name of the process" },
	{ COL_NAME, TYPE_TEXT, DRIVER, "name", "DRIVER", "name", 9, 24, LIVE, 2, FIT_LEFT,
	  "driver or part of the kernel that pins" },
	{ COL_NAME, TYPE_TEXT, SITE, "name", "SITE", "name", 12, 60, LIVE, 2, FIT_LEFT,
	  "functions of the kernel that pin, the innermost first" },
	{ COL_DRIVER, TYPE_TEXT, SITE, "driver", "DRIVER", "driver", 8, 12, LIVE, 4, FIT_LEFT,
	  "driver that the site is part of" },
	{ COL_NAME, TYPE_TEXT, CGROUP, "name", "CGROUP", "name", 9, 40, 2, 2, FIT_TAIL,
	  "memory cgroup that is charged" },
	{ COL_NAME, TYPE_TEXT, FILES, "name", "FILE", "name", 9, 32, 2, 2, FIT_TAIL,
	  "file behind the memory, or its kind" },
	{ COL_NAME, TYPE_TEXT, NODE, "name", "NODE", "name", 7, 15, 2, 2, FIT_LEFT,
	  "NUMA node that the memory is on" },
	{ COL_PINS, TYPE_COUNT, ALL, "pins", "PINS", "pins", 9, 9, 7, 6, FIT_RIGHT,
	  "pins: references taken with FOLL_PIN" },
	{ COL_PINNED, TYPE_SIZE, ALL, "pinned", "PINNED", "pinned_bytes", 6, 6, 1, 1, FIT_RIGHT,
	  "memory that pins hold unmovable" },
	{ COL_CHANGE, TYPE_DELTA, ALL, "change", "CHANGE", "delta_bytes", 6, 6, 4, 10, FIT_RIGHT,
	  "change of PINNED since the last refresh" },
	{ COL_PEAK, TYPE_SIZE, ALL, "peak", "PEAK", "peak_bytes", 6, 6, 8, 13, FIT_RIGHT,
	  "largest PINNED that pintop has seen" },
	{ COL_HISTORY, TYPE_SPARK, ALL, NULL, "HISTORY", NULL, 8, 8, 9, 14, FIT_RIGHT,
	  "PINNED at the last refreshes, as part of PEAK" },
	{ COL_LONGTERM, TYPE_COUNT, FLOWS, "longterm", "LONGTERM", "longterm_pins", 8, 8, LIVE, 8,
	  FIT_RIGHT, "part of PINS taken with FOLL_LONGTERM" },
	{ COL_SHORT, TYPE_COUNT, FLOWS, "short", "SHORT", "shortterm_pins", 6, 8, LIVE, 9, FIT_RIGHT,
	  "part of PINS taken without" },
	{ COL_PIN_RATE, TYPE_RATE, FLOWS, "pin_rate", "PIN/s", "pins_per_second", 6, 6, LIVE, 5,
	  FIT_RIGHT, "pins taken each second" },
	{ COL_UNPIN_RATE, TYPE_RATE, FLOWS, "unpin_rate", "UNPIN/s", "unpins_per_second", 7, 7,
	  LIVE, 7, FIT_RIGHT, "pins given back each second" },
	{ COL_OLDEST, TYPE_AGE, FLOWS, "oldest", "OLDEST", "oldest_seconds", 6, 7, LIVE, 4,
	  FIT_RIGHT, "how long the oldest pin has been held" },
	{ COL_PEAK_PINS, TYPE_COUNT, FLOWS, "peak_pins", "PEAKPINS", "peak_pins", 8, 9, LIVE, 15,
	  FIT_RIGHT, "most PINS at any time, between refreshes as well" },
	{ COL_CALLS, TYPE_COUNT, FLOWS, "calls", "CALLS", "calls", 8, 8, LIVE, 16, FIT_RIGHT,
	  "calls that pin" },
	{ COL_FAILED, TYPE_COUNT, FLOWS, "failed", "FAILED", "failed", 6, 8, LIVE, 17, FIT_RIGHT,
	  "calls that pinned nothing" },
	{ COL_ACQUIRED, TYPE_COUNT, FLOWS, "acquired", "ACQUIRED", "acquired", 9, 9, LIVE, 25,
	  FIT_RIGHT, "pins taken since pintop began, or held then" },
	{ COL_RELEASED, TYPE_COUNT, FLOWS, "released", "RELEASED", "released", 9, 9, LIVE, 26,
	  FIT_RIGHT, "pins given back since pintop began" },
	{ COL_SITES, TYPE_COUNT, DRIVER, "sites", "SITES", "sites", 5, 5, LIVE, 12, FIT_RIGHT,
	  "places that the driver pins from" },
	{ COL_FOLIOS, TYPE_COUNT, ALL, "folios", "FOLIOS", "folios", 8, 8, 16, 24, FIT_RIGHT,
	  "pinned folios: pages, of whatever size" },
	{ COL_SHARED, TYPE_SIZE, PROC, "shared", "SHARED", "pinned_bytes_shared", 6, 6, 15, 23,
	  FIT_RIGHT, "part of PINNED that other processes map as well" },
	{ COL_PINS_SHARED, TYPE_COUNT, PROC, "pins_shared", "PINSSHR", "pins_shared", 9, 9, 0, 0,
	  FIT_RIGHT, "part of PINS on memory that others map as well" },
	{ COL_MOVABLE, TYPE_SIZE, ALL, "movable", "MOVABLE", "movable_bytes", 7, 7, 10, 18,
	  FIT_RIGHT, "part of PINNED in movable blocks or ZONE_MOVABLE" },
	{ COL_CMA, TYPE_SIZE, ALL, "cma", "CMA", "cma_bytes", 6, 6, 11, 19, FIT_RIGHT,
	  "part of PINNED in CMA" },
	{ COL_MEMORY, TYPE_SIZE, NODE, "memory", "MEMORY", "total_bytes", 6, 6, 5, 5, FIT_RIGHT,
	  "memory of the node" },
	{ COL_VMPIN, TYPE_SIZE, PROC, "vmpin", "VmPin", "vm_pin_bytes", 6, 6, 13, 21, FIT_RIGHT,
	  "pinned memory as drivers declare it" },
	{ COL_VMLCK, TYPE_SIZE, PROC, "vmlck", "VmLck", "vm_lck_bytes", 6, 6, 12, 20, FIT_RIGHT,
	  "locked memory as drivers and mlock() declare it" },
	{ COL_MEMLOCK, TYPE_SIZE, PROC, "memlock", "MEMLOCK", "memlock_soft_bytes", 7, 7, 14, 22,
	  FIT_RIGHT, "RLIMIT_MEMLOCK, the soft limit" },
	{ COL_DRIVERS, TYPE_TEXT, PROC, "driver", "DRIVER", "drivers", 8, 20, LIVE, 4, FIT_LEFT,
	  "drivers that it has pinned through, the largest first" },
	{ COL_WHAT, TYPE_TEXT, PROC, "what", "WHAT", "what", 10, 24, 5, 12, FIT_LEFT,
	  "mapping that holds most of it" },
	{ COL_OWNERS, TYPE_TEXT, GROUPS, "owners", "OWNERS", "owners", 12, 32, 6, 6, FIT_LEFT,
	  "processes that map most of it" },
	{ COL_OWNERS, TYPE_TEXT, DRIVER | SITE, "owners", "OWNERS", "owners", 12, 32, LIVE, 9,
	  FIT_LEFT, "processes that have pinned most of it" },
};

#define NR_TABLE (sizeof(table) / sizeof(table[0]))

bool column_is_live(const struct column *col)
{
	return col->rank == LIVE;
}

int column_rank(const struct column *col, enum view view, bool live)
{
	return live && FLOWS & 1u << view ? col->flow_rank : col->rank;
}

size_t table_columns(enum view view, bool live, const struct column *cols[COLUMNS_MAX])
{
	size_t i, n = 0;

	_Static_assert(NR_TABLE <= COLUMNS_MAX, "COLUMNS_MAX is too small");
	for (i = 0; i < NR_TABLE; i++)
		if (table[i].views & 1u << view && (live || !column_is_live(&table[i])))
			cols[n++] = &table[i];
	return n;
}

const struct column *table_find(enum view view, const char *name)
{
	const struct column *cols[COLUMNS_MAX];
	size_t i, n = table_columns(view, true, cols);

	for (i = 0; i < n; i++)
		if (cols[i]->name && (!strcasecmp(cols[i]->name, name) ||
				      !strcasecmp(cols[i]->title, name) ||
				      !strcasecmp(cols[i]->json, name)))
			return cols[i];
	return NULL;
}

const struct column *table_step(enum view view, bool live, const struct column *from, int step)
{
	const struct column *cols[COLUMNS_MAX];
	size_t i, at, n = table_columns(view, live, cols);

	for (at = 0; at < n && cols[at] != from; at++)
		;
	for (i = 1; i <= n; i++) {
		const struct column *col = cols[(at + n + (step < 0 ? n - i : i)) % n];

		if (col->name)
			return col;
	}
	return from;
}

/* " (view driver, site)": of the views that have the column, if not all do. */
static void print_views(const struct column *col)
{
	const char *sep = " (view ";
	enum view v;

	if ((col->views & ALL) == ALL)
		return;
	for (v = 0; v < VIEWS; v++) {
		if (!(col->views & 1u << v))
			continue;
		printf("%s%s", sep, view_name(v));
		sep = ", ";
	}
	printf("%s)", column_is_live(col) ? "; live events" : "");
}

void table_print_columns(void)
{
	size_t i;

	for (i = 0; i < NR_TABLE; i++) {
		if (!table[i].name)
			continue;
		printf("%-12s %-8s %s", table[i].name, table[i].title, table[i].help);
		print_views(&table[i]);
		putchar('\n');
	}
}
