// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "exact.h"
#include "vec.h"

#define LINE_MAX_LEN 512

enum {
	KEY_LATE = 1000, KEY_MIXED, KEY_FULL, KEY_KPROBES, KEY_ENTRIES, KEY_ABSENT, KEY_KILL,
	KEY_LEAST, KEY_STORM, KEY_CROWD, KEY_SCREEN,
};

static const struct cli_opt opts[] = {
	{ KEY_LATE, "late", NULL, "start the tool when all scenarios hold their pins" },
	{ KEY_MIXED, "mixed", NULL, "each scenario takes and gives back as it likes: look on" },
	{ KEY_KILL, "kill", NULL, "kill tools in the middle of the first scenario" },
	{ KEY_STORM, "storm", NULL, "program runs are missed, and that is repaired" },
	{ KEY_CROWD, "crowd", NULL, "very many processes that have exited hold a pin each" },
	{ KEY_SCREEN, "screen", NULL, "pintop on a terminal, while the first scenario pins" },
	{ KEY_LEAST, "least", "N", "with --mixed: until so many pins have been taken" },
	{ KEY_FULL, "full", NULL, "the ledger has no room for what the scenario pins" },
	{ KEY_ENTRIES, "entries", "N", "room for so many blocks of 64 pages" },
	{ KEY_KPROBES, "kprobes", NULL, "do as if there were no fentry" },
	{ KEY_ABSENT, "absent", "NAMES", "scenarios, by patterns, that this kernel does not have" },
	CLI_COMMON,
	CLI_END,
};

static const struct cli cli = {
	.name = "exactness",
	.synopsis = "[OPTIONS] <SCENARIOS",
	.brief = "Hold the ledger against pinsim, the scan and the kernel, for each scenario.",
	.opts = opts,
};

static size_t read_lines(char ***lines)
{
	char text[LINE_MAX_LEN];
	size_t nr = 0, cap = 0;

	while (fgets(text, sizeof(text), stdin)) {
		text[strcspn(text, "#\n")] = '\0';
		if (text[strspn(text, " \t")])
			*vec_push(*lines, nr, cap) = xstrdup(text + strspn(text, " \t"));
	}
	return nr;
}

int main(int argc, char **argv)
{
	struct source_opts source = { .max_age = 3600 };
	void (*run)(struct world *w, const char *line) = run_alone;
	bool late = false, killed = false, screen = false;
	uint64_t entries;
	struct world w;
	char **lines = NULL;
	const char *arg;
	size_t nr, i;
	int key;

	while ((key = cli_next(&cli, argc, argv, &arg)) != -1) {
		if (key == KEY_LATE)
			late = true;
		else if (key == KEY_MIXED)
			run = run_mixed;
		else if (key == KEY_STORM)
			run = run_storm;
		else if (key == KEY_CROWD)
			run = run_crowd;
		else if (key == KEY_FULL)
			run = run_full;
		else if (key == KEY_KPROBES)
			source.no_fentry = true;
		else if (key == KEY_ABSENT)
			absent_add(arg);
		else if (key == KEY_KILL)
			killed = true;
		else if (key == KEY_SCREEN)
			screen = true;
		else if (key == KEY_LEAST)
			parse_u64(arg, 1, UINT32_MAX, &mixed_least);
		else if (key == KEY_ENTRIES && !parse_u64(arg, 1, UINT32_MAX, &entries))
			source.ledger_entries = (uint32_t)entries;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	nr = read_lines(&lines);
	if (late || killed || screen) {
		if (late)
			run_late(lines, nr, &source);
		else if (killed && nr)
			run_kill(lines[0], &source);
		else if (nr)
			run_screen(lines[0]);
		return tap_failures() ? EXIT_FOUND : EXIT_DONE;
	}
	world_open(&w, &source);
	check_ways(&w, &source);
	for (i = 0; i < nr; i++)
		run(&w, lines[i]);
	world_poll(&w);
	is(world_scan(&w), w.snap->live->in_flight, "at the end: the scan finds the same");
	say("repairs: %llu, pins %llu", (unsigned long long)w.snap->live->repairs,
	    (unsigned long long)w.snap->live->repaired_pins);
	world_close(&w);
	return tap_failures() ? EXIT_FOUND : EXIT_DONE;
}
