// SPDX-License-Identifier: GPL-2.0
/* The command line of pinsim: one table for parsing and for the help. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

struct row {
	const char	*name;
	const char	*arg;
	int		key;
	unsigned int	allow;
	const char	*help;
};

enum {
	KEY_PAGES = 256, KEY_SIZE, KEY_HOLD, KEY_EOF, KEY_UNMAP, KEY_CLOSE, KEY_NAME, KEY_PASS,
	KEY_SHARE, KEY_FORK, KEY_MAP_ONLY, KEY_THREAD, KEY_RELEASE, KEY_PROCS, KEY_THREADS,
	KEY_FILE, KEY_RESERVE, KEY_ABORT, KEY_DIE, KEY_TIMES, KEY_START, KEY_DIR,
	KEY_OTHERS,
};

static const struct row rows[] = {
	{ "pages", "N", KEY_PAGES, OPT_SIZE, "pages to pin; huge ones, where those are the point" },
	{ "size", "BYTES", KEY_SIZE, OPT_SIZE, "the same in bytes, or with K, M, G" },
	{ "hold", "SECONDS", KEY_HOLD, 0, "hold for so long (else until SIGTERM or SIGINT)" },
	{ "for", "SECONDS", KEY_HOLD, 0, "the same" },
	{ "hold-until-eof", NULL, KEY_EOF, 0, "hold until standard input ends" },
	{ "abort", NULL, KEY_ABORT, OPT_ABORT, "SIGKILL itself once the pins are there" },
	{ "die-after", "SECONDS", KEY_DIE, OPT_ABORT, "SIGKILL itself after so long" },
	{ "unmap", NULL, KEY_UNMAP, OPT_UNMAP, "unmap the memory once it is pinned" },
	{ "close", NULL, KEY_CLOSE, OPT_MEMFD, "close the memfd once it is pinned" },
	{ "name", "NAME", KEY_NAME, OPT_MEMFD, "name of the memfd (guest-ram)" },
	{ "share", "N", KEY_SHARE, OPT_MEMFD, "N processes map and pin the same memfd" },
	{ "map-only", "N", KEY_MAP_ONLY, OPT_MEMFD, "N more processes map it and pin nothing" },
	{ "fork", "N", KEY_FORK, OPT_FORK, "fork N sleeping children after pinning" },
	{ "thread", NULL, KEY_THREAD, OPT_THREAD, "a second thread pins, the main one has exited" },
	{ "release", "HOW", KEY_RELEASE, OPT_RELEASE, "unregister (default), close or exit" },
	{ "pass-ring", NULL, KEY_PASS, OPT_PASS, "pass the ring to another process and exit" },
	{ "reserve-hugepages", NULL, KEY_RESERVE, OPT_HUGE, "raise nr_hugepages, and put it back" },
	{ "procs", "N", KEY_PROCS, OPT_PROCS, "number of processes" },
	{ "threads", "N", KEY_THREADS, OPT_THREADS, "number of threads (2)" },
	{ "file", "PATH", KEY_FILE, OPT_FILE, "the file or device to use" },
	{ "dir", "PATH", KEY_DIR, 0, "where a file's memory is to come from (.)" },
	{ "times", "N", KEY_TIMES, OPT_TIMES,
	  "so many calls (3) or takes, the last one held (1)" },
	{ "start-at-eof", NULL, KEY_START, OPT_TIMES,
	  "say so when ready to pin, and do it when standard input ends" },
	{ "among-others", NULL, KEY_OTHERS, 0,
	  "others pin meanwhile: the kernel's counters say nothing, and are not waited for" },
	{ "quiet", NULL, 'q', 0, "no words on standard error unless it fails" },
	{ "list", NULL, 'l', 0, "list the scenarios" },
	{ "help", NULL, 'h', 0, "show this" },
};

static void help(void)
{
	char buf[64];
	size_t i;

	puts("Usage: pinsim SCENARIO [OPTIONS]\n"
	     "Takes pins, says so in a line of JSON, holds, gives them back, says so in another.\n"
	     "Exit status: 0 done, 1 failed or wrong usage, 77 cannot be had on this machine.\n");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];

		snprintf(buf, sizeof(buf), "%s%c%s--%s %s", r->key < 256 ? "-" : "",
			 r->key < 256 ? r->key : ' ', r->key < 256 ? ", " : "   ", r->name,
			 r->arg ? r->arg : "");
		printf("  %-26s %s\n", buf, r->help);
	}
	puts("\nScenarios:");
	scenario_list();
}

static double number(const char *opt, const char *text, double min, double max)
{
	char *end;
	double v;

	errno = 0;
	v = strtod(text, &end);
	if (errno || end == text || *end || !(v >= min && v <= max))
		fail("--%s: bad number: %s", opt, text);
	return v;
}

static size_t size_arg(const char *text)
{
	unsigned long long v;
	unsigned int shift = 0;
	char *end;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (*end == 'K' || *end == 'k')
		shift = 10;
	else if (*end == 'M' || *end == 'm')
		shift = 20;
	else if (*end == 'G' || *end == 'g')
		shift = 30;
	if (errno || end == text || end[!!shift] || !v || *text == '-' || v > (1ULL << 46 >> shift))
		fail("--size: bad size: %s", text);
	return v << shift;
}

static enum release release_arg(const char *text)
{
	static const char *const words[] = { "unregister", "close", "exit" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(text, words[i]))
			return i;
	fail("--release: unregister or close (or exit), not %s", text);
}

static void set(struct opts *o, const struct row *r, const char *arg)
{
	switch (r->key) {
	case KEY_PAGES:
		o->pages = number(r->name, arg, 1, 1ULL << 34);
		break;
	case KEY_SIZE:
		o->size = size_arg(arg);
		break;
	case KEY_HOLD:
		o->hold = number(r->name, arg, 0, 1e9);
		break;
	case KEY_EOF:
		o->hold_until_eof = true;
		break;
	case KEY_ABORT:
		o->die_after = 0;
		break;
	case KEY_DIE:
		o->die_after = number(r->name, arg, 0, 1e9);
		break;
	case KEY_UNMAP:
		o->unmap = true;
		break;
	case KEY_CLOSE:
		o->close_memfd = true;
		break;
	case KEY_NAME:
		o->name = arg;
		break;
	case KEY_SHARE:
		o->share = number(r->name, arg, 1, 10000);
		break;
	case KEY_MAP_ONLY:
		o->map_only = number(r->name, arg, 0, 10000);
		break;
	case KEY_FORK:
		o->forks = number(r->name, arg, 0, 10000);
		break;
	case KEY_THREAD:
		o->thread = true;
		break;
	case KEY_PASS:
		o->pass_ring = true;
		break;
	case KEY_RESERVE:
		o->reserve = true;
		break;
	case KEY_PROCS:
		o->procs = number(r->name, arg, 1, 30000);
		break;
	case KEY_THREADS:
		o->threads = number(r->name, arg, 1, 1000);
		break;
	case KEY_FILE:
		o->file = arg;
		break;
	case KEY_DIR:
		o->dir = arg;
		break;
	case KEY_TIMES:
		o->times = number(r->name, arg, 1, 1e9);
		break;
	case KEY_START:
		o->start_at_eof = true;
		break;
	case KEY_RELEASE:
		o->release = release_arg(arg);
		break;
	case KEY_OTHERS:
		pins_among_others();
		break;
	case 'q':
		o->quiet = true;
		break;
	}
}

static const struct row *row_of(int key)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].key == key)
			return &rows[i];
	fail("try pinsim --help");
}

static void long_options(struct option *lo)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		lo[i].name = rows[i].name;
		lo[i].has_arg = rows[i].arg ? required_argument : no_argument;
		lo[i].flag = NULL;
		lo[i].val = rows[i].key;
	}
	memset(&lo[i], 0, sizeof(lo[i]));
}

/* What no one asked for yet would be a lie to print as done. */
static void check(const struct sim *s, const unsigned int used[])
{
	const struct opts *o = &s->o;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (used[i] && rows[i].allow && !(rows[i].allow & s->sc.allows))
			fail("%s knows no --%s", s->sc.name, rows[i].name);
	if (o->pages && o->size)
		fail("--pages or --size, not both");
	if (o->start_at_eof && o->hold_until_eof)
		fail("--start-at-eof or --hold-until-eof, not both");
	if (o->pass_ring && (o->times || o->start_at_eof))
		fail("--pass-ring goes with none of --times, --start-at-eof");
	if (o->pass_ring && (o->share > 1 || o->forks || o->map_only || o->thread))
		fail("--pass-ring goes with none of --share, --fork, --map-only, --thread");
	if (s->sc.allows & OPT_NEEDS_FILE && !o->file)
		fail("%s needs --file PATH", s->sc.name);
}

void options_parse(struct sim *s, int argc, char **argv)
{
	struct option lo[ARRAY_SIZE(rows) + 1];
	unsigned int used[ARRAY_SIZE(rows)] = {};
	int key;

	s->o = (struct opts){ .hold = -1, .die_after = -1, .share = 1, .name = "guest-ram",
			      .dir = "." };
	long_options(lo);
	while ((key = getopt_long(argc, argv, "qlh", lo, NULL)) != -1) {
		const struct row *r = row_of(key);

		if (key == 'h' || key == 'l') {
			(key == 'h' ? help : scenario_list)();
			exit(0);
		}
		used[r - rows]++;
		set(&s->o, r, optarg);
	}
	if (optind + 1 != argc)
		fail("name one scenario; pinsim -l lists them");
	if (!scenario_find(&s->sc, argv[optind]))
		fail("no scenario %s; pinsim -l lists them", argv[optind]);
	check(s, used);
}
