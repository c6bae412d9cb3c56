// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "health.h"
#include "text.h"
#include "tui_summary.h"
#include "tui_text.h"

double summary_age_seconds(const struct snapshot *snap)
{
	struct timespec ts;
	double age;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	age = (double)ts.tv_sec + (double)ts.tv_nsec / 1e9 - (double)snap->taken_ns / 1e9;
	return age > 0 ? age : 0;
}

const char *summary_age(const struct model *m, const char *source, char *buf, size_t size)
{
	char age[16], took[16];

	snprintf(buf, size, "%s %s ago, %s", source,
		 text_age(summary_age_seconds(m->snap), age, sizeof(age)),
		 tui_took(m->snap->took_ns, took, sizeof(took)));
	return buf;
}

const char *summary_kernel(void)
{
	static char text[sizeof(((struct utsname *)0)->release) + 8];
	struct utsname u;

	if (!*text && !uname(&u))
		snprintf(text, sizeof(text), "Linux %s", u.release);
	return text;
}

/* --- notes ------------------------------------------------------------------------------------ */

/* Static buffer. */
static const char *changed_note(const struct snapshot *snap)
{
	static char text[128];

	if (!snap->rechecked || !snap->changed_folios)
		return NULL;
	snprintf(text, sizeof(text), "%" PRIu64 " pinned folios with %" PRIu64 " pins had changed "
				     "when they were read again after their owners were found",
		 snap->changed_folios, snap->changed_pins);
	return text;
}

/* A scan is held against the kernel's counters in another way than live events are. */
static const char *own_note(const struct snapshot *snap, size_t nr)
{
	const char *notes[2];
	size_t n = 0;

	if (snap->live)
		return health_note(snap, nr);
	notes[n] = snap->kernel_known ? snapshot__explain_difference(snap) : NULL;
	n += !!notes[n];
	notes[n] = changed_note(snap);
	n += !!notes[n];
	return nr < n ? notes[nr] : NULL;
}

size_t summary_nr_notes(const struct snapshot *snap)
{
	size_t n = 0;

	while (own_note(snap, n))
		n++;
	return snap->nr_notes + n;
}

const char *summary_note(const struct snapshot *snap, size_t i)
{
	return i < snap->nr_notes ? snap->notes[i] : own_note(snap, i - snap->nr_notes);
}

/* --- facts ------------------------------------------------------------------------------------ */

static const char *size_and_pins(const struct pin_sum *sum, char *buf, size_t size)
{
	char bytes[8];

	text_size(sum->bytes, bytes, sizeof(bytes));
	if (sum->pins)
		snprintf(buf, size, "%s, %" PRIu64 " pin%s", bytes, sum->pins,
			 sum->pins == 1 ? "" : "s");
	else
		snprintf(buf, size, "%s", bytes);
	return buf;
}

static void fact_pinned(const struct snapshot *snap, struct fact *f)
{
	uint64_t memory = snap->scan.pages_in_range * snap->page_size;
	char bytes[8];
	size_t n;

	n = (size_t)snprintf(f->text, sizeof(f->text), "%s",
			     text_size(snap->total.bytes, bytes, sizeof(bytes)));
	if (memory)
		snprintf(f->text + n, sizeof(f->text) - n, " of %s",
			 text_size(memory, bytes, sizeof(bytes)));
}

static void fact_kernel(const struct snapshot *snap, struct fact *f)
{
	int64_t more = snap->after.in_flight - (int64_t)snap->machine.pins;

	if (!snap->kernel_known) {
		snprintf(f->text, sizeof(f->text), "not known");
		return;
	}
	if (more)
		snprintf(f->text, sizeof(f->text), "%" PRId64 " (%+" PRId64 ")",
			 snap->after.in_flight, more);
	else
		snprintf(f->text, sizeof(f->text), "%" PRId64, snap->after.in_flight);
	f->tone = more ? FACT_WARN : FACT_TOTAL;
}

/* With live events the difference is there in any case: 0 is what one wants to see. */
static void fact_difference(const struct snapshot *snap, struct fact *f)
{
	const struct snap_live *live = snap->live;
	const char *delta = tui_unicode() ? "Δ" : "diff";

	if (!snap->kernel_known) {
		snprintf(f->text, sizeof(f->text), "not known");
		return;
	}
	if (!live->difference_known) {
		snprintf(f->text, sizeof(f->text), "%" PRId64 " (%s ?)", snap->after.in_flight, delta);
		return;
	}
	snprintf(f->text, sizeof(f->text), live->difference ? "%" PRId64 " (%s %+" PRId64 ")" :
							       "%" PRId64 " (%s %" PRId64 ")",
		 snap->after.in_flight, delta, live->difference);
	f->tone = live->difference ? FACT_BAD : FACT_TOTAL;
}

/* How pins are seen. Where a scan was asked for there is nothing to explain. */
static bool has_source(const struct model *m)
{
	return m->snap->live || m->why_scan;
}

static void fact_source(const struct model *m, struct fact *f)
{
	const struct snapshot *snap = m->snap;
	int n;

	f->whole_line = true;
	f->label = snap->live ? "Events" : "Source";
	if (snap->live) {
		health_events(snap, f->text, sizeof(f->text));
		f->tone = health_sees_all(snap->live) ? FACT_PLAIN : FACT_WARN;
	} else {
		n = snprintf(f->text, sizeof(f->text), "scan, no live events: ");
		text_clean(m->why_scan, f->text + n, sizeof(f->text) - (size_t)n);
	}
}

