// SPDX-License-Identifier: GPL-2.0
/* Recorded traces: what is written comes back. */
#include <signal.h>
#include <sys/resource.h>

#include "record_sample.h"

/* --- all of it -------------------------------------------------------------------------------- */

static void same_frames(char *const *a, size_t nr_a, char *const *b, size_t nr_b)
{
	size_t i;

	assert_int_equal(nr_a, nr_b);
	for (i = 0; i < nr_a; i++)
		assert_string_equal(a[i], b[i]);
}

static void same_site(const struct named_site *a, const struct named_site *b)
{
	assert_non_null(a);
	assert_int_equal(a->id, b->id);
	assert_string_equal(a->name.driver, b->name.driver);
	assert_string_equal(a->name.detail, b->name.detail);
	assert_string_equal(a->name.function, b->name.function);
	assert_string_equal(a->name.module, b->name.module);
	assert_int_equal(a->name.frame, b->name.frame);
	assert_string_equal(a->summary, b->summary);
	assert_int_equal(a->truncated, b->truncated);
	same_frames(a->frames, a->nr_frames, b->frames, b->nr_frames);
}

static void same_event(const struct trace_event *a, const struct trace_event *b)
{
	struct trace_event x = *a, y = *b;

	x.nr_runs = y.nr_runs = 0;	/* they are the call's */
	/* Addresses in a kernel that may be gone. */
	x.file = x.file_data = x.file_module = x.user = 0;
	y.file = y.file_data = y.file_module = y.user = 0;
	x.comm[15] = x.owner_comm[15] = y.comm[15] = y.owner_comm[15] = '\0';
	assert_memory_equal(&x, &y, offsetof(struct trace_event, runs));
}

static void check_call(const struct trace_call *call, void *arg)
{
	struct world *w = arg;
	size_t i = w->seen++;
	const struct named_ustack *u;

	assert_true(i < w->nr_calls);
	same_event(call->ev, &w->calls[i].ev);
	assert_int_equal(call->lost, w->calls[i].call.lost);
	assert_int_equal(call->nr_runs, w->calls[i].call.nr_runs);
	if (call->nr_runs)
		assert_memory_equal(call->runs, w->calls[i].runs, call->nr_runs * 8);
	/* They came before it. */
	if (w->site_of[i] < 0)
		assert_null(replay__site(w->replay, call->ev->site));
	else
		same_site(replay__site(w->replay, call->ev->site), &w->sites[w->site_of[i]]);
	u = replay__ustack(w->replay, call->ev->ustack);
	if (w->ustack_of[i] < 0) {
		assert_null(u);
		return;
	}
	assert_non_null(u);
	same_frames(u->frames, u->nr_frames, w->ustacks[w->ustack_of[i]].frames,
		    w->ustacks[w->ustack_of[i]].nr_frames);
}

static void same_info(const struct trace_info *a, const struct trace_info *b)
{
	assert_string_equal(a->kernel, b->kernel);
	assert_string_equal(a->machine, b->machine);
	assert_int_equal(a->began_ns, b->began_ns);
	assert_int_equal(a->wall_ns, b->wall_ns);
	assert_int_equal(a->page_size, b->page_size);
	assert_memory_equal(a->flags, b->flags, sizeof(*a->flags));
}

static void replay_world(struct world *w, const char *from)
{
	struct fail fail;

	w->seen = 0;
	w->replay = replay__open(from, &fail);
	assert_non_null(w->replay);
	same_info(replay__info(w->replay), &w->info);
	assert_int_equal(replay__run(w->replay, check_call, w, &fail), 0);
	assert_int_equal(w->seen, w->nr_calls);
	assert_false(replay__truncated(w->replay));
	assert_int_equal(replay__ended_ns(w->replay), w->ended_ns);
	assert_memory_equal(replay__health(w->replay), &w->health, sizeof(w->health));
	replay__close(w->replay);
}

static void round_trip(void **state)
{
	int i;

	for (i = 0; i < 5; i++) {
		struct world *w = make_world(CALLS, i ? 211 : 0);

		record_world(w, path);
		replay_world(w, path);
		free_world(w);
	}
}

static void nothing_happened(void **state)
{
	struct world *w = make_world(0, 0);

	record_world(w, path);
	replay_world(w, path);
	free_world(w);
}

