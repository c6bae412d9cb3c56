// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "text.h"
#include "tui_detail.h"
#include "tui_detail_live.h"
#include "tui_keys.h"
#include "tui_summary.h"
#include "tui_table.h"

#define METER_WIDTH 20

static void blank(struct page *page)
{
	page__line(page, STYLE_PLAIN, "%s", "");
}

/* --- parts that several pages have ------------------------------------------------------------ */

static void sum_facts(struct page *page, const struct row *row)
{
	const struct pin_sum *sum = row->sum;
	char a[8], b[8];

	page__fact(page, "Pinned", "%s in %" PRIu64 " folios", text_size(sum->bytes, a, sizeof(a)),
		   sum->folios);
	page__fact(page, "Pins", "%" PRIu64, sum->pins);
	page__fact(page, "Peak", "%s", text_size(row->peak, a, sizeof(a)));
	if (row->shared && row->shared->folios)
		page__fact(page, "Shared", "%s, %" PRIu64 " pins: other processes map it as well",
			   text_size(row->shared->bytes, a, sizeof(a)), row->shared->pins);
	page__fact(page, "Movable, CMA", "%s, %s", text_size(sum->movable_bytes, a, sizeof(a)),
		   snap_knows_cma(row->snap) ? text_size(sum->cma_bytes, b, sizeof(b)) :
					       "not known");
}

static void folio_sizes(struct page *page, const struct snapshot *snap, const struct pin_sum *sum)
{
	char size[8], bytes[8], meter[128];
	int order;

	blank(page);
	page__line(page, STYLE_TOTAL, "%8s %12s %7s", "FOLIO", "FOLIOS", "PINNED");
	for (order = 0; order < SNAP_ORDERS; order++) {
		uint64_t one = (uint64_t)snap->page_size << order, all = one * sum->by_order[order];

		if (all)
			page__line(page, STYLE_PLAIN, "%8s %12" PRIu64 " %7s  %s",
				   text_size(one, size, sizeof(size)), sum->by_order[order],
				   text_size(all, bytes, sizeof(bytes)),
				   tui_meter(all, sum->bytes, METER_WIDTH, meter, sizeof(meter)));
	}
}

static void kinds(struct page *page, const struct pin_sum *sum)
{
	char bytes[8], meter[128];
	unsigned int kind;

	blank(page);
	page__line(page, STYLE_TOTAL, "%-21s %7s", "KIND", "PINNED");
	for (kind = 0; kind < PIN_KINDS; kind++)
		if (sum->by_kind[kind])
			page__line(page, STYLE_PLAIN, "%-21s %7s  %s", pin_kind_name(kind),
				   text_size(sum->by_kind[kind], bytes, sizeof(bytes)),
				   tui_meter(sum->by_kind[kind], sum->bytes, METER_WIDTH, meter,
					     sizeof(meter)));
}

/* --- a process -------------------------------------------------------------------------------- */

static const char *limit(uint64_t bytes, char *buf, size_t size)
{
	if (bytes != RLIM_INFINITY)
		return text_size(bytes, buf, size);
	snprintf(buf, size, "unlim");
	return buf;
}

static void declared(struct page *page, const struct snap_proc *p)
{
	char a[8], b[8];

	if (p->vm_pin == SNAP_UNKNOWN)
		page__fact(page, "Declared", "%s", "not known");
	else
		page__fact(page, "Declared", "VmPin %s, VmLck %s",
			   text_size(p->vm_pin, a, sizeof(a)), text_size(p->vm_lck, b, sizeof(b)));
	if (!p->gone)
		page__fact(page, "RLIMIT_MEMLOCK", "%s, hard %s%s",
			   limit(p->memlock_soft, a, sizeof(a)),
			   limit(p->memlock_hard, b, sizeof(b)),
			   p->has_cap_ipc_lock ? "; CAP_IPC_LOCK: does not apply" : "");
}

static void mappings(struct page *page, const struct snap_proc *p)
{
	char length[8], bytes[8], range[40];
	size_t i;

	blank(page);
	page__line(page, STYLE_TOTAL, "%-25s %-4s %6s %6s %9s %s", "MAPPING", "PERM", "LENGTH",
		   "PINNED", "PINS", "NAME");
	for (i = 0; i < p->nr_vmas; i++) {
		const struct snap_vma *v = &p->vmas[i];

		snprintf(range, sizeof(range), "%" PRIx64 "-%" PRIx64, v->start, v->end);
		page__line(page, STYLE_PLAIN, "%-25s %-4s %6s %6s %9" PRIu64 " %s", range, v->perms,
			   text_size(v->end - v->start, length, sizeof(length)),
			   text_size(v->sum.bytes, bytes, sizeof(bytes)), v->sum.pins, v->name);
	}
}

