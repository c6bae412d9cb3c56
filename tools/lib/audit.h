/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rules of Documentation/core-api/pin_user_pages.rst, checked against the
 * calls of a trace and the pages themselves. What cannot be told for certain is
 * not reported.
 */
#ifndef PINSCOPE_AUDIT_H
#define PINSCOPE_AUDIT_H

#include "pairs.h"
#include "ranges.h"
#include "scan.h"
#include "sitename.h"

enum audit_rule {
	AUDIT_LEAK,
	AUDIT_HOLD,
	AUDIT_OVER_UNPIN,
	AUDIT_WRONG_RELEASE,
	AUDIT_MOVABLE,
	AUDIT_NOT_DIRTIED,
	AUDIT_UNACCOUNTED,
	AUDIT_FAILED_LEFT,
	AUDIT_PARTIAL,
	AUDIT_RULES,
};

#define AUDIT_BIT(rule) (1U << (rule))
#define AUDIT_ALL (AUDIT_BIT(AUDIT_RULES) - 1)
/* What a recording does not tell: of AUDIT_OVER_UNPIN it tells what the pages said. */
#define AUDIT_NEEDS_MACHINE                                                                   \
	(AUDIT_BIT(AUDIT_LEAK) | AUDIT_BIT(AUDIT_WRONG_RELEASE) | AUDIT_BIT(AUDIT_MOVABLE) |  \
	 AUDIT_BIT(AUDIT_UNACCOUNTED) | AUDIT_BIT(AUDIT_FAILED_LEFT) | AUDIT_BIT(AUDIT_PARTIAL))

/* Default of --audit-hold, in --help and the man pages as well. */
#define AUDIT_HOLD_NS 5000000000ULL

/* "leak"; what it says and how it is found, in one paragraph without line breaks. */
const char *audit_rule_name(enum audit_rule rule);
const char *audit_rule_text(enum audit_rule rule);
/* The rules of a list "leak,over-unpin" as AUDIT_BIT()s; 0 where a name is none. */
uint32_t audit_rules_parse(const char *list);

/*
 * Why a driver breaks the rule by what it is made for, so that it is no
 * violation; NULL. @capable: its process has CAP_IPC_LOCK.
 */
const char *audit_known(enum audit_rule rule, const struct site_name *site, bool capable);

/* Valid during the call. */
struct audit_violation {
	enum audit_rule rule;
	uint64_t time_ns;		/* when it was established */
	uint64_t pins;			/* that it is about */
	const char *what;		/* in words */
	const struct trace_event *pin;	/* the pin call; NULL: none that was seen */
	uint64_t nr;			/* its number; 0: it gave no pins */
	const struct trace_event *release;	/* NULL: it is not about one */
};

/* What a process is charged for, in bytes. */
struct audit_charge {
	uint64_t process;	/* VmPin and VmLck of the owner and the caller, and the user's locked_vm */
	uint64_t others;	/* by how much more than at the start all other processes are */
	bool capable;		/* the owner has CAP_IPC_LOCK */
};

/* The running machine, see audit_live.h. */
struct audit_machine {
	/* Pinned folios in @ranges; NULL: in all memory. 0, -1 when it cannot be told. */
	int (*scan)(void *arg, const struct pfn_ranges *ranges, struct scan_result *res);
	/*
	 * Pages that wait to be added to an LRU list carry one reference more than is theirs: lets
	 * none wait. Nothing where the kernel does not do that.
	 */
	void (*drain)(void *arg);
	/* "ZONE_MOVABLE" or "CMA"; NULL: the folio may stay where it is. */
	const char *(*movable)(void *arg, const struct pin_run *run);
	/* Is the page one whose references are not counted, so that it never shows a pin? */
	bool (*is_reserved)(void *arg, uint64_t pfn);
	/* Is what the pin call was asked for through still open? */
	bool (*is_open)(void *arg, const struct trace_event *pin);
	/*
	 * Is nothing of a module in use: no file of it open, in whatever process or on its way to
	 * one, nor what it has made instead (a DMA buffer)? False where that cannot be told.
	 */
	bool (*is_idle)(void *arg, const char *module);
	/* 0; -1 when the owner has exited. */
	int (*charged)(void *arg, const struct trace_event *pin, struct audit_charge *charge);
	/* Adds the page frames that lie where the call was to pin. */
	void (*frames)(void *arg, const struct trace_event *pin, struct pfn_ranges *ranges);
	/* Gives what has been told until now to the audit__...() below. */
	void (*catch_up)(void *arg);
	/* May calls have been missed so far? */
	bool (*lost)(void *arg);
	uint64_t (*now)(void *arg);	/* CLOCK_MONOTONIC */
};

struct audit_opts {
	uint32_t rules;
	uint64_t hold_ns;
	uint32_t longterm, write;	/* FOLL_LONGTERM and FOLL_WRITE of the traced kernel */
	uint64_t page_size;
	const struct audit_machine *machine;	/* NULL: a recording, rules that need it are off */
	/* Is the pin call one that the user wants to see? */
	bool (*wanted)(void *arg, const struct paired_pin *pin);
	const struct named_site *(*site)(void *arg, uint64_t id);
	/* Is it one that the user knows of, so that it does not count? NULL: none is. */
	bool (*expected)(void *arg, const struct audit_violation *v);
	void (*report)(void *arg, const struct audit_violation *v);
	/* Once for each rule and driver: audit_known() gave @why. */
	void (*known)(void *arg, enum audit_rule rule, const char *driver, const char *why);
	void *arg;			/* of these, and of the machine's */
};

struct audit;

/* @pairs has to outlive it. */
struct audit *audit__new(const struct audit_opts *opts, struct pairs *pairs);
void audit__free(struct audit *a);

/* Before the first call, but with the programs attached: sees what is pinned already. */
void audit__begin(struct audit *a);

/* A TRACE_PIN call, after pairs__pinned(), which gave @pin. */
void audit__pinned(struct audit *a, const struct trace_call *call, struct paired_pin *pin,
		   bool wanted);
/* A TRACE_UNPIN call, after pairs__released(), which gave @parts. @wanted: its task is to be seen. */
void audit__released(struct audit *a, const struct trace_call *call,
		     const struct paired_part *parts, size_t nr, bool wanted);
/* Before pairs__forget(). */
void audit__forget(struct audit *a, struct paired_pin *pin);
/* A TRACE_FAILED event. */
void audit__failed(struct audit *a, const struct trace_event *ev);

/*
 * Looks at what is held; to be called several times a second, and twice, a
 * tenth of a second apart, with @last before programs are detached.
 */
void audit__look(struct audit *a, bool last);
/* Programs are detached: what is released from now on is not seen. Later looks find nothing. */
void audit__over(struct audit *a);
/* The same at the end of a recording: held until @ended_ns. */
void audit__end(struct audit *a, uint64_t ended_ns);

/* Are there calls that failed, for whose pins it has yet to look? */
bool audit__waits(const struct audit *a);

/* How often the rule was broken. Of each place only the first time was reported. */
uint64_t audit__found(const struct audit *a, enum audit_rule rule);

#endif
