// SPDX-License-Identifier: GPL-2.0
/*
 * The tool is killed in the middle, while everything pins: nothing of it is left attached, and the
 * one started next is exact, though pins come and go while it is seeded.
 */
#include <bpf/bpf.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "exact.h"

#define SIM_SECONDS 60
#define SEEN_US 500000		/* for so long the tool looks on before it is killed */
#define LOOKS 20
#define SETTLED 10		/* looks that show the same */
#define PATIENCE 20		/* seconds until the kernel has cleaned up */

/* What is attached, and what holds it, on the whole machine. */
struct left {
	int programs, links, maps, functions, kprobes;
};

static int count_ids(int (*next)(__u32 start, __u32 *id))
{
	__u32 id = 0;
	int n = 0;

	while (!next(id, &id))
		n++;
	return n;
}

static int count_lines(const char *path)
{
	FILE *f = fopen(path, "re");
	int c, n = 0;

	if (!f)
		die(EXIT_USAGE, "%s: cannot be read", path);
	while ((c = getc(f)) != EOF)
		n += c == '\n';
	fclose(f);
	return n;
}

static struct left left_now(void)
{
	return (struct left){
		.programs = count_ids(bpf_prog_get_next_id),
		.links = count_ids(bpf_link_get_next_id),
		.maps = count_ids(bpf_map_get_next_id),
		.functions = count_lines("/sys/kernel/tracing/enabled_functions"),
		.kprobes = count_lines("/sys/kernel/debug/kprobes/list"),
	};
}

/* What an earlier tool had may still be on its way: no more of it than this. */
static struct left left_at_first(void)
{
	time_t end = time(NULL) + PATIENCE;
	struct left now = left_now(), last;
	int same = 0;

	while (same < SETTLED && time(NULL) < end) {
		last = now;
		usleep(100000);
		now = left_now();
		same = memcmp(&now, &last, sizeof(now)) ? 0 : same + 1;
	}
	return now;
}

/* What the kernel frees, it frees a little later. */
static void check_left(const struct left *before)
{
	time_t end = time(NULL) + PATIENCE;
	struct left now = left_now();

	while (memcmp(&now, before, sizeof(now)) && time(NULL) < end) {
		usleep(100000);
		now = left_now();
	}
	is(now.programs, before->programs, "kill: programs are left");
	is(now.links, before->links, "kill: links are left");
	is(now.maps, before->maps, "kill: maps are left");
	is(now.functions, before->functions, "kill: functions stay traced");
	is(now.kprobes, before->kprobes, "kill: kprobes stay");
}

/* What a user has; by kprobes alone, which no tool has an option for, the source it is made of. */
static void be_the_tool(const struct source_opts *opts, int out)
{
	const char byte = '\n';
	struct world w;

	dup2(out, STDOUT_FILENO);
	if (!opts->no_fentry) {
		execlp("pintop", "pintop", "-b", "-d", "0.1", "--source", "events", NULL);
		_exit(127);
	}
	world_open(&w, opts);
	for (;;) {
		if (write(STDOUT_FILENO, &byte, 1) != 1)
			_exit(1);
		world_poll(&w);
		usleep(100000);
	}
}

static pid_t start_tool(const struct source_opts *opts, int *out)
{
	int fds[2];
	pid_t pid;

	if (pipe(fds))
		die(EXIT_USAGE, "pipe: no");
	fflush(stdout);
	pid = fork();
	if (!pid) {
		close(fds[0]);
		be_the_tool(opts, fds[1]);
	}
	close(fds[1]);
	*out = fds[0];
	return pid;
}

static pid_t started_tool(const struct source_opts *opts, const struct left *before, int *out)
{
	pid_t pid = start_tool(opts, out);
	struct left now;
	char byte;

	ok(read(*out, &byte, 1) == 1, "kill: the tool runs");
	now = left_now();
	ok(now.programs > before->programs && now.links > before->links &&
	   now.maps > before->maps, "kill: it has attached programs");
	ok(opts->no_fentry ? now.kprobes > before->kprobes : now.functions > before->functions,
	   "kill: functions are probed");
	return pid;
}

static void kill_tool(pid_t pid, int out)
{
	int status;

	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "kill: it is killed");
	close(out);
}

/* In the middle of all that: what it finds, what comes meanwhile, and what goes. */
static void start_again(struct sim *s, const struct source_opts *opts)
{
	const struct snap_live *live;
	struct world w;
	int i;

	world_open(&w, opts);
	check_ways(&w, opts);
	for (i = 0; i < LOOKS; i++)
		world_poll(&w);
	is(sim_end(s, true), 0, "started in the middle: pinsim ends");
	w.base = 0;	/* it was taken while all that was going on */
	world_look(&w, 0);
	live = w.snap->live;
	is(live->in_flight, 0, "started in the middle: nothing stays in the ledger");
	world_check(&w, "started in the middle");
	is(live->kernel_drift, 0, "started in the middle: no drift is seen where none is");
	if (!live->missed_runs)
		is(live->repairs, 0, "started in the middle: nothing had to be repaired");
	say("started in the middle: %llu calls, %llu runs missed, %llu repairs that changed %llu "
	    "pins", (unsigned long long)live->events, (unsigned long long)live->missed_runs,
	    (unsigned long long)live->repairs, (unsigned long long)live->repaired_pins);
	world_close(&w);
}

void run_kill(const char *line, const struct source_opts *opts)
{
	const struct left before = left_at_first();
	struct sim s;
	int out;
	pid_t pid = started_tool(opts, &before, &out);

	sim_start(&s, line);
	s.said = sim_read(&s, SIM_SECONDS);
	if (!ok(s.said, "%s: pins", line)) {
		kill_tool(pid, out);
		sim_end(&s, false);
		return;
	}
	usleep(SEEN_US);
	kill_tool(pid, out);
	check_left(&before);
	start_again(&s, opts);
}