static void sharers(struct page *page, const struct snap_proc *p)
{
	size_t i;

	for (i = 0; i < p->nr_sharers; i++)
		page__fact(page, i ? "" : "Same memory",
			   "%s[%d] shares it (CLONE_VM), its pins stand here", p->sharers[i].comm,
			   p->sharers[i].pid);
}

static void process(struct page *page, const struct row *row)
{
	const struct snap_proc *p = row->proc;

	if (p->pid)
		page__begin(page, "%s[%d], user %s", p->comm, p->pid, text_user(p->uid));
	else
		page__begin(page, "Pins whose process is not known");
	if (p->exited)
		page__line(page, STYLE_WARN, "It has exited; its pins are still there.");
	else if (p->gone && p->pid)
		page__line(page, STYLE_WARN, "It exited during the scan.");
	sum_facts(page, row);
	detail_flow(page, row);
	if (p->drivers)
		page__fact(page, "Drivers", "%s", p->drivers);
	sharers(page, p);
	if (p->pid && !p->exited) {
		declared(page, p);
		mappings(page, p);
	}
	folio_sizes(page, row->snap, row->sum);
	kinds(page, row->sum);
}

/* --- what no process maps --------------------------------------------------------------------- */

static void unmapped_parts(struct page *page, const struct snapshot *snap)
{
	char bytes[8];
	size_t i;

	blank(page);
	page__line(page, STYLE_TOTAL, "%6s %9s %-10s %-20s %s", "PINNED", "PINS", "KIND", "FILE",
		   "CGROUP");
	for (i = 0; i < snap->nr_unmapped_by; i++) {
		const struct snap_unmapped *u = &snap->unmapped_by[i];

		page__line(page, STYLE_PLAIN, "%6s %9" PRIu64 " %-10s %-20s %s",
			   text_size(u->sum.bytes, bytes, sizeof(bytes)), u->sum.pins,
			   pin_kind_name(u->kind), u->file && *u->file ? u->file : "-",
			   snapshot__cgroup_path(snap, u->cgroup));
	}
}

static void holders(struct page *page, const struct snapshot *snap)
{
	char bytes[8] = "-";
	size_t i;

	blank(page);
	page__line(page, STYLE_TOTAL, "Processes whose open files could hold it");
	if (!snap->nr_holders) {
		page__line(page, STYLE_PLAIN, "none was found");
		return;
	}
	page__line(page, STYLE_TOTAL, "%7s %-8s %-15s %5s %7s %7s %s", "PID", "USER", "COMMAND",
		   "FILES", "BUFFERS", "BYTES", "WHAT");
	for (i = 0; i < snap->nr_holders; i++) {
		const struct snap_holder *h = &snap->holders[i];

		page__line(page, STYLE_PLAIN, "%7d %-8s %-15s %5u %7" PRIu64 " %7s %s", h->pid,
			   text_user(h->uid), h->comm, h->fds, h->buffers,
			   text_size(h->buffer_bytes, bytes, sizeof(bytes)), h->what);
	}
}

static void unmapped(struct page *page, const struct row *row)
{
	page__begin(page, "(unmapped): pinned memory that no process maps");
	sum_facts(page, row);
	unmapped_parts(page, row->snap);
	holders(page, row->snap);
	folio_sizes(page, row->snap, row->sum);
}

/* --- drivers and sites ------------------------------------------------------------------------ */

static void driver(struct page *page, const struct row *row)
{
	const struct live_driver *d = row->driver;

	page__begin(page, "%s, pinning from %zu place%s", d->name, d->sites,
		    d->sites == 1 ? "" : "s");
	sum_facts(page, row);
	detail_flow(page, row);
	if (d->owners && *d->owners)
		page__fact(page, "Owners", "%s", d->owners);
	detail_driver(page, row);
	folio_sizes(page, row->snap, row->sum);
}

static void site(struct page *page, const struct row *row)
{
	const struct live_site *s = row->site;

	page__begin(page, "%s", s->summary);
	page__fact(page, "Driver", "%s%s%s", s->driver, s->detail && *s->detail ? ": " : "",
		   s->detail ? s->detail : "");
	if (s->owners && *s->owners)
		page__fact(page, "Owners", "%s", s->owners);
	detail_site(page, row);
	blank(page);
	sum_facts(page, row);
	detail_flow(page, row);
	folio_sizes(page, row->snap, row->sum);
}

