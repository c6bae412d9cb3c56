// SPDX-License-Identifier: GPL-2.0
/* The source under test, and a scan and the kernel's counters beside it. */
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "exact.h"
#include "vmstat.h"

/*
 * Tenths of a second. What was missed is repaired after a while, not to keep a machine busy with
 * scans; and a call that was not seen to end is taken for gone later still.
 */
#define PATIENCE 100
#define PATIENCE_MISSED 1200

void world_poll(struct world *w)
{
	struct fail fail;

	w->snap = source__poll(w->src, false, &fail);
	if (!w->snap)
		die(fail.code, "%s", fail.msg);
}

void world_open(struct world *w, const struct source_opts *opts)
{
	struct scan_opts scan = {};
	struct fail fail;

	memset(w, 0, sizeof(*w));
	w->may_miss = opts->no_fentry;
	w->scanner = scanner__open(&scan, &fail);
	if (w->scanner)
		w->src = source_open_events(opts, &fail);
	if (!w->src)
		die(fail.code, "%s", fail.msg);
	world_rebase(w);
}

void world_close(struct world *w)
{
	source__free(w->src);
	scanner__free(w->scanner);
}

void world_rebase(struct world *w)
{
	world_poll(w);
	w->base = w->snap->live->in_flight;
	w->base_kernel = w->snap->after.in_flight;
	w->base_extra = w->snap->live->extra;
	w->base_counters = w->snap->after;
	w->base_missed = w->snap->live->missed_runs;
	w->base_repairs = w->snap->live->repairs;
	w->base_repaired = w->snap->live->repaired_pins;
	w->base_nested = w->snap->live->nested;
}

uint64_t world_missed(const struct world *w)
{
	return w->snap->live->missed_runs - w->base_missed;
}

void world_look(struct world *w, long long pins)
{
	int i;

	for (i = 0; i < (world_missed(w) ? PATIENCE_MISSED : PATIENCE); i++) {
		world_poll(w);
		if (w->snap->live->in_flight - w->base == pins &&
		    w->snap->live->difference_known && !w->snap->live->difference)
			return;
		usleep(100000);
	}
}

long long world_scan(struct world *w)
{
	struct pfn_ranges ranges;
	struct scan_result res;
	enum memory_source from;
	struct fail fail;
	long long pins = 0;
	size_t i;

	if (pfn_ranges_memory(&ranges, &from) ||
	    scanner__run(w->scanner, &ranges, false, &res, &fail))
		return -1;
	for (i = 0; i < res.nr; i++)
		if (res.runs[i].kind != PIN_BIAS)
			pins += pin_run_pins(&res.runs[i]);
	scan_result_free(&res);
	pfn_ranges_free(&ranges);
	return pins;
}

void world_say_lost(const struct world *w)
{
	static const char *const causes[LOST_CAUSES] = {
		[LOST_NO_ENTRY] = "no entry", [LOST_TOO_MANY] = "too many owners",
		[LOST_BEYOND] = "beyond memory", [LOST_UNREADABLE] = "unreadable",
		[LOST_UNMATCHED] = "unmatched", [LOST_NO_OWNER] = "no owner record",
		[LOST_NO_TASK] = "no task", [LOST_NO_SITE] = "no site", [LOST_EXIT] = "no exit",
	};
	const struct snap_live *live = w->snap->live;
	int i;

	for (i = 0; i < LOST_CAUSES; i++)
		if (live->lost[i])
			say("lost, %s: %llu", causes[i], (unsigned long long)live->lost[i]);
}

/* Whose stack is not to be had is said, and takes nothing from what is counted. */
static uint64_t excused(const struct world *w)
{
	return w->preempts ? w->snap->live->lost[LOST_NO_SITE] : 0;
}

void world_compare(struct world *w, const char *when)
{
	const struct snap_live *live = w->snap->live;

	if (!ok(live->difference_known && !live->difference, "%s: the kernel counts the same", when))
		say("difference %lld, known %d", (long long)live->difference,
		    live->difference_known);
	is(live->lost_ever - excused(w), 0, "%s: nothing is lost", when);
	if (live->lost_ever)
		world_say_lost(w);
}

void world_check(struct world *w, const char *when)
{
	world_compare(w, when);
	is(world_scan(w), w->snap->live->in_flight, "%s: the scan finds the same", when);
}

/*
 * A repair makes good what was lost, and begins to count anew: as long as there was none, what
 * stands there now is all that was ever lost.
 */
void world_check_clean(struct world *w, const char *when)
{
	const struct snap_live *live = w->snap->live;
	uint64_t lost = 0;
	int i;

	if (w->may_miss && world_missed(w)) {
		say("%s: %llu runs missed, %llu pins repaired", when,
		    (unsigned long long)world_missed(w),
		    (unsigned long long)(live->repaired_pins - w->base_repaired));
		return;
	}
	is(world_missed(w), 0, "%s: no program run is missed", when);
	is(live->repairs - w->base_repairs, 0, "%s: nothing had to be repaired", when);
	is(live->repaired_pins - w->base_repaired, 0, "%s: no pin was repaired", when);
	for (i = 0; i < LOST_CAUSES; i++)
		lost += live->lost[i];
	is(lost - excused(w), 0, "%s: nothing is lost, by any cause", when);
	if (lost)
		world_say_lost(w);
}

const struct snap_proc *world_process(const struct world *w, pid_t pid)
{
	size_t i;

	/* The newest one of that number. */
	for (i = w->snap->nr_procs; i-- > 0;)
		if (w->snap->procs[i].pid == pid)
			return &w->snap->procs[i];
	return NULL;
}

bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);
	const char *at = list;

	while (at && (at = strstr(at, word))) {
		if ((at == list || at[-1] == ' ') && (!at[n] || at[n] == ','))
			return true;
		at += n;
	}
	return false;
}
