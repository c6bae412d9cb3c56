// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

#ifndef PINSCOPE_VERSION
#define PINSCOPE_VERSION "0.1"
#endif

#define MAX_OPTS 64

const char *const pinscope_version = PINSCOPE_VERSION;

static const char *tool_name = "pinscope";

void cli_set_name(const char *name)
{
	tool_name = name;
}

void cli_fill_std_fds(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static void vwarn(const char *fmt, va_list ap)
{
	fflush(stdout);
	fprintf(stderr, "%s: ", tool_name);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarn(fmt, ap);
	va_end(ap);
}

void die(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarn(fmt, ap);
	va_end(ap);
	exit(code);
}

void finish(int code)
{
	if (fflush(stdout) || ferror(stdout)) {
		int err = errno;

		/* A reader that has seen enough ("| head") is no failure of ours. */
		if (err == EPIPE)
			exit(code);
		fprintf(stderr, "%s: cannot write to standard output: %s\n",
			tool_name, strerror(err));
		exit(EXIT_USAGE);
	}
	exit(code);
}

static void print_help(const struct cli *cli)
{
	const struct cli_opt *o;

	printf("Usage: %s %s\n%s\n", cli->name, cli->synopsis, cli->brief);
	for (o = cli->opts; o->key != -1; o++) {
		char left[64];
		const char *line = o->help;
		const char *eol;

		if (!o->key) {
			printf("\n%s\n", o->help);
			continue;
		}
		if (o->key < 256)
			snprintf(left, sizeof(left), "  -%c, --%s%s%s", o->key,
				 o->name, o->arg ? " " : "", o->arg ? o->arg : "");
		else
			snprintf(left, sizeof(left), "      --%s%s%s", o->name,
				 o->arg ? " " : "", o->arg ? o->arg : "");
		if (strlen(left) > 25)
			printf("%s\n%26s", left, "");
		else
			printf("%-26s", left);
		while ((eol = strchr(line, '\n'))) {
			printf("%.*s\n%26s", (int)(eol - line), line, "");
			line = eol + 1;
		}
		printf("%s\n", line);
	}
	if (cli->footer)
		printf("\n%s", cli->footer);
}

static const struct cli_opt *find_key(const struct cli *cli, int key)
{
	const struct cli_opt *o;

	for (o = cli->opts; o->key != -1; o++)
		if (o->key == key)
			return o;
	return NULL;
}

int cli_next(const struct cli *cli, int argc, char **argv, const char **arg)
{
	static struct option longs[MAX_OPTS];
	static char shorts[MAX_OPTS * 3 + 2];
	int key;

	if (!longs[0].name) {
		const struct cli_opt *o;
		char *s = shorts;
		size_t n = 0;

		cli_set_name(cli->name);
		*s++ = ':';
		for (o = cli->opts; o->key != -1; o++) {
			if (!o->key || n == MAX_OPTS - 1)
				continue;
			longs[n].name = o->name;
			longs[n].has_arg = !o->arg ? no_argument :
					   o->arg[0] == '[' ? optional_argument :
					   required_argument;
			longs[n].val = o->key;
			if (o->key < 256) {
				*s++ = (char)o->key;
				if (o->arg)
					*s++ = ':';
				if (o->arg && o->arg[0] == '[')
					*s++ = ':';
			}
			n++;
		}
		opterr = 0;
	}

	key = getopt_long(argc, argv, shorts, longs, NULL);
	*arg = optarg;
	if (key == 'h' && find_key(cli, 'h')) {
		print_help(cli);
		finish(EXIT_DONE);
	}
	if (key == 'V') {
		printf("%s %s\n", cli->name, pinscope_version);
		finish(EXIT_DONE);
	}
	if (key == ':') {
		const struct cli_opt *o = find_key(cli, optopt);

		die(EXIT_USAGE, "option --%s needs %s; see %s --help",
		    o ? o->name : "?", o ? o->arg : "an argument", cli->name);
	}
	if (key == '?') {
		if (optopt && optopt < 256 && isprint(optopt))
			die(EXIT_USAGE, "unknown option -%c; see %s --help",
			    optopt, cli->name);
		die(EXIT_USAGE, "cannot use option %s; see %s --help",
		    argv[optind - 1], cli->name);
	}
	return key;
}

int parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	unsigned long long v;
	char *end;

	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	errno = 0;
	v = strtoull(s, &end, 10);
	if (*end)
		return -EINVAL;
	if (errno || v < min || v > max)
		return -ERANGE;
	*out = v;
	return 0;
}

int parse_seconds(const char *s, double min, double max, double *out)
{
	char *end;
	double v;

	if (!isdigit((unsigned char)*s) && *s != '.')
		return -EINVAL;
	v = strtod(s, &end);
	if (end == s || *end)
		return -EINVAL;
	if (!(v >= min && v <= max))
		return -ERANGE;
	*out = v;
	return 0;
}