/* More than the buffers of writer and reader begin with. */
static void large_calls(void **state)
{
	struct world *w = make_world(3, 0);
	size_t i;

	for (i = 0; i < w->nr_calls; i++) {
		free(w->calls[i].runs);
		w->site_of[i] = w->ustack_of[i] = -1;
		sample_call(&w->calls[i], i == 1 ? 300007 : 2);
	}
	record_world(w, path);
	replay_world(w, path);
	free_world(w);
}

/* Standard output and input, through a pipe. */
static void by_pipe(void **state)
{
	struct world *w = make_world(CALLS, 3);
	int out = dup(STDOUT_FILENO), in = dup(STDIN_FILENO), p[2];

	assert_int_equal(pipe(p), 0);
	assert_true(fcntl(p[1], F_SETPIPE_SZ, 1 << 20) > 0);
	fflush(stdout);
	dup2(p[1], STDOUT_FILENO);
	record_world(w, "-");
	dup2(out, STDOUT_FILENO);
	close(p[1]);
	dup2(p[0], STDIN_FILENO);
	replay_world(w, "-");
	dup2(in, STDIN_FILENO);
	close(p[0]);
	close(out);
	close(in);
	free_world(w);
}

/* --- the format is as pintrace.dat(5) has it -------------------------------------------------- */

static void layout_of_header(const struct world *w, const uint8_t *d)
{
	static const uint8_t begin[16] = {
		'P', 'I', 'N', 'T', 'R', 'A', 'C', 'E', 4, 3, 2, 1, 1, 0, 0, 0,
	};

	assert_memory_equal(d, begin, sizeof(begin));
	assert_int_equal(le(d + 20, 4), 16384);
	assert_int_equal(le(d + 24, 8), w->info.began_ns);
	assert_int_equal(le(d + 32, 8), w->info.wall_ns);
	assert_int_equal(le(d + 40, 2), 6);
	assert_memory_equal(d + 42, "6.12.1", 6);
}

static void layout_of_call(const struct world *w, const uint8_t *d)
{
	const struct trace_event *ev = &w->calls[0].ev;

	assert_int_equal(le(d + 2, 2), 0);
	assert_int_equal(le(d + 4, 4), 200);
	d += 8;
	assert_int_equal(le(d, 4), ev->type);
	assert_int_equal(le(d + 4, 2), ev->function);
	assert_int_equal(le(d + 6, 2), ev->context);
	assert_int_equal(le(d + 8, 8), ev->seq);
	assert_int_equal(le(d + 64, 8), ev->site);
	assert_int_equal(le(d + 96, 8), ev->start_ns);
	assert_int_equal(le(d + 104, 4), ev->owner);
	assert_int_equal(le(d + 120, 4), ev->flags);
	assert_int_equal(le(d + 124, 8), ev->aside);
	assert_int_equal(le(d + 140, 8), ev->clean);
	assert_memory_equal(d + 148, ev->comm, 16);
	assert_memory_equal(d + 164, ev->owner_comm, 16);
	assert_int_equal(le(d + 180, 8), w->calls[0].call.lost);
	assert_int_equal(le(d + 188, 4), 1);
	assert_int_equal(le(d + 192, 8), w->calls[0].runs[0]);
}

static void layout(void **state)
{
	struct world *w = small_world();
	uint8_t *d;
	size_t size, end;

	record_world(w, path);
	d = read_file(&size);
	layout_of_header(w, d);
	assert_int_equal(find(d, size, 1), le(d + 16, 4));
	assert_int_equal(le(d + find(d, size, 1) + 8, 8), w->sites[0].id);
	assert_int_equal(le(d + find(d, size, 2) + 8, 8), w->ustack_ids[1]);
	layout_of_call(w, d + find(d, size, 3));
	end = find(d, size, 4);
	assert_int_equal(size - end, 8 + 8 + 14 * 8 + 4 + 9 * 8);
	assert_int_equal(le(d + end + 8, 8), w->ended_ns);
	assert_int_equal(le(d + end + 16, 8), w->health.totals.seq);
	assert_int_equal(le(d + end + 128, 4), 9);
	assert_int_equal(le(d + end + 132, 8), w->health.lost[LOST_NO_ENTRY]);
	free(d);
	free_world(w);
}

static void any_call(const struct trace_call *call, void *arg)
{
	struct world *w = arg;

	w->seen++;
}