static void fact_lost(const struct snapshot *snap, struct fact *f)
{
	f->label = "Lost";
	f->tone = FACT_BAD;
	f->whole_line = true;
	health_lost(snap->live, f->text, sizeof(f->text));
}

static void fact_nodes(const struct model *m, struct fact *f)
{
	char bytes[8];
	size_t i, n = 0;

	f->whole_line = true;
	for (i = 0; i < m->nr_nodes && n < sizeof(f->text); i++)
		n += (size_t)snprintf(f->text + n, sizeof(f->text) - n, "%s%s %s",
				      i ? ", " : "", m->nodes[i].name,
				      text_size(m->nodes[i].sum.bytes, bytes, sizeof(bytes)));
}

static void fact_note(const struct snapshot *snap, size_t nr, struct fact *f)
{
	char note[256];

	f->whole_line = true;
	f->tone = FACT_WARN;
	text_clean(summary_note(snap, 0), note, sizeof(note));
	if (nr > 1)
		snprintf(f->text, sizeof(f->text), "(1 of %zu) %s", nr, note);
	else
		snprintf(f->text, sizeof(f->text), "%s", note);
}

size_t summary_facts(const struct model *m, struct fact facts[FACTS_MAX])
{
	const struct snapshot *snap = m->snap;
	size_t n = 0, notes = summary_nr_notes(snap);
	struct fact *f;

	memset(facts, 0, FACTS_MAX * sizeof(*facts));
	f = &facts[n++];
	f->label = "Pinned";
	f->tone = FACT_TOTAL;
	fact_pinned(snap, f);

	f = &facts[n++];
	f->label = "Pins";
	f->tone = FACT_TOTAL;
	snprintf(f->text, sizeof(f->text), "%" PRIu64, snap->total.pins);

	f = &facts[n++];
	f->label = "In flight";
	if (snap->live)
		fact_difference(snap, f);
	else
		fact_kernel(snap, f);

	f = &facts[n++];
	f->label = "Unmapped";
	size_and_pins(&snap->unmapped, f->text, sizeof(f->text));

	f = &facts[n++];
	f->label = "Movable";
	text_size(snap->total.movable_bytes, f->text, sizeof(f->text));

	f = &facts[n++];
	f->label = "CMA";
	if (snap_knows_cma(snap))
		text_size(snap->total.cma_bytes, f->text, sizeof(f->text));
	else
		snprintf(f->text, sizeof(f->text), "not known");

	if (snap->unseen.folios) {
		f = &facts[n++];
		f->label = "Not seen";
		f->tone = FACT_WARN;
		size_and_pins(&snap->unseen, f->text, sizeof(f->text));
	}
	if (has_source(m))
		fact_source(m, &facts[n++]);
	if (snap->live && snap->live->lost_ever)
		fact_lost(snap, &facts[n++]);
	if (m->nr_nodes) {
		f = &facts[n++];
		f->label = "Nodes";
		fact_nodes(m, f);
	}
	if (notes) {
		f = &facts[n++];
		f->label = "Note";
		fact_note(snap, notes, f);
	}
	return n;
}

/* --- what the filters hide -------------------------------------------------------------------- */

/* A wanted process may stand under the PID of an older one that has the same memory. */
static void say_sharers(const struct model *m, FILE *out)
{
	size_t i, k;

	for (i = 0; i < m->snap->nr_procs; i++) {
		const struct snap_proc *p = &m->snap->procs[i];

		for (k = 0; k < p->nr_sharers; k++)
			if (filter_names_sharer(&m->filter, p, &p->sharers[k]))
				fprintf(out, ", %d stands under %d: same memory", p->sharers[k].pid,
					p->pid);
	}
}

/* What leaves rows out of the view that is shown. */
static struct filter filter_of_view(const struct model *m)
{
	struct filter f = {};

	if (m->view == VIEW_PROCESS)
		return m->filter;
	if (view_has_flows(m->view)) {
		f.drivers = m->filter.drivers;
		f.nr_drivers = m->filter.nr_drivers;
	}
	return f;
}

const char *summary_hidden(const struct model *m, char *buf, size_t size)
{
	struct filter filter = filter_of_view(m);
	bool filters = filter_has_processes(&filter) || filter.nr_drivers;
	char text[256];
	FILE *out;

	*buf = '\0';
	if (!*m->filter_text && !filters && !m->filter.cgroup)
		return buf;
	out = fmemopen(buf, size, "w");
	if (!out)
		return buf;
	if (*m->filter_text || filters)
		fprintf(out, "%zu of %zu shown (", m->nr_items, m->nr_items + m->nr_hidden);
	if (*m->filter_text)
		fprintf(out, "filter \"%s\"", text_clean(m->filter_text, text, sizeof(text)));
	if (filters)
		fprintf(out, "%s%s", *m->filter_text ? ", " : "",
			filter_text(&filter, text, sizeof(text)));
	if (filters && m->view == VIEW_PROCESS)
		say_sharers(m, out);
	if (*m->filter_text || filters)
		fputs("); ", out);
	if (m->filter.cgroup)
		fprintf(out, "%" PRIu64 " of %" PRIu64 " pins: all but In flight is of cgroup %s",
			m->snap->total.pins, m->snap->machine.pins,
			text_clean(m->filter.cgroup, text, sizeof(text)));
	else
		fputs("totals are the whole machine's", out);
	fclose(out);
	buf[size - 1] = '\0';	/* a full one is not ended by fmemopen() */
	return buf;
}
