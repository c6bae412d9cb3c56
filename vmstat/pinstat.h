/* SPDX-License-Identifier: GPL-2.0 */
/* What pinstat's parts share: one reading of the counters and its forms for machines. */
#ifndef PINSCOPE_PINSTAT_H
#define PINSCOPE_PINSTAT_H

#include <stdbool.h>
#include <stdio.h>

#include "vmstat.h"

#define PINSTAT_PROM "pinstat.prom"

struct pinstat_sample {
	double mono;		/* CLOCK_MONOTONIC, seconds */
	double wall;		/* CLOCK_REALTIME, seconds */
	bool refreshed;		/* per-CPU counts were folded first */
	int refresh_err;	/* why not, -errno; 0 when nobody asked */
	struct vmstat_pins total;
	struct vmstat_node *nodes;	/* sorted by id; NULL when not asked for */
	size_t n_nodes;
};

/* Rates of a sample's total or of one node. */
struct pinstat_rates {
	bool known;
	bool since_boot;	/* an average since boot, not since the sample before */
	double seconds;		/* what they are taken over */
	struct vmstat_rates per_s;
};

/*
 * Takes a sample of the machine, per-CPU counts folded first if @refresh and
 * allowed. Nodes are the caller's to add. 0, or vmstat_read()'s error.
 */
int pinstat_take(struct pinstat_sample *s, bool refresh);

/* Whether in flight is negative, of the machine or of a node. */
bool pinstat_negative(const struct pinstat_sample *s);

/*
 * Rates since @prev, or since boot when it is NULL: an entry for the total, then
 * one per node of @s. The caller frees. NULL when out of memory.
 */
struct pinstat_rates *pinstat_rates(const struct pinstat_sample *prev,
				    const struct pinstat_sample *s);

/*
 * Lines for people on stdout: all, then a line per node. With @nodes a column
 * says which. Remembers when to print the header again.
 */
void pinstat_table(const struct pinstat_sample *s, const struct pinstat_rates *r, bool nodes,
		   bool timestamp);

/*
 * One object on one line, as docs/schema/pinstat.schema.json describes. @nodes has
 * an entry per node of @s. 0 or -ENOMEM; whether it was written says stdout.
 */
int pinstat_json(FILE *out, const struct pinstat_sample *s, const struct pinstat_rates *total,
		 const struct pinstat_rates *nodes);

/*
 * OpenMetrics 1.0, complete up to "# EOF". Errors stay in @out (ferror).
 * Units are pins; counters are those of the kernel, since boot.
 */
void pinstat_openmetrics(FILE *out, const struct pinstat_sample *s);

/*
 * The same in Prometheus' older text format into @dir/pinstat.prom, for
 * node_exporter's textfile collector: it appears whole or not at all, and a
 * failure leaves the file of before and nothing else. 0 or -errno. The caller
 * holds back the signals that end it, or a file ".pinstat.prom.*" may stay.
 */
int pinstat_textfile(const char *dir, const struct pinstat_sample *s);

#endif
