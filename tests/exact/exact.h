/* SPDX-License-Identifier: GPL-2.0 */
/*
 * exact: holds the ledger, the scan and the kernel's counters against what
 * pinsim says that it pinned. Prints results as tests do, and for each
 * scenario a line "# row: ..." of which docs/exactness.md is made.
 */
#ifndef EXACT_H
#define EXACT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "source.h"

/* One pinsim that runs. */
struct sim {
	char *line;		/* scenario and options */
	pid_t pid;
	int out;		/* its standard output */
	char buf[16384];	/* of which this is not yet read */
	size_t len;
	json_t *said;		/* its first line: pinned, or done */
};

/* Starts "pinsim --quiet LINE". */
void sim_start(struct sim *s, const char *line);
/* Its next line; NULL: it ended, or said nothing for @seconds. */
json_t *sim_read(struct sim *s, double seconds);
/* Stops it and its children with SIGSTOP, or lets them go on. */
void sim_freeze(const struct sim *s, bool freeze);
/* Waits for its end, after SIGTERM if @stop: its exit status, 128 + signal. */
int sim_end(struct sim *s, bool stop);

long long sim_number(const json_t *o, const char *name, long long otherwise);
const char *sim_string(const json_t *o, const char *name);

/* absent.c: @list has patterns of the names of scenarios, with spaces */
void absent_add(const char *list);
/* pinsim ended with @status without a word: a result. */
void absent_check(const char *line, int status);
/* It did say something: a failure if it is one of those. */
void absent_works(const char *line);

/* tap.c */
bool ok(bool pass, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool is(long long got, long long wanted, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int tap_failures(void);

/* world.c: the source, and what it is held against */
struct world {
	struct source *src;
	struct scanner *scanner;
	const struct snapshot *snap;	/* the newest */
	long long base;			/* pins in flight before a scenario, by the ledger ... */
	long long base_kernel;		/* ... and by the kernel */
	long long base_extra;
	bool may_miss;			/* as by kprobes: of two on one CPU the second is dropped */
	bool preempts;			/* of two on one CPU the second may get no stack (site.bpf.h) */
	struct vmstat_pins base_counters;	/* the kernel's own, raw */
	uint64_t base_missed, base_repairs, base_repaired, base_nested;
};

void world_open(struct world *w, const struct source_opts *opts);
void world_close(struct world *w);
/* A new snapshot. */
void world_poll(struct world *w);
/* The same, once the ledger stands at base + @pins or some seconds have passed. */
void world_look(struct world *w, long long pins);
/* What every moment must show: no difference to the kernel, nothing lost; the other: nor to memory. */
void world_compare(struct world *w, const char *when);
void world_check(struct world *w, const char *when);
/* And what must be so where no program run was missed: nothing had to be repaired, nothing is lost. */
void world_check_clean(struct world *w, const char *when);
/* What is lost, by causes. */
void world_say_lost(const struct world *w);
/* Runs missed since world_rebase(). */
uint64_t world_missed(const struct world *w);
void world_rebase(struct world *w);
long long world_scan(struct world *w);

const struct snap_proc *world_process(const struct world *w, pid_t pid);
bool has_word(const char *list, const char *word);

/* ways.c: each function is seen by fentry, or by kprobe where it has to be */
void check_ways(const struct world *w, const struct source_opts *opts);

/* alone.c */
void run_alone(struct world *w, const char *line);
/* mixed.c; it goes on until so many pins have been taken, if that is not 0 */
extern uint64_t mixed_least;
void run_mixed(struct world *w, const char *line);
/* storm.c */
void run_storm(struct world *w, const char *line);
/* crowd.c */
void run_crowd(struct world *w, const char *line);
/* full.c */
void run_full(struct world *w, const char *line);
/* screen.c */
void run_screen(const char *line);
/* kill.c */
void run_kill(const char *line, const struct source_opts *opts);
/* late.c */
void run_late(char **lines, size_t nr, const struct source_opts *opts);

#endif
