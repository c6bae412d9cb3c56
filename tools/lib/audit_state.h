/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the audit share: audit.c, audit_unknown.c, audit_held.c and so on. */
#ifndef PINSCOPE_AUDIT_STATE_H
#define PINSCOPE_AUDIT_STATE_H

#include <stdio.h>

#include "audit.h"
#include "audit_history.h"

#define MS_NS 1000000ULL
#define SECOND_NS (1000 * MS_NS)

#define AUDIT_TEXT 200

/* Of a call that still has pins, once it is looked at: paired_pin.audit. */
struct watch {
	uint32_t reported, known;	/* AUDIT_BIT()s that need not be looked at again */
	uint32_t drained;		/* AUDIT_BIT()s for which LRU batches were drained */
	size_t suspect;			/* 1 + its index in audit.suspects; 0: it is in none */
	int64_t error;			/* of its system call, when it gave fewer than it should */
	uint64_t error_ns;
	uint64_t look_ns, wait_ns;	/* when its pages are to be looked at again, and then */
	uint64_t missing;		/* pins that the pages did not carry then */
	bool charged;			/* was weighed against what its owner is charged for */
	uint64_t open_ns;		/* its file was, when that was last asked; 0: not then */
	uint64_t closed_ns;		/* its file is, at the latest since then; 0: it may be open */
};

/* A held call that is looked at, and for what: AUDIT_BIT()s. */
struct suspect {
	struct paired_pin *pin;		/* NULL: released meanwhile */
	uint64_t left;
	uint32_t why;
};

/* A call that failed; its pages are looked at several times. */
#define FAILED_LOOKS 3
struct failed_call {
	struct trace_event *ev;
	struct pfn_ranges frames;	/* with pins that no known call has, by all looks so far */
	unsigned int looks;
	uint64_t look_ns;
};

/* A release that is to be looked at once more: pins of no call that was seen. */
struct unknown_release {
	struct trace_event *release, *pin;	/* without runs; pin: of the call before; NULL */
	uint64_t nr;			/* of that call */
	uint64_t pins;
	bool again;			/* its pages had been released before */
};

/* Where a rule was broken: each is reported once. */
struct place {
	enum audit_rule rule;
	uint64_t pin, release;		/* sites */
};

struct audit {
	struct audit_opts opts;
	struct pairs *pairs;
	struct audit_history *history;
	uint64_t began_ns;		/* from then on a pin cannot have been missed */
	uint64_t now_ns;		/* of the look that is under way, and whether it is the last */
	bool last;
	bool over;			/* releases are seen no more: nothing can be judged */
	struct suspect *suspects;
	size_t nr_suspects, cap_suspects;
	struct failed_call *failed;
	size_t nr_failed, cap_failed;
	struct unknown_release *unknown;
	size_t nr_unknown, cap_unknown;
	struct place *places;
	size_t nr_places, cap_places;
	char **named;			/* "RULE DRIVER" of which known() was told */
	size_t nr_named, cap_named;
	bool uncharged;			/* there are long-term pins that have not been weighed */
	char module[64];		/* that was asked about last, at the look of asked_ns */
	uint64_t asked_ns;
	bool idle;			/* and the answer */
	uint64_t found[AUDIT_RULES];
};

static inline bool audit_checks(const struct audit *a, enum audit_rule rule)
{
	return a->opts.rules >> rule & 1;
}

static inline bool is_longterm(const struct audit *a, const struct trace_event *pin)
{
	return pin->flags & a->opts.longterm;
}

static inline uint64_t since(const struct audit *a, uint64_t ns)
{
	return a->now_ns > ns ? a->now_ns - ns : 0;
}

/* audit.c */
struct watch *watch_of(struct paired_pin *pin);
void found(struct audit *a, const struct audit_violation *v);
void found_held(struct audit *a, enum audit_rule rule, struct paired_pin *pin, uint64_t pins,
		const char *what);
/* Is it known, so that no violation is to be reported? Says so the first time. */
bool is_known(struct audit *a, enum audit_rule rule, const struct trace_event *pin, bool capable);
bool lost(const struct audit *a);

/* audit_unknown.c: what is noted is judged at the next look. */
void note_unknown(struct audit *a, const struct trace_call *call, uint64_t pins, bool wanted);
void judge_unknown(struct audit *a);
void free_unknown(struct audit *a);

/* audit_held.c, audit_charge.c, audit_failed.c */
void look_at_held(struct audit *a);
void look_at_charges(struct audit *a);
void look_at_failed(struct audit *a);
void note_failed(struct audit *a, const struct trace_event *ev);
void free_failed(struct audit *a);

#endif
