// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include <time.h>

#include "cli.h"
#include "text.h"
#include "trace_audit.h"
#include "vec.h"

/* How often it looks at what is held, and how long between its last two looks. */
#define LOOK_EVERY_NS 200000000ULL
#define LAST_NS 100000000L

/* What the audit's functions are given. */
struct audit_arg {
	struct audit_live_arg live;	/* first, for the machine's */
	struct trace_run *run;
};

static bool is_wanted(void *arg, const struct paired_pin *pin)
{
	return trace_run__is_wanted(pin);
}

static const struct named_site *site(void *arg, uint64_t id)
{
	const struct trace_run *run = ((struct audit_arg *)arg)->run;

	return run->source.site(run->source.arg, id);
}

static void report(void *arg, const struct audit_violation *v)
{
	trace_run__violation(((struct audit_arg *)arg)->run, v);
}

static bool is_expected(void *arg, const struct audit_violation *v)
{
	return trace_run__is_expected(((struct audit_arg *)arg)->run, v);
}

static void tell_known(void *arg, enum audit_rule rule, const char *driver, const char *why)
{
	char name[64];

	warn("known, and no violation of %s: %s: %s", audit_rule_name(rule),
	     text_clean(driver, name, sizeof(name)), why);
}

uint32_t trace_audit_replayed(uint32_t rules)
{
	uint32_t off = rules & AUDIT_NEEDS_MACHINE;
	int rule;

	for (rule = 0; rule < AUDIT_RULES; rule++)
		if (off & AUDIT_BIT(rule))
			warn("%s is not checked: a recording does not tell",
			     audit_rule_name(rule));
	return rules & ~off;
}

void trace_audit_begin(struct trace_run *run, uint32_t rules, double hold,
		       const struct trace_info *info, struct audit_live *machine)
{
	struct audit_arg *arg = xcalloc(1, sizeof(*arg));
	struct audit_opts opts = {
		.rules = rules, .hold_ns = (uint64_t)(hold * 1e9),
		.longterm = foll_value(info->flags, "LONGTERM"),
		.write = foll_value(info->flags, "WRITE"), .page_size = info->page_size,
		.machine = machine ? &audit_live_machine : NULL, .wanted = is_wanted, .site = site,
		.expected = is_expected, .report = report, .known = tell_known, .arg = arg,
	};

	*arg = (struct audit_arg){ .live.live = machine, .run = run };
	run->audit_arg = arg;
	run->rules = rules;
	run->audit = audit__new(&opts, run->pairs);
	audit__begin(run->audit);
}

void trace_audit_end(struct trace_run *run)
{
	audit__free(run->audit);
	run->audit = NULL;
	free(run->audit_arg);
}

void trace_audit_look(struct trace_run *run)
{
	struct timespec ts;
	uint64_t now;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = ts.tv_sec * 1000000000ULL + ts.tv_nsec;
	if (!run->audit || now - run->audited_ns < LOOK_EVERY_NS)
		return;
	run->audited_ns = now;
	audit__look(run->audit, false);
}

void trace_audit_last(struct trace_run *run, struct tracer *t, trace_call_fn each, void *arg)
{
	const struct timespec pause = { .tv_nsec = LAST_NS };

	if (!run->audit)
		return;
	audit__look(run->audit, true);
	nanosleep(&pause, NULL);
	tracer__read(t, each, arg);
	audit__look(run->audit, true);
	audit__over(run->audit);
}

int trace_audit_code(const struct trace_run *run, int code)
{
	return trace_run__violations(run) ? EXIT_FOUND : code;
}

/* --- options ---------------------------------------------------------------------------------- */

uint32_t trace_audit_rules(const char *list)
{
	uint32_t rules = list ? audit_rules_parse(list) : AUDIT_ALL;

	if (!rules)
		die(EXIT_USAGE, "there is no such rule: '%s'; --explain list has them all", list);
	return rules;
}

void trace_audit_hold(const char *arg, double *hold)
{
	if (parse_seconds(arg, 0.001, 1e9, hold))
		die(EXIT_USAGE, "--audit-hold must be seconds from 0.001 to 1000000000, not '%s'",
		    arg);
}

/* In lines of so many characters, words whole. */
static void print_paragraph(const char *text, size_t width)
{
	size_t len;

	while (*text) {
		len = strlen(text);
		if (len > width)
			for (len = width; len && text[len] != ' '; len--)
				;
		printf("    %.*s\n", (int)len, text);
		text += len;
		text += strspn(text, " ");
	}
}

int trace_explain(const char *rule)
{
	uint32_t rules = AUDIT_ALL;
	int i;

	if (strcmp(rule, "list")) {
		rules = audit_rules_parse(rule);
		if (!rules)
			die(EXIT_USAGE, "there is no rule '%s': --explain list has them all", rule);
	}
	for (i = 0; i < AUDIT_RULES; i++) {
		if (!(rules & AUDIT_BIT(i)))
			continue;
		puts(audit_rule_name(i));
		if (strcmp(rule, "list"))
			print_paragraph(audit_rule_text(i), 76);
	}
	return EXIT_DONE;
}
