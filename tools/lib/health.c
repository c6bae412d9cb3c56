// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ledger.h"
#include "health.h"
#include "text.h"

/* A line that grows; what has no room is dropped. */
struct line {
	char *buf;
	size_t size, len;
};

static void __attribute__((format(printf, 2, 3))) append(struct line *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->buf + l->len, l->size - l->len, fmt, ap);
	va_end(ap);
	l->len += n < 0 ? 0 : (size_t)n < l->size - l->len ? (size_t)n : l->size - l->len - 1;
}

static double seconds_between(uint64_t from, uint64_t to)
{
	return to > from ? (double)(to - from) / 1e9 : 0;
}

bool health_sees_all(const struct snap_live *live)
{
	return !live->attached.missing && live->attached.pins && live->attached.unpins;
}

static void append_ways(struct line *l, const struct attach_summary *sum)
{
	const char *sep = "";

	if (sum->fentry) {
		append(l, "%u by fentry", sum->fentry);
		sep = ", ";
	}
	if (sum->kprobe) {
		append(l, "%s%u by kprobe", sep, sum->kprobe);
		sep = ", ";
	}
	if (sum->missing)
		append(l, "%s%u NOT SEEN", sep, sum->missing);
}

const char *health_events(const struct snapshot *snap, char *buf, size_t size)
{
	const struct snap_live *live = snap->live;
	struct line l = { buf, size, 0 };
	char age[16];

	*buf = '\0';
	append_ways(&l, &live->attached);
	append(&l, "; lost %" PRIu64 "; missed runs %" PRIu64, live->lost_ever, live->missed_runs);
	if (live->repairs)
		append(&l, ", %" PRIu64 " pin%s repaired", live->repaired_pins,
		       live->repaired_pins == 1 ? "" : "s");
	append(&l, "; scan %s old",
	       text_age(seconds_between(live->details_ns, snap->taken_ns), age, sizeof(age)));
	return buf;
}

const char *health_lost(const struct snap_live *live, char *buf, size_t size)
{
	struct line l = { buf, size, 0 };
	int i;

	*buf = '\0';
	for (i = 0; i < LOST_CAUSES; i++)
		if (live->lost[i])
			append(&l, "%s%" PRIu64 " %s", l.len ? "; " : "", live->lost[i],
			       ledger_loss_text((enum ledger_loss)i));
	return buf;
}

bool health_is_bad(const struct snap_live *live)
{
	return live->lost_ever || (live->difference_known && live->difference);
}

const char *health_loss_name(enum ledger_loss loss)
{
	static const char *const names[LOST_CAUSES] = {
		[LOST_NO_ENTRY] = "no_entry", [LOST_TOO_MANY] = "too_many",
		[LOST_BEYOND] = "beyond", [LOST_UNREADABLE] = "unreadable",
		[LOST_UNMATCHED] = "unmatched", [LOST_NO_OWNER] = "no_owner",
		[LOST_NO_TASK] = "no_task", [LOST_NO_SITE] = "no_site", [LOST_EXIT] = "exit",
	};

	return names[loss];
}

/* --- notes: each says something or leaves the line empty ------------------------------------- */

static void note_unseen(const struct snapshot *snap, struct line *l)
{
	const struct snap_live *live = snap->live;
	size_t i;

	for (i = 0; i < live->nr_probes; i++)
		if (live->probes[i].way == ATTACH_NONE)
			append(l, "%s%s", l->len ? ", " : "calls that are not seen, since nothing can be "
			       "attached there: ", live->probes[i].function);
}

static void note_contexts(const struct snapshot *snap, struct line *l)
{
	if (!snap->live->sees_contexts)
		append(l, "interrupts cannot be told from tasks on this kernel: what they release while "
		       "their task pins is not seen at once");
}

static void note_difference(const struct snapshot *snap, struct line *l)
{
	const struct snap_live *live = snap->live;

	if (!snap->kernel_known)
		append(l, "the kernel has no nr_foll_pin counters to hold the ledger against");
	else if (!live->difference_known)
		append(l, "pins come and go too fast to hold the ledger against the kernel's "
		       "counters: no difference is known now");
	else if (live->difference)
		append(l, "the kernel counts %" PRId64 " pins %s than the ledger has: calls were "
		       "missed; the ledger is brought in line with memory as soon as it may",
		       live->difference < 0 ? -live->difference : live->difference,
		       live->difference < 0 ? "fewer" : "more");
}

static void note_lost(const struct snapshot *snap, struct line *l)
{
	const struct snap_live *live = snap->live;
	char text[256];

	if (!*health_lost(live, text, sizeof(text)))
		return;
	append(l, "lost: %s", text);
	if (live->lost[LOST_NO_ENTRY] || live->lost[LOST_NO_OWNER])
		append(l, "; --ledger-memory gives it more room");
}

static void note_repairs(const struct snapshot *snap, struct line *l)
{
	const struct snap_live *live = snap->live;

	if (live->repairs)
		append(l, "the ledger was brought in line with memory %" PRIu64 " time%s, which "
		       "changed %" PRIu64 " pins: program runs or calls had been missed",
		       live->repairs, live->repairs == 1 ? "" : "s", live->repaired_pins);
}

static void note_drift(const struct snapshot *snap, struct line *l)
{
	if (snap->live->kernel_drift)
		append(l, "the kernel's count is %" PRId64 " pins off, as memory shows; that is "
		       "taken off the difference. Direct I/O through fs/direct-io.c makes it drift, "
		       "2 releases too many for each page, and so does what gives pinned pages up "
		       "without unpinning them", snap->live->kernel_drift);
}

static void note_extra(const struct snapshot *snap, struct line *l)
{
	if (snap->live->extra)
		append(l, "%" PRIu64 " pins were taken by folio_add_pin() (direct I/O through "
		       "fs/direct-io.c, 2 for each page), of which the kernel counts only the release: "
		       "taken off the difference", snap->live->extra);
}

static void note_retried(const struct snapshot *snap, struct line *l)
{
	const struct snap_live *live = snap->live;

	if (live->retried)
		append(l, "%" PRIu64 " pins were taken and given back inside pin calls: memory had to "
		       "leave ZONE_MOVABLE or CMA first, or a call was undone%s; the kernel's raw "
		       "counters have them as acquired and as released, the ledger as neither",
		       live->retried, live->missed_runs ? ", or was missed" : "");
}

const char *health_note(const struct snapshot *snap, size_t nr)
{
	static void (*const notes[])(const struct snapshot *snap, struct line *l) = {
		note_difference, note_lost, note_unseen, note_contexts, note_repairs, note_drift,
		note_extra, note_retried,
	};
	static char text[512];
	size_t i;

	for (i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		struct line l = { text, sizeof(text), 0 };

		*text = '\0';
		notes[i](snap, &l);
		if (l.len && !nr--)
			return text;
	}
	return NULL;
}