/* --- the rest --------------------------------------------------------------------------------- */

static void others(struct page *page, const struct row *row)
{
	if (row->id.kind == ROW_UNSEEN)
		page__begin(page, "(not seen): mapped, but by no process that could be looked at");
	else if (row->id.kind == ROW_BIAS)
		page__begin(page, "(refcount bias): large reference counts of the kernel's own, "
				  "no pins");
	else
		page__begin(page, "%s", row->group->name);
	sum_facts(page, row);
	if (row->group && *row->group->owners)
		page__fact(page, "Owners", "%s", row->group->owners);
	folio_sizes(page, row->snap, row->sum);
	kinds(page, row->sum);
}

void detail_row(struct page *page, const struct row *row)
{
	if (row->proc)
		process(page, row);
	else if (row->driver)
		driver(page, row);
	else if (row->site)
		site(page, row);
	else if (row->id.kind == ROW_UNMAPPED)
		unmapped(page, row);
	else
		others(page, row);
}

void detail_gone(struct page *page)
{
	page__begin(page, "gone");
	page__line(page, STYLE_WARN, "It holds no pins any more, or it has exited.");
}

static void scan_facts(struct page *page, const struct snapshot *snap)
{
	const struct scan_counts *c = &snap->scan;
	char memory[8], took[16];

	/* With live events took_ns is what reading the ledger took. */
	if (snap->live)
		page__fact(page, "Scan took", "%s in the page array",
			   tui_took(c->ns, memory, sizeof(memory)));
	else
		page__fact(page, "Scan took", "%s, of it %s in the page array",
			   tui_took(snap->took_ns, took, sizeof(took)),
			   tui_took(c->ns, memory, sizeof(memory)));
	page__fact(page, "Memory", "%s", text_size(c->pages_in_range * snap->page_size, memory,
						   sizeof(memory)));
	page__fact(page, "Folios in use", "%" PRIu64 ", pinned %" PRIu64, c->folios,
		   snap->total.folios);
	page__fact(page, "Free pages", "%" PRIu64 ", stepped over", c->free_pages);
	page__fact(page, "Address spaces", "%" PRIu64 ", looked at %" PRIu64, snap->processes_seen,
		   snap->processes_looked_at);
	if (snap->rechecked)
		page__fact(page, "Read again", "%" PRIu64 " folios had changed",
			   snap->changed_folios);
}

static void notes(struct page *page, const struct model *m, int cols)
{
	size_t i, n = summary_nr_notes(m->snap);
	bool falls_back = !m->snap->live && m->why_scan;

	if (falls_back)
		page__line(page, STYLE_PLAIN, "There are no live events:");
	if (falls_back)
		page__wrap(page, cols, m->why_scan);
	for (i = 0; i < n; i++)
		page__wrap(page, cols, summary_note(m->snap, i));
	if (!n && !falls_back)
		page__line(page, STYLE_PLAIN, "nothing that pintop knows of");
}

void detail_info(struct page *page, const struct model *m, const struct source_cost *cost,
		 double cpu_seconds, double run_seconds, int cols)
{
	const struct snapshot *snap = m->snap;
	char run[16];

	page__begin(page, "Information");
	page__line(page, STYLE_TOTAL, "What may be missing or need an explanation");
	notes(page, m, cols);
	blank(page);
	if (snap->live)
		detail_events(page, snap->live);
	page__line(page, STYLE_TOTAL, "The scan");
	scan_facts(page, snap);
	blank(page);
	page__line(page, STYLE_TOTAL, "What pintop costs");
	page__fact(page, "Scans", "%" PRIu64 ", skipped %" PRIu64 " since no counter had moved",
		   cost->scans, cost->skipped);
	page__fact(page, "CPU time", "%.2f s in %s, %.2f %% of a core", cpu_seconds,
		   text_age(run_seconds, run, sizeof(run)),
		   run_seconds > 0 ? 100 * cpu_seconds / run_seconds : 0.0);
}

void detail_help(struct page *page, bool live)
{
	const struct column *cols[COLUMNS_MAX];
	enum view v;
	size_t i, n;

	page__begin(page, "Help");
	keys_help(page);
	for (v = 0; v < VIEWS; v++) {
		if (view_needs_live(v) && !live)
			continue;
		blank(page);
		page__line(page, STYLE_TOTAL, "Columns of view %s", view_name(v));
		n = table_columns(v, live, cols);
		for (i = 0; i < n; i++)
			if (column_rank(cols[i], v, live))
				page__fact(page, cols[i]->title, "%s", cols[i]->help);
	}
}
