// SPDX-License-Identifier: GPL-2.0
/* pinstat: the kernel's pin counters, once or in intervals, for people and for Prometheus. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "pinstat.h"
#include "stop.h"

#define MIN_INTERVAL 0.01
#define MAX_INTERVAL 1e6
#define NSEC INT64_C(1000000000)

enum {
	KEY_OPENMETRICS = 256,
	KEY_TEXTFILE,
	KEY_NO_REFRESH,
	KEY_ROOT,
};

static const struct cli_opt opts[] = {
	{ 0, NULL, NULL, "What to show" },
	{ 'n', "node", NULL, "a line per NUMA node as well" },
	{ 't', "timestamp", NULL, "add the local time to each line" },
	{ 0, NULL, NULL, "Output for programs (one of these)" },
	{ 'j', "json", NULL, "a JSON object per sample, one a line" },
	{ KEY_OPENMETRICS, "openmetrics", NULL, "OpenMetrics text, once" },
	{ KEY_TEXTFILE, "textfile", "DIR",
	  "write DIR/" PINSTAT_PROM " for node_exporter,\nat each interval anew" },
	{ 0, NULL, NULL, "Where from" },
	{ KEY_NO_REFRESH, "no-refresh", NULL, "do not fold per-CPU counts first, even as root" },
	{ KEY_ROOT, "root", "DIR",
	  "read DIR/proc and DIR/sys, for containers that\nhave the host's mounted there" },
	{ 0, NULL, NULL, "Other" },
	CLI_COMMON,
	CLI_END
};

static const struct cli cli = {
	.name = "pinstat",
	.synopsis = "[OPTIONS] [INTERVAL [COUNT]]",
	.brief = "Show how many pins (FOLL_PIN references) the kernel took, gave back and holds.",
	.opts = opts,
	.footer = "INTERVAL is in seconds, 0.01 or more; without COUNT it goes on until stopped.\n"
		  "The first rates are averages since boot, later ones those of the interval.\n"
		  "\n"
		  "Examples:\n"
		  "  pinstat            the counters now\n"
		  "  pinstat 1          every second, like vmstat(8)\n"
		  "  pinstat -n 5 12    per NUMA node, every 5 seconds, for a minute\n"
		  "  pinstat --textfile /var/lib/prometheus/node-exporter 15\n",
};

static struct {
	enum { TABLE, JSON, EXPOSITION, TEXTFILE } output;
	const char *dir;	/* for TEXTFILE */
	const char *root;	/* "" or that of --root, for messages */
	bool nodes, timestamp, no_refresh;
	double interval;	/* 0: once */
	uint64_t count;		/* 0: no end */
} conf = { .root = "" };

static void set_output(int output)
{
	if (conf.output != TABLE && (int)conf.output != output)
		die(EXIT_USAGE, "--json, --openmetrics and --textfile exclude each other");
	conf.output = output;
}

static void parse_option(int key, const char *arg)
{
	int err;

	switch (key) {
	case 'n':
		conf.nodes = true;
		break;
	case 't':
		conf.timestamp = true;
		break;
	case 'j':
		set_output(JSON);
		break;
	case KEY_OPENMETRICS:
		set_output(EXPOSITION);
		break;
	case KEY_TEXTFILE:
		set_output(TEXTFILE);
		conf.dir = arg;
		break;
	case KEY_NO_REFRESH:
		conf.no_refresh = true;
		break;
	case KEY_ROOT:
		err = *arg ? vmstat_set_root(arg) : -ENOENT;
		if (err)
			die(EXIT_USAGE, "cannot use --root '%s': %s", arg, strerror(-err));
		conf.root = arg;
		break;
	}
}

static void parse_args(int argc, char **argv)
{
	const char *arg;
	int key;

	while ((key = cli_next(&cli, argc, argv, &arg)) != -1)
		parse_option(key, arg);
	if (conf.timestamp && conf.output != TABLE)
		die(EXIT_USAGE, "--timestamp is for the table, not for programs");
	if (optind < argc) {
		arg = argv[optind++];
		if (parse_seconds(arg, MIN_INTERVAL, MAX_INTERVAL, &conf.interval))
			die(EXIT_USAGE, "INTERVAL must be seconds from %g to %.0f, not '%s'",
			    MIN_INTERVAL, MAX_INTERVAL, arg);
	}
	if (optind < argc) {
		arg = argv[optind++];
		if (parse_u64(arg, 1, UINT64_MAX, &conf.count))
			die(EXIT_USAGE, "COUNT must be a number from 1, not '%s'", arg);
	}
	if (optind < argc)
		die(EXIT_USAGE, "unexpected argument '%s'", argv[optind]);
	if (conf.interval && conf.output == EXPOSITION)
		die(EXIT_USAGE, "--openmetrics is one exposition: it takes no INTERVAL");
}

