// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "text.h"
#include "tui_table.h"

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
		return p->pid ? p->pid : NO_NUMBER;
	case COL_UID:
		return p->uid == (uid_t)-1 ? NO_NUMBER : (int64_t)p->uid;
	case COL_VMPIN:
		return or_unknown(p->vm_pin);
	case COL_VMLCK:
		return or_unknown(p->vm_lck);
	default:
		/* RLIM_INFINITY and SNAP_UNKNOWN are the same number. */
		if (p->memlock_soft == RLIM_INFINITY)
			return p->gone || p->exited || !p->pid ? NO_NUMBER : UNLIMITED;
		return bounded(p->memlock_soft);
	}
}

static int64_t age_of(const struct row *row)
{
	uint64_t oldest = row->flow->oldest_ns, now = row->snap->taken_ns;

	if (!oldest)
		return NO_NUMBER;
	return now > oldest ? bounded(now - oldest) : 0;
}

static int64_t per_second(double rate)
{
	return rate > 0 && rate < 1e15 ? (int64_t)llround(rate * 1000) : 0;
}

/* What only live events know. */
static int64_t flow_number(enum column_id id, const struct row *row)
{
	const struct pin_flow *flow = row->flow;

	if (!flow)
		return NO_NUMBER;
	switch (id) {
	case COL_LONGTERM:
		return bounded(flow->longterm);
	case COL_SHORT:
		return bounded(flow->shortterm);
	case COL_PIN_RATE:
		return per_second(flow->pin_rate);
	case COL_UNPIN_RATE:
		return per_second(flow->unpin_rate);
	case COL_OLDEST:
		return age_of(row);
	case COL_PEAK_PINS:
		return bounded(flow->peak_pins);
	case COL_CALLS:
		return bounded(flow->calls);
	case COL_FAILED:
		return bounded(flow->failed);
	case COL_ACQUIRED:
		return bounded(flow->acquired);
	case COL_RELEASED:
		return bounded(flow->released);
	default:
		return row->driver ? bounded(row->driver->sites) : NO_NUMBER;
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
	case COL_LONGTERM:
	case COL_SHORT:
	case COL_PIN_RATE:
	case COL_UNPIN_RATE:
	case COL_OLDEST:
	case COL_PEAK_PINS:
	case COL_CALLS:
	case COL_FAILED:
	case COL_ACQUIRED:
	case COL_RELEASED:
	case COL_SITES:
		return flow_number(col->id, row);
	case COL_USER:
	case COL_COMMAND:
	case COL_NAME:
	case COL_HISTORY:
	case COL_WHAT:
	case COL_OWNERS:
	case COL_DRIVER:
	case COL_DRIVERS:
		break;
	}
	return NO_NUMBER;
}

/* One that has exited and has left pins behind stands in parentheses. */
static const char *process_name(const struct snap_proc *p, char *buf, size_t size)
{
	if (p->exited)
		snprintf(buf, size, "(%s)", p->comm);
	else
		snprintf(buf, size, "%s", p->pid || *p->comm ? p->comm : "(before start)");
	return buf;
}

static const char *name_of(const struct row *row, char *buf, size_t size)
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
	if (row->proc)
		return process_name(row->proc, buf, size);
	if (row->site)
		return row->site->summary;
	return row->driver ? row->driver->name : group_label(row->group, buf, size);
}

static const char *owners_of(const struct row *row)
{
	if (row->site)
		return row->site->owners;
	return row->driver ? row->driver->owners : row->group ? row->group->owners : NULL;
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
	char text[TUI_TEXT_MAX] = "";
	const char *name = NULL;

	switch (col->id) {
	case COL_USER:
		name = row->proc ? text_user(row->proc->uid) : NULL;
		break;
	case COL_COMMAND:
	case COL_NAME:
		name = name_of(row, text, sizeof(text));
		break;
	case COL_DRIVER:
		name = row->site ? row->site->driver : NULL;
		break;
	case COL_DRIVERS:
		name = row->proc ? row->proc->drivers : NULL;
		break;
	case COL_OWNERS:
		name = owners_of(row);
		break;
	default:
		what_of(row, text, sizeof(text));
		name = text;
		break;
	}
	return text_clean(name ? name : "", buf, size);
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
	else if (col->type == TYPE_RATE)
		tui_rate((double)v / 1e3, buf, size);
	else if (col->type == TYPE_AGE)
		text_age((double)v / 1e9, buf, size);
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
