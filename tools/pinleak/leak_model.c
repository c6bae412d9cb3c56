// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "leak_frames.h"
#include "leak_model.h"
#include "vec.h"

struct leak_id {
	uint64_t start_ns, site;
	pid_t pid;
	uint32_t flags;
};

struct leak_seen {
	struct leak_id id;
	uint64_t pins, bytes;
	unsigned int rises;	/* looks in a row at which it had more */
	bool fell;		/* ever */
};

const char *leak_class_name(enum leak_class class)
{
	static const char *const names[LEAK_CLASSES] = {
		[LEAK_ORPHAN] = "orphan", [LEAK_GROWING] = "growing", [LEAK_OLD] = "old",
		[LEAK_HELD] = "held", [LEAK_EXPECTED] = "expected",
	};

	return names[class];
}

bool leak_is_leak(enum leak_class class)
{
	return class <= LEAK_OLD;
}

uint64_t leak_model__leaks(const struct leak_model *m)
{
	return m->classes[LEAK_ORPHAN].rows + m->classes[LEAK_GROWING].rows +
	       m->classes[LEAK_OLD].rows;
}

static double seconds_since(const struct leak_model *m, uint64_t then)
{
	return m->snap->taken_ns > then ? (double)(m->snap->taken_ns - then) / 1e9 : 0;
}

double leak_oldest(const struct leak_model *m, const struct leak_row *row)
{
	return seconds_since(m, row->hold->oldest_ns);
}

double leak_youngest(const struct leak_model *m, const struct leak_row *row)
{
	return seconds_since(m, row->hold->youngest_ns);
}

bool leak_age_is_least(const struct leak_row *row)
{
	return row->hold->flags & (OWNER_BEFORE | OWNER_REPAIRED);
}

void leak_model__init(struct leak_model *m)
{
	memset(m, 0, sizeof(*m));
	m->opts.older_ns = m->opts.most = m->opts.top = UINT64_MAX;
}

void leak_model__free(struct leak_model *m)
{
	filter_free(&m->opts.filter);
	suppressions_free(&m->suppressions);
	leak_baseline__free(m->baseline);
	leak_history_free(&m->history);
	free(m->rows);
	free(m->seen);
}

/* --- pins of nobody knows whom ---------------------------------------------------------------- */

/* Whose user is not known any more is shown: it could be the one. */
static bool wants_process(const struct filter *f, const struct snap_proc *p)
{
	return filter_wants_pid(f, p->pid) && filter_wants_comm(f, p->comm) &&
	       (!f->by_user || p->uid == f->uid || p->uid == (uid_t)-1);
}

/* Is it of whom, and by whom, was asked for? */
static bool is_asked_for(const struct leak_model *m, const struct snapshot *snap,
			 const struct live_hold *hold)
{
	return (!m->opts.followed || hold->followed) && (!m->opts.cgroup || hold->in_cgroup) &&
	       wants_process(&m->opts.filter, &snap->procs[hold->proc]) &&
	       filter_wants_driver(&m->opts.filter, snap->live->sites[hold->site].driver);
}

/*
 * A call that was missed, and a process that does not map the memory any more:
 * no filter can tell whether its pins are what was asked for.
 */
static bool could_be_asked_for(const struct leak_model *m, const struct snapshot *snap,
			       const struct live_hold *hold)
{
	return hold->flags & OWNER_REPAIRED && !snap->procs[hold->proc].pid &&
	       !is_asked_for(m, snap, hold);
}

/* Such pins, and how many such have ever been found. */
static uint64_t unknown_pins(const struct leak_model *m, const struct snapshot *snap,
			     uint64_t *found)
{
	const struct snap_live *live = snap->live;
	uint64_t pins = 0;
	size_t i;

	*found = 0;
	for (i = 0; i < live->nr_holds; i++) {
		if (!could_be_asked_for(m, snap, &live->holds[i]))
			continue;
		pins += live->holds[i].sum->pins;
		*found += live->holds[i].acquired;
	}
	return pins;
}