static void take(struct pinstat_sample *s)
{
	/* An exposition has its node families wherever there are nodes. */
	bool offer = conf.output == EXPOSITION || conf.output == TEXTFILE;
	int err;

	err = pinstat_take(s, !conf.no_refresh);
	if (err)
		die(EXIT_USAGE, "cannot read the counters in %s/proc/vmstat: %s", conf.root,
		    vmstat_strerror(err));
	if (!conf.nodes && !offer)
		return;
	err = vmstat_read_nodes(&s->nodes, &s->n_nodes);
	if (err && !(offer && err == -ENODEV))
		die(EXIT_USAGE, "cannot read the counters of NUMA nodes in "
		    "%s/sys/devices/system/node: %s", conf.root, vmstat_strerror(err));
}

/* What a reader of the numbers must know, once each. */
static void say_limits(const struct pinstat_sample *s)
{
	static bool said_lag, said_negative;
	int err = s->refresh_err;

	if (err && !said_lag)
		warn("small changes may lag: per-CPU counts cannot be folded first (%s)",
		     err == -EACCES || err == -EPERM ? "only root may" : vmstat_strerror(err));
	said_lag |= err;
	if (pinstat_negative(s) && !said_negative)
		warn("in flight is negative: more releases than pins were counted, by direct I/O "
		     "of some filesystems on Linux 6.5 and later%s; see CAVEATS in pinstat(8)",
		     s->refreshed ? "" : " or because per-CPU counts lag");
	said_negative |= pinstat_negative(s);
}

static void show(const struct pinstat_sample *prev, const struct pinstat_sample *s)
{
	struct pinstat_rates *r;
	int err = 0;

	switch (conf.output) {
	case EXPOSITION:
		pinstat_openmetrics(stdout, s);
		return;
	case TEXTFILE:
		err = pinstat_textfile(conf.dir, s);
		if (err)
			die(EXIT_USAGE, "cannot write %s/" PINSTAT_PROM ": %s", conf.dir,
			    strerror(-err));
		return;
	case TABLE:
	case JSON:
		break;
	}
	r = pinstat_rates(prev, s);
	if (!r)
		die(EXIT_USAGE, "out of memory");
	if (conf.output == TABLE)
		pinstat_table(s, r, conf.nodes, conf.timestamp);
	else
		err = pinstat_json(stdout, s, &r[0], &r[1]);
	free(r);
	if (err)
		die(EXIT_USAGE, "%s", strerror(-err));
}

/* Absolute times, however long a sample takes; the kernel merges those that were missed. */
static int start_timer(void)
{
	int64_t ns = llround(conf.interval * 1e9);
	struct itimerspec its = {
		.it_interval = { .tv_sec = ns / NSEC, .tv_nsec = ns % NSEC },
	};
	struct timespec now;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	clock_gettime(CLOCK_MONOTONIC, &now);
	ns += now.tv_nsec;
	its.it_value.tv_sec = now.tv_sec + ns / NSEC;
	its.it_value.tv_nsec = ns % NSEC;
	if (fd < 0 || timerfd_settime(fd, TFD_TIMER_ABSTIME, &its, NULL))
		die(EXIT_USAGE, "cannot set a timer: %s", strerror(errno));
	return fd;
}

/* False when a signal says to end. */
static bool wait_next(int timer)
{
	struct pollfd pfd = { .fd = timer, .events = POLLIN };
	uint64_t expired;

	while (!stop__asked())
		if (stop__poll(&pfd, -1))
			return read(timer, &expired, sizeof(expired)) == sizeof(expired);
	return false;
}

static void run(void)
{
	struct pinstat_sample prev, s;
	int timer = conf.interval ? start_timer() : -1;
	bool more = true;
	uint64_t i;

	for (i = 0; !i || (more && timer >= 0 && i != conf.count && wait_next(timer)); i++) {
		take(&s);
		show(i ? &prev : NULL, &s);
		more = stop__flush();
		/* Last: where that failed, the one line on stderr says so. */
		say_limits(&s);
		if (i)
			free(prev.nodes);
		prev = s;
	}
	free(prev.nodes);
	if (timer >= 0)
		close(timer);
}

int main(int argc, char **argv)
{
	cli_fill_std_fds();
	parse_args(argc, argv);
	/* Once, their default action is fine. */
	stop__hold(conf.interval);
	run();
	finish(EXIT_DONE);
}