/* What is beyond the limits is cut when it is written; what could harm a terminal when read. */
static void limits(void **state)
{
	struct world *w = small_world();
	struct named_ustack *u = &w->ustacks[1];
	const struct named_ustack *read;
	struct fail fail;

	free_frames(u->frames, u->nr_frames);
	u->nr_frames = 131;
	u->frames = sample_frames(131, 4801);
	memset(u->frames[0], 'a', 4801);
	memset(u->frames[1], 'b', 4096);
	u->frames[1][4096] = '\0';
	strcpy(u->frames[2], "a\033[31mb\xff\x80 \xc3\xa4");
	record_world(w, path);
	w->replay = replay__open(path, &fail);
	assert_non_null(w->replay);
	assert_null(replay__ustack(w->replay, w->ustack_ids[1]));
	assert_int_equal(replay__run(w->replay, any_call, w, &fail), 0);
	assert_int_equal(w->seen, 1);
	read = replay__ustack(w->replay, w->ustack_ids[1]);
	assert_non_null(read);
	assert_int_equal(read->nr_frames, 127);
	assert_int_equal(strlen(read->frames[0]), 4096);
	assert_string_equal(read->frames[1], u->frames[1]);
	assert_string_equal(read->frames[2], "a?[31mb?? \xc3\xa4");
	replay__close(w->replay);
	free_world(w);
}

/* --- where it cannot be written --------------------------------------------------------------- */

static void cannot_open(void **state)
{
	struct world *w = small_world();
	struct fail fail;

	assert_null(record__open("/nonexistent/trace", &w->info, &fail));
	assert_string_equal(fail.msg, "cannot record to /nonexistent/trace: "
				      "No such file or directory");
	/* The header says it at once. */
	assert_null(record__open("/dev/full", &w->info, &fail));
	assert_string_equal(fail.msg, "cannot write /dev/full: No space left on device; "
				      "what was recorded until then can be replayed");
	free_world(w);
}

/* As a disk that is full at @size bytes. */
static void may_grow_to(rlim_t size)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Said once; what was written until then is there. */
static void disk_gets_full(void **state)
{
	struct world *w = make_world(CALLS, 211);
	struct record *r;
	struct fail fail;
	size_t i, errors = 0, first = 0;

	signal(SIGXFSZ, SIG_IGN);
	may_grow_to(100003);
	r = record__open(path, &w->info, &fail);
	assert_non_null(r);
	for (i = 0; i < CALLS * 10; i++) {
		if (!record__call(r, &w->calls[i % CALLS].call, NULL, NULL, &fail))
			continue;
		errors++;
		first = i;
	}
	assert_int_equal(errors, 1);
	assert_non_null(strstr(fail.msg, "File too large"));
	assert_int_equal(record__end(r, w->ended_ns, &w->health, &fail), 0);
	may_grow_to(RLIM_INFINITY);

	w->replay = replay__open(path, &fail);
	assert_non_null(w->replay);
	assert_int_equal(replay__run(w->replay, any_call, w, &fail), 0);
	assert_true(replay__truncated(w->replay));
	assert_true(w->seen > 0 && w->seen <= first);
	replay__close(w->replay);
	free_world(w);
}

/* Found out when the last of it is written. */
static void full_at_the_end(void **state)
{
	struct world *w = small_world();
	struct record *r;
	struct fail fail;

	r = record__open(path, &w->info, &fail);
	assert_non_null(r);
	write_calls(w, r);
	may_grow_to(lseek(memfd, 0, SEEK_END) + 5);
	assert_int_equal(record__end(r, w->ended_ns, &w->health, &fail), -1);
	assert_non_null(strstr(fail.msg, "File too large"));
	may_grow_to(RLIM_INFINITY);
	free_world(w);
}

/* Its length would not fit: nothing wrong is written. The runs are not looked at. */
static void too_many_runs(void **state)
{
	struct world *w = small_world();
	struct fail fail;
	struct record *r;

	r = record__open(path, &w->info, &fail);
	assert_non_null(r);
	w->calls[0].call.nr_runs = RECORD_RUNS + 1;
	assert_int_equal(record__call(r, &w->calls[0].call, NULL, NULL, &fail), -1);
	assert_non_null(strstr(fail.msg, "too long"));
	assert_int_equal(record__end(r, w->ended_ns, &w->health, &fail), 0);
	free_world(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(nothing_happened),
		cmocka_unit_test(large_calls),
		cmocka_unit_test(by_pipe),
		cmocka_unit_test(layout),
		cmocka_unit_test(limits),
		cmocka_unit_test(cannot_open),
		cmocka_unit_test(disk_gets_full),
		cmocka_unit_test(full_at_the_end),
		cmocka_unit_test(too_many_runs),
	};

	return cmocka_run_group_tests(tests, make_file, drop_file);
}
