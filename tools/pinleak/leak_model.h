/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is held, look by look, and what is to be thought of it: each hold of a
 * snapshot (process, site, long-term or not) becomes a row with a class.
 */
#ifndef PINSCOPE_LEAK_MODEL_H
#define PINSCOPE_LEAK_MODEL_H

#include "filter.h"
#include "leak_baseline.h"
#include "leak_history.h"
#include "leak_suppress.h"
#include "snapshot.h"

/* In the order in which they are shown. */
enum leak_class {
	LEAK_ORPHAN,	/* the owner has exited, or nobody maps any of it any more */
	LEAK_GROWING,	/* see GROWING_LOOKS */
	LEAK_OLD,	/* the oldest pin is older than was asked for */
	LEAK_HELD,
	LEAK_EXPECTED,	/* suppressed, whatever it would be else */
	LEAK_CLASSES,
};

/*
 * Growing: at each of so many looks in a row it had more pins than at the one
 * before, and at no look since it was first seen fewer. The look at the very
 * beginning counts as the one before the first.
 */
#define GROWING_LOOKS 3

struct leak_row {
	const struct live_hold *hold;
	const struct snap_proc *proc;
	const struct live_site *site;
	enum leak_class class;
	enum leak_class was;		/* what it would be if it were not suppressed */
	const struct suppression *by;	/* NULL: it is not */
	int64_t grown_pins;		/* since the look before; all, when it is new */
	int64_t grown_bytes;
	uint64_t baseline_pins;		/* with a baseline: what the like of it held then */
};

/* Folios on which several rows have pins count in each. */
struct leak_sum {
	uint64_t rows, pins, bytes;
};

struct leak_opts {
	struct filter filter;
	uint64_t older_ns;		/* UINT64_MAX: no row is old */
	uint64_t least, most;		/* bytes, of rows that are shown */
	uint64_t top;			/* rows, of those: UINT64_MAX: all */
	const char *cgroup;		/* only pins taken from it or from below; NULL: all */
	bool followed;			/* only rows of processes that are followed */
};

/* What is remembered of a row from look to look. */
struct leak_seen;

struct leak_model {
	struct leak_opts opts;
	struct suppressions suppressions;
	struct leak_baseline *baseline;	/* NULL: none. Owned */
	const struct snapshot *snap;	/* of the last look */
	struct leak_row *rows;		/* that pass the filters, by class, the largest first ... */
	size_t nr;
	size_t nr_shown;		/* ... and how many of them --top leaves */
	size_t nr_hidden;		/* by filters, sizes and the baseline */
	struct leak_sum classes[LEAK_CLASSES];
	/*
	 * Pins that are in no row and may be of what was asked for: nobody knows
	 * whose they are. Their call was missed, and no process maps them.
	 */
	uint64_t unknown;
	uint64_t found_before;		/* so many such had been found at the beginning */
	struct leak_seen *seen;		/* by identity */
	size_t nr_seen;
	uint64_t looks;
	uint64_t began_ns;		/* when the first snapshot was taken */
	struct leak_history history;
};

void leak_model__init(struct leak_model *m);
void leak_model__free(struct leak_model *m);

/* The look at the very beginning: nothing is shown of it, the next ones are compared with it. */
void leak_model__begin(struct leak_model *m, const struct snapshot *snap);

/* The rows of @snap, which has to stay as long as they are used. */
void leak_model__look(struct leak_model *m, const struct snapshot *snap);

/* Since the look at the beginning. */
double leak_model__seconds(const struct leak_model *m);

/* Rows that are leaks. Old ones are, where an age was asked for. */
uint64_t leak_model__leaks(const struct leak_model *m);
bool leak_is_leak(enum leak_class class);

/* "orphan" ... */
const char *leak_class_name(enum leak_class class);

/* Seconds since the oldest resp. youngest pin was taken: at least, see leak_age_is_least(). */
double leak_oldest(const struct leak_model *m, const struct leak_row *row);
double leak_youngest(const struct leak_model *m, const struct leak_row *row);
/* Were the pins found in memory? Then they are older, nobody knows by how much. */
bool leak_age_is_least(const struct leak_row *row);

#endif
