// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <math.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "pinstat.h"

static void print_header(bool nodes, bool timestamp)
{
	printf("%s%11s %14s %14s %10s %10s %10s%s\n", nodes ? "NODE " : "", "IN-FLIGHT",
	       "ACQUIRED", "RELEASED", "ACQ/S", "REL/S", "NET/S",
	       timestamp ? " TIME" : "");
}

static void print_rate(const struct pinstat_rates *r, double v)
{
	if (r->known)
		printf(" %10.1f", fabs(v) < 0.05 ? 0.0 : v);	/* no "-0.0" */
	else
		printf(" %10s", "-");
}

static void print_line(const struct pinstat_sample *s, const struct vmstat_pins *p,
		       const struct pinstat_rates *r, bool timestamp)
{
	time_t t = (time_t)s->wall;
	char when[32];
	struct tm tm;

	printf("%11" PRId64 " %14" PRIu64 " %14" PRIu64, p->in_flight, p->acquired, p->released);
	print_rate(r, r->per_s.acquired);
	print_rate(r, r->per_s.released);
	print_rate(r, r->per_s.net);
	if (timestamp && localtime_r(&t, &tm) &&
	    strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm))
		printf(" %s", when);
	putchar('\n');
}

/* The header comes again when it has left the screen; once where there is none. */
static bool header_due(size_t lines)
{
	static bool printed;
	static size_t since;
	struct winsize ws;

	since += lines;
	if (printed && (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) || ws.ws_row <= lines + 1 ||
			since < ws.ws_row))
		return false;
	printed = true;
	since = lines + 1;
	return true;
}

void pinstat_table(const struct pinstat_sample *s, const struct pinstat_rates *r, bool nodes,
		   bool timestamp)
{
	size_t i;

	if (header_due(s->n_nodes + 1))
		print_header(nodes, timestamp);
	if (nodes)
		printf("%-5s", "all");
	print_line(s, &s->total, &r[0], timestamp);
	for (i = 0; i < s->n_nodes; i++) {
		printf("%-5d", s->nodes[i].id);
		print_line(s, &s->nodes[i].pins, &r[i + 1], timestamp);
	}
}
