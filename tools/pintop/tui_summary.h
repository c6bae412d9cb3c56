/* SPDX-License-Identifier: GPL-2.0 */
/* What stands above the table, on the screen and in batch output: facts of the whole machine. */
#ifndef PINSCOPE_TUI_SUMMARY_H
#define PINSCOPE_TUI_SUMMARY_H

#include "tui_model.h"

#define FACTS_MAX 16

enum fact_tone {
	FACT_PLAIN,
	FACT_TOTAL,	/* what one looks for first */
	FACT_WARN,	/* not as it should be */
	FACT_BAD,	/* data was lost */
};

struct fact {
	const char *label;
	enum fact_tone tone;
	bool whole_line;
	char text[320];		/* fit for a terminal */
};

/* Fills @facts in order of importance; returns how many. */
size_t summary_facts(const struct model *m, struct fact facts[FACTS_MAX]);

/* "scan 0.4s ago, 25 ms": how old what is shown is, and what it took. */
const char *summary_age(const struct model *m, const char *source, char *buf, size_t size);
double summary_age_seconds(const struct snapshot *snap);

/* "Linux 6.12.9-amd64". Static buffer. */
const char *summary_kernel(void);

/*
 * "3 of 12 shown (user root); totals are the whole machine's"; "" without a
 * filter. With one of cgroups, how much of all pins that leaves.
 */
const char *summary_hidden(const struct model *m, char *buf, size_t size);

/* Words to be read once: what may be missing, what the numbers do not agree on. */
size_t summary_nr_notes(const struct snapshot *snap);
const char *summary_note(const struct snapshot *snap, size_t i);

#endif