/* Of those that were there at the beginning it is known that they are not. */
static void count_unknown(struct leak_model *m)
{
	uint64_t found, pins = unknown_pins(m, m->snap, &found);
	uint64_t since = found > m->found_before ? found - m->found_before : 0;

	m->unknown = pins < since ? pins : since;
}

/* --- from look to look ------------------------------------------------------------------------ */

static int compare_ids(const struct leak_id *a, const struct leak_id *b)
{
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	if (a->start_ns != b->start_ns)
		return a->start_ns < b->start_ns ? -1 : 1;
	if (a->site != b->site)
		return a->site < b->site ? -1 : 1;
	return a->flags < b->flags ? -1 : a->flags > b->flags;
}

static int by_id(const void *a, const void *b)
{
	return compare_ids(&((const struct leak_seen *)a)->id, &((const struct leak_seen *)b)->id);
}

static struct leak_id id_of(const struct snapshot *snap, const struct live_hold *hold)
{
	const struct snap_proc *p = &snap->procs[hold->proc];

	return (struct leak_id){ p->start_ns, snap->live->sites[hold->site].id, p->pid,
				 hold->flags };
}

static const struct leak_seen *seen_before(const struct leak_model *m, const struct leak_id *id)
{
	const struct leak_seen key = { .id = *id };

	return m->nr_seen ? bsearch(&key, m->seen, m->nr_seen, sizeof(key), by_id) : NULL;
}

static void remember(struct leak_model *m, const struct snapshot *snap)
{
	const struct snap_live *live = snap->live;
	struct leak_seen *seen = xcalloc(live->nr_holds, sizeof(*seen));
	size_t i;

	for (i = 0; i < live->nr_holds; i++) {
		const struct live_hold *h = &live->holds[i];
		const struct leak_id id = id_of(snap, h);
		const struct leak_seen *before = seen_before(m, &id);

		seen[i] = (struct leak_seen){ id, h->sum->pins, h->sum->bytes, 0, false };
		if (!before)
			continue;
		seen[i].rises = h->sum->pins > before->pins ? before->rises + 1 : 0;
		seen[i].fell = before->fell || h->sum->pins < before->pins;
	}
	qsort(seen, live->nr_holds, sizeof(*seen), by_id);
	free(m->seen);
	m->seen = seen;
	m->nr_seen = live->nr_holds;
}

void leak_model__begin(struct leak_model *m, const struct snapshot *snap)
{
	m->began_ns = snap->taken_ns;
	unknown_pins(m, snap, &m->found_before);
	remember(m, snap);
}

/* --- classes ---------------------------------------------------------------------------------- */

/* memfd_pin_folios() pins what need not ever have been mapped. */
static bool needs_no_mapping(const struct live_site *site)
{
	char name[FRAME_NAME_MAX];
	size_t i;

	for (i = 0; i < site->nr_frames; i++)
		if (!strcmp(frame_function(site->frames[i], name), "memfd_pin_folios"))
			return true;
	return false;
}

static bool has_lost_mapping(const struct leak_row *row)
{
	const struct live_hold *h = row->hold;

	return h->sum->bytes && h->unmapped_bytes == h->sum->bytes && !needs_no_mapping(row->site);
}

static enum leak_class classify(const struct leak_model *m, const struct leak_row *row)
{
	const struct leak_id id = id_of(m->snap, row->hold);
	const struct leak_seen *seen = seen_before(m, &id);

	if (row->proc->exited || has_lost_mapping(row))
		return LEAK_ORPHAN;
	if (seen && seen->rises >= GROWING_LOOKS && !seen->fell)
		return LEAK_GROWING;
	if (m->opts.older_ns != UINT64_MAX &&
	    leak_oldest(m, row) > (double)m->opts.older_ns / 1e9)
		return LEAK_OLD;
	return LEAK_HELD;
}

/* --- rows ------------------------------------------------------------------------------------- */

static bool is_wanted(const struct leak_model *m, const struct leak_row *row)
{
	uint64_t bytes = row->hold->sum->bytes;

	return is_asked_for(m, m->snap, row->hold) && bytes >= m->opts.least &&
	       bytes <= m->opts.most;
}

