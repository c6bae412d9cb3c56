// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pinstat.h"

enum format {
	OPENMETRICS,	/* OpenMetrics 1.0 */
	TEXT,		/* Prometheus text format 0.0.4: no UNIT, no EOF, TYPE names the sample */
};

/*
 * Machine and nodes are families of their own: with both in one family, sum()
 * would count each pin twice.
 */
static const struct family {
	enum { ACQUIRED, RELEASED, IN_FLIGHT } value;
	bool counter;
	const char *name;
	const char *node_name;
	const char *help;
} families[] = {
	{ ACQUIRED, true, "pinscope_acquired_pins", "pinscope_node_acquired_pins",
	  "References taken with FOLL_PIN since boot" },
	{ RELEASED, true, "pinscope_released_pins", "pinscope_node_released_pins",
	  "References taken with FOLL_PIN and given back since boot" },
	{ IN_FLIGHT, false, "pinscope_in_flight_pins", "pinscope_node_in_flight_pins",
	  "References taken with FOLL_PIN and not given back" },
};

static int64_t family_value(const struct family *f, const struct vmstat_pins *p)
{
	switch (f->value) {
	case ACQUIRED:
		return (int64_t)p->acquired;
	case RELEASED:
		return (int64_t)p->released;
	case IN_FLIGHT:
		break;
	}
	return p->in_flight;
}

static void head(FILE *out, enum format fmt, const char *name, bool counter, const char *unit,
		 const char *help, const char *where)
{
	const char *suffix = counter && fmt == TEXT ? "_total" : "";

	fprintf(out, "# TYPE %s%s %s\n", name, suffix, counter ? "counter" : "gauge");
	if (unit && fmt == OPENMETRICS)
		fprintf(out, "# UNIT %s %s\n", name, unit);
	fprintf(out, "# HELP %s%s %s%s.\n", name, suffix, help, where);
}

static void family(FILE *out, enum format fmt, const struct family *f,
		   const struct pinstat_sample *s)
{
	const char *total = f->counter ? "_total" : "";
	size_t i;

	head(out, fmt, f->name, f->counter, "pins", f->help, "");
	fprintf(out, "%s%s %" PRId64 "\n", f->name, total, family_value(f, &s->total));
	if (!s->n_nodes)
		return;
	head(out, fmt, f->node_name, f->counter, "pins", f->help, ", by NUMA node");
	for (i = 0; i < s->n_nodes; i++)
		fprintf(out, "%s%s{node=\"%d\"} %" PRId64 "\n", f->node_name, total,
			s->nodes[i].id, family_value(f, &s->nodes[i].pins));
}

static void expose(FILE *out, enum format fmt, const struct pinstat_sample *s)
{
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		family(out, fmt, &families[i], s);
	head(out, fmt, "pinscope_vmstat_refreshed", false, NULL,
	     "1 when per-CPU counts were folded first, 0 when small changes may lag", "");
	fprintf(out, "pinscope_vmstat_refreshed %d\n", s->refreshed);
}

void pinstat_openmetrics(FILE *out, const struct pinstat_sample *s)
{
	expose(out, OPENMETRICS, s);
	fputs("# EOF\n", out);
}

/* Everything up to the rename; closes @fd. */
static int fill(int fd, const struct pinstat_sample *s)
{
	FILE *f = fdopen(fd, "w");
	int err = 0;

	if (!f) {
		err = -errno;
		close(fd);
		return err;
	}
	expose(f, TEXT, s);
	/* node_exporter runs as another user: mkostemp's 0600 would hide the file from it. */
	if (fflush(f) || fchmod(fd, 0644) || fsync(fd))
		err = -errno;
	else if (ferror(f))	/* of an earlier write: the file lacks a part */
		err = -EIO;
	if (fclose(f) && !err)
		err = -errno;
	return err;
}

int pinstat_textfile(const char *dir, const struct pinstat_sample *s)
{
	char path[PATH_MAX], tmp[PATH_MAX];
	int fd, err;

	snprintf(path, sizeof(path), "%s/" PINSTAT_PROM, dir);
	/* In the same folder, for rename(); not *.prom, or it would be collected. */
	if (snprintf(tmp, sizeof(tmp), "%s/." PINSTAT_PROM ".XXXXXX", dir) >= (int)sizeof(tmp))
		return -ENAMETOOLONG;
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = fill(fd, s);
	if (!err && rename(tmp, path))
		err = -errno;
	if (err)
		unlink(tmp);
	return err;
}
