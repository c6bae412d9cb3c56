/* SPDX-License-Identifier: GPL-2.0 */
/* Look by look, or as long as a command runs; and what is to be said of it at the end. */
#ifndef PINSCOPE_LEAK_RUN_H
#define PINSCOPE_LEAK_RUN_H

#include "leak_model.h"
#include "source.h"

enum leak_output { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_FOLDED };

struct leak_conf {
	struct source_opts source;
	enum leak_output output;
	size_t frames;		/* of each stack, in text */
	double interval;	/* seconds; 0: not given */
	uint64_t looks;		/* 0: no end */
	bool exit_code;		/* a leak has one */
	bool generate;		/* suppressions, at the end */
	const char *html;	/* file, or NULL */
	char **command;		/* to run and watch, or NULL */
};

/*
 * The exit code: without a leak and without a loss that of the command. What is
 * to be known beside has been said on standard error. -1 with @fail filled.
 */
int leak_run(const struct leak_conf *conf, struct leak_model *m, struct fail *fail);

/* The same for what has been found, with a command that ended by @status. */
int leak_verdict(const struct leak_conf *conf, const struct leak_model *m, int status);

/* Can it not be vouched for what @live says? */
bool leak_is_unsure(const struct snap_live *live);

#endif