static int by_class(const void *a, const void *b)
{
	const struct leak_row *x = a, *y = b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	if (x->hold->sum->bytes != y->hold->sum->bytes)
		return x->hold->sum->bytes > y->hold->sum->bytes ? -1 : 1;
	if (x->proc->pid != y->proc->pid)
		return x->proc->pid < y->proc->pid ? -1 : 1;
	return x->site->id < y->site->id ? -1 : x->site->id > y->site->id;
}

static void make_rows(struct leak_model *m)
{
	const struct snap_live *live = m->snap->live;
	size_t i;

	free(m->rows);
	m->rows = xcalloc(live->nr_holds, sizeof(*m->rows));
	m->nr = m->nr_hidden = 0;
	for (i = 0; i < live->nr_holds; i++) {
		struct leak_row *row = &m->rows[m->nr];

		*row = (struct leak_row){
			.hold = &live->holds[i],
			.proc = &m->snap->procs[live->holds[i].proc],
			.site = &live->sites[live->holds[i].site],
		};
		if (is_wanted(m, row))
			m->nr++;
		else if (!m->opts.followed || row->hold->followed)
			m->nr_hidden++;
	}
}

static void compare_with_last(struct leak_model *m)
{
	size_t i;

	for (i = 0; i < m->nr; i++) {
		struct leak_row *row = &m->rows[i];
		const struct leak_id id = id_of(m->snap, row->hold);
		const struct leak_seen *before = seen_before(m, &id);

		row->grown_pins = (int64_t)(row->hold->sum->pins - (before ? before->pins : 0));
		row->grown_bytes = (int64_t)(row->hold->sum->bytes - (before ? before->bytes : 0));
	}
}

/* Leaves those of which more is held than at the time of the baseline. */
static void compare_with_baseline(struct leak_model *m)
{
	size_t i, nr = 0;

	if (!m->baseline)
		return;
	leak_baseline__begin(m->baseline);
	for (i = 0; i < m->nr; i++)
		leak_baseline__add(m->baseline, m->rows[i].proc->comm, m->rows[i].site,
				   m->rows[i].hold);
	for (i = 0; i < m->nr; i++) {
		struct leak_row *row = &m->rows[i];

		if (leak_baseline__is_more(m->baseline, row->proc->comm, row->site, row->hold,
					   &row->baseline_pins))
			m->rows[nr++] = *row;
	}
	m->nr_hidden += m->nr - nr;
	m->nr = nr;
}

static void class_all(struct leak_model *m)
{
	size_t i;

	memset(m->classes, 0, sizeof(m->classes));
	for (i = 0; i < m->nr; i++) {
		struct leak_row *row = &m->rows[i];
		struct leak_sum *sum;

		row->class = row->was = classify(m, row);
		row->by = suppressions_match(&m->suppressions, row->proc->comm, row->site);
		if (row->by)
			row->class = LEAK_EXPECTED;
		sum = &m->classes[row->class];
		sum->rows++;
		sum->pins += row->hold->sum->pins;
		sum->bytes += row->hold->sum->bytes;
	}
}

static void keep_history(struct leak_model *m)
{
	size_t i;

	leak_history_look(&m->history, leak_model__seconds(m));
	for (i = 0; i < m->nr; i++)
		leak_history_add(&m->history, m->rows[i].site, m->rows[i].hold->sum->bytes);
}

void leak_model__look(struct leak_model *m, const struct snapshot *snap)
{
	m->snap = snap;
	m->looks++;
	make_rows(m);
	count_unknown(m);
	compare_with_last(m);
	keep_history(m);
	compare_with_baseline(m);
	remember(m, snap);
	class_all(m);
	qsort(m->rows, m->nr, sizeof(*m->rows), by_class);
	m->nr_shown = m->nr < m->opts.top ? m->nr : m->opts.top;
}

double leak_model__seconds(const struct leak_model *m)
{
	return (double)(m->snap->taken_ns - m->began_ns) / 1e9;
}
