// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger.h"
#include "text.h"
#include "tui_detail_live.h"
#include "vec.h"

static void blank(struct page *page)
{
	page__line(page, STYLE_PLAIN, "%s", "");
}

/* --- a row ------------------------------------------------------------------------------------ */

static const char *age_of(const struct pin_flow *flow, const struct snapshot *snap, char *buf,
			  size_t size)
{
	uint64_t now = snap->taken_ns, then = flow->oldest_ns;

	if (!then)
		return strcpy(buf, "-");
	return text_age(now > then ? (double)(now - then) / 1e9 : 0, buf, size);
}

void detail_flow(struct page *page, const struct row *row)
{
	const struct pin_flow *f = row->flow;
	char a[16], b[16];

	if (!f)
		return;
	page__fact(page, "Held", "%" PRIu64 " long-term (FOLL_LONGTERM), %" PRIu64 " short; the "
		   "oldest for %s", f->longterm, f->shortterm, age_of(f, row->snap, a, sizeof(a)));
	page__fact(page, "Most pins", "%" PRIu64 " at any time", f->peak_pins);
	page__fact(page, "A second", "%s pins taken, %s given back",
		   tui_rate(f->pin_rate, a, sizeof(a)), tui_rate(f->unpin_rate, b, sizeof(b)));
	page__fact(page, "In all", "%" PRIu64 " pins taken, %" PRIu64 " given back", f->acquired,
		   f->released);
	page__fact(page, "Calls", "%" PRIu64 ", of them %" PRIu64 " pinned nothing and %" PRIu64
		   " less than asked", f->calls, f->failed, f->partial);
	if (f->guessed)
		page__fact(page, "Guessed", "%" PRIu64 " releases could have been another owner's of the "
			   "same memory", f->guessed);
}

static int most_pins_first(const void *a, const void *b)
{
	const struct live_site *x = *(const struct live_site *const *)a;
	const struct live_site *y = *(const struct live_site *const *)b;

	if (x->sum->pins != y->sum->pins)
		return x->sum->pins > y->sum->pins ? -1 : 1;
	if (x->flow.acquired != y->flow.acquired)
		return x->flow.acquired > y->flow.acquired ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static size_t sites_of(const struct snap_live *live, const char *driver,
		       const struct live_site ***sites)
{
	size_t i, n = 0;

	*sites = xcalloc(live->nr_sites, sizeof(**sites));
	for (i = 0; i < live->nr_sites; i++)
		if (!strcmp(live->sites[i].driver, driver))
			(*sites)[n++] = &live->sites[i];
	if (n)
		qsort(*sites, n, sizeof(**sites), most_pins_first);
	return n;
}

void detail_driver(struct page *page, const struct row *row)
{
	const struct live_site **sites;
	size_t i, n = sites_of(row->snap->live, row->driver->name, &sites);
	char age[16], bytes[8];

	blank(page);
	page__line(page, STYLE_TOTAL, "%9s %6s %9s %8s %6s %s", "PINS", "PINNED", "LONGTERM", "CALLS",
		   "OLDEST", "SITE");
	for (i = 0; i < n; i++)
		page__line(page, STYLE_PLAIN, "%9" PRIu64 " %6s %9" PRIu64 " %8" PRIu64 " %6s %s",
			   sites[i]->sum->pins, text_size(sites[i]->sum->bytes, bytes, sizeof(bytes)),
			   sites[i]->flow.longterm, sites[i]->flow.calls,
			   age_of(&sites[i]->flow, row->snap, age, sizeof(age)), sites[i]->summary);
	free(sites);
}

void detail_site(struct page *page, const struct row *row)
{
	const struct live_site *site = row->site;
	size_t i;

	blank(page);
	page__line(page, STYLE_TOTAL, "STACK, the innermost function first");
	for (i = 0; i < site->nr_frames; i++)
		page__line(page, STYLE_PLAIN, "  %s", site->frames[i]);
	if (!site->nr_frames)
		page__line(page, STYLE_DIM, "  not known: %s", site->summary);
	if (site->truncated)
		page__line(page, STYLE_DIM, "  and more: only so many are kept");
}

/* --- all of it -------------------------------------------------------------------------------- */

static void probes(struct page *page, const struct snap_live *live)
{
	size_t i;

	page__line(page, STYLE_TOTAL, "How the kernel's pin and unpin calls are seen");
	for (i = 0; i < live->nr_probes; i++) {
		const struct attach_state *p = &live->probes[i];

		if (p->way == ATTACH_NONE)
			page__line(page, STYLE_WARN, "%-33s %s: %s", p->function,
				   attach_way_name(p->way), strerror(-p->err));
		else
			page__line(page, p->way == ATTACH_ABSENT ? STYLE_DIM : STYLE_PLAIN,
				   "%-33s %s", p->function, attach_way_name(p->way));
	}
	blank(page);
}

static void losses(struct page *page, const struct snap_live *live)
{
	bool any = false;
	int i;

	page__line(page, STYLE_TOTAL, "What live events have lost");
	for (i = 0; i < LOST_CAUSES; i++) {
		if (!live->lost[i])
			continue;
		page__line(page, STYLE_BAD, "%" PRIu64 " %s", live->lost[i],
			   ledger_loss_text((enum ledger_loss)i));
		any = true;
	}
	if (!any)
		page__line(page, STYLE_PLAIN, "nothing");
	page__fact(page, "Lost for good", "%" PRIu64 " pins and calls", live->lost_ever);
	page__fact(page, "Missed runs", "%" PRIu64 " of programs that ran on that CPU already",
		   live->missed_runs);
	page__fact(page, "Repairs", "%" PRIu64 ", which changed %" PRIu64 " pins", live->repairs,
		   live->repaired_pins);
	blank(page);
}

static void ledger(struct page *page, const struct snap_live *live)
{
	char used[8], all[8];

	page__line(page, STYLE_TOTAL, "The ledger");
	page__fact(page, "In flight", "%" PRId64 " pins", live->in_flight);
	page__fact(page, "Calls seen", "%" PRIu64 "; %" PRIu64 " releases inside pin calls are none",
		   live->events, live->nested);
	page__fact(page, "Memory blocks", "%u of at most %u, %s of %s", live->entries,
		   live->entries_size,
		   text_size((uint64_t)live->entries * sizeof(struct ledger_entry), used,
			     sizeof(used)),
		   text_size((uint64_t)live->entries_size * sizeof(struct ledger_entry), all,
			     sizeof(all)));
	page__fact(page, "Owners", "%u of at most %u, %s of %s", live->owners, live->owners_size,
		   text_size((uint64_t)live->owners * sizeof(struct owner_rec), used, sizeof(used)),
		   text_size((uint64_t)live->owners_size * sizeof(struct owner_rec), all,
			     sizeof(all)));
	blank(page);
}

void detail_events(struct page *page, const struct snap_live *live)
{
	probes(page, live);
	losses(page, live);
	ledger(page, live);
}
