/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Command lines: one table per tool gives getopt, --help and, in the tests,
 * the list of options that must stand in the man page and be tried.
 * Messages for people go to stderr, data to stdout.
 */
#ifndef PINSCOPE_CLI_H
#define PINSCOPE_CLI_H

#include <stdbool.h>
#include <stdint.h>

/* Exit codes, the same for every tool; documented in each man page. */
enum {
	EXIT_DONE = 0,		/* did what was asked */
	EXIT_USAGE = 1,		/* bad usage or an environment that lacks something */
	EXIT_ATTACH = 2,	/* the kernel refused the BPF programs */
	EXIT_FOUND = 3,		/* a leak or a violation was found */
	EXIT_LOST = 4,		/* data was lost, the answer is incomplete */
};

/*
 * One option. @key is what cli_next() returns: the short option's character,
 * or a value above 255 for a long-only one. @arg names the argument in the
 * help text; NULL means none, a leading '[' an optional one.
 * An entry with key 0 is a heading in --help. The table ends with key -1.
 */
struct cli_opt {
	int key;
	const char *name;
	const char *arg;
	const char *help;
};

struct cli {
	const char *name;	/* of the tool */
	const char *synopsis;	/* what follows the name in the usage line */
	const char *brief;	/* one line: what the tool is for */
	const struct cli_opt *opts;
	const char *footer;	/* examples and notes for --help, or NULL */
};

/* -h/--help and -V/--version: every tool's table has them, cli_next() serves them. */
#define CLI_COMMON \
	{ 'h', "help", NULL, "show this help and exit" }, \
	{ 'V', "version", NULL, "show the version and exit" }

#define CLI_END { -1, NULL, NULL, NULL }

/*
 * The next option's key, or -1 after the last; *@arg is its argument or NULL.
 * Answers --help and --version itself and exits. A bad option is one line on
 * stderr and exit 1. Non-option arguments stay in argv from the global optind.
 */
int cli_next(const struct cli *cli, int argc, char **argv, const char **arg);

/* Sets the name that stands before each message. Called by cli_next(). */
void cli_set_name(const char *name);

/*
 * A file opened where standard input, output or error was closed would get
 * what is meant for that: fills the gaps with descriptors that refuse what one
 * does with them. To be called first in main().
 */
void cli_fill_std_fds(void);

/* One line on stderr: "name: message". */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* warn(), then exit(@code). */
void die(int code, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/*
 * Flushes stdout and exits with @code, or with EXIT_USAGE and a message when
 * what was written did not reach its reader (a closed pipe, a full disk).
 */
void finish(int code) __attribute__((noreturn));

/* Version of the tool, the libbpf it runs with and its build, for -V. */
extern const char *const pinscope_version;

/*
 * Parse a decimal number in [@min, @max], resp. seconds with a fraction.
 * 0, or -EINVAL / -ERANGE with *@out untouched.
 */
int parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out);
int parse_seconds(const char *s, double min, double max, double *out);

#endif
