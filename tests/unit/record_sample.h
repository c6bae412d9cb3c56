/* SPDX-License-Identifier: GPL-2.0 */
/* Traces to record, made up: calls with all fields filled, sites, user stacks. */
#ifndef PINSCOPE_TESTS_RECORD_SAMPLE_H
#define PINSCOPE_TESTS_RECORD_SAMPLE_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "follflags.h"
#include "record.h"
#include "record_format.h"
#include "replay.h"
#include "vec.h"

#define CALLS 97
#define SITES 13
#define USTACKS 7

/* The same numbers in each run. */
static inline uint64_t any(void)
{
	static uint64_t x = 88172645463325252ull;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static inline void fill(void *to, size_t size)
{
	unsigned char *bytes = to;

	while (size--)
		*bytes++ = any() >> 24;
}

/* A text that is clean, of at most @most characters. */
static inline void fill_text(char *to, size_t least, size_t most)
{
	size_t len = least + any() % (most - least + 1), i;

	for (i = 0; i < len; i++)
		to[i] = ' ' + any() % 95;
	to[len] = '\0';
}

static inline void sample_info(struct trace_info *info, struct foll_names *flags)
{
	size_t i;

	fill_text(info->kernel, 1, 64);
	fill_text(info->machine, 1, 64);
	info->began_ns = any();
	info->wall_ns = -(int64_t)(any() >> 1);
	info->page_size = 16384;
	info->flags = flags;
	for (i = 0; i < FOLL_BITS; i++)
		fill_text(flags->name[i], 0, 23);
}

static inline char **sample_frames(size_t nr, size_t most)
{
	char **frames = xcalloc(nr, sizeof(*frames));
	size_t i;

	for (i = 0; i < nr; i++) {
		frames[i] = xcalloc(most + 1, 1);
		fill_text(frames[i], 0, most);
	}
	return frames;
}

static inline void free_frames(char **frames, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		free(frames[i]);
	free(frames);
}

static inline void sample_site(struct named_site *s, size_t nr_frames)
{
	memset(s, 0, sizeof(*s));
	fill_text(s->name.driver, 1, sizeof(s->name.driver) - 1);
	fill_text(s->name.detail, 0, sizeof(s->name.detail) - 1);
	fill_text(s->name.function, 0, sizeof(s->name.function) - 1);
	fill_text(s->name.module, 0, sizeof(s->name.module) - 1);
	fill_text(s->summary, 0, sizeof(s->summary) - 1);
	s->id = any();
	s->name.frame = (int)(any() % (nr_frames + 1)) - 1;
	s->truncated = any() >> 30 & 1;
	s->nr_frames = nr_frames;
	s->frames = sample_frames(nr_frames, 97);
}

struct sample_call {
	struct trace_event ev;
	uint64_t *runs;
	struct trace_call call;
};

/* All of it random, as far as that is possible. */
static inline void sample_call(struct sample_call *c, size_t nr_runs)
{
	struct trace_event *ev = &c->ev;
	size_t i;

	fill(ev, sizeof(*ev));
	ev->type = TRACE_PIN + any() % 3;
	ev->function = any() % GUP_FUNCTIONS;
	ev->context = any() % LEDGER_CONTEXTS;
	fill_text(ev->comm, 0, 15);
	fill_text(ev->owner_comm, 0, 15);
	c->runs = xcalloc(nr_runs, sizeof(*c->runs));
	c->call = (struct trace_call){ ev, c->runs, nr_runs, any() % 1009 };
	ev->pins = c->call.lost;
	for (i = 0; i < nr_runs; i++) {
		c->runs[i] = RUN_WORD(any() >> 24, 1 + any() % RUN_MAX_COUNT, any() % 32);
		ev->pins += RUN_COUNT(c->runs[i]);
	}
}

/* --- a whole trace ---------------------------------------------------------------------------- */

struct world {
	struct trace_info info;
	struct foll_names flags;
	struct named_site sites[SITES];
	struct named_ustack ustacks[USTACKS];
	uint64_t ustack_ids[USTACKS];
	struct sample_call calls[CALLS];
	size_t nr_calls;
	/* By call; -1: none. */
	int site_of[CALLS], ustack_of[CALLS];
	struct trace_health health;
	uint64_t ended_ns;
	struct replay *replay;
	size_t seen;		/* calls, by who replays it */
};

static inline struct world *make_world(size_t nr_calls, size_t most_runs)
{
	struct world *w = xcalloc(1, sizeof(*w));
	size_t i;

	sample_info(&w->info, &w->flags);
	for (i = 0; i < SITES; i++)
		sample_site(&w->sites[i], i * 2);
	for (i = 0; i < USTACKS; i++) {
		w->ustack_ids[i] = any();
		w->ustacks[i].nr_frames = i * 3;
		w->ustacks[i].frames = sample_frames(i * 3, 211);
	}
	w->sites[1].id = 0;	/* as good as any other */
	w->sites[2].id = UINT64_MAX;
	w->nr_calls = nr_calls;
	for (i = 0; i < nr_calls; i++) {
		sample_call(&w->calls[i], any() % (most_runs + 1));
		w->site_of[i] = (int)(any() % (SITES + 1)) - 1;
		w->ustack_of[i] = (int)(any() % (USTACKS + 1)) - 1;
		if (w->site_of[i] >= 0)
			w->calls[i].ev.site = w->sites[w->site_of[i]].id;
		if (w->ustack_of[i] >= 0)
			w->calls[i].ev.ustack = w->ustack_ids[w->ustack_of[i]];
	}
	fill(&w->health, sizeof(w->health));
	w->ended_ns = any();
	return w;
}

static inline void free_world(struct world *w)
{
	size_t i;

	for (i = 0; i < SITES; i++)
		sitename_clear(&w->sites[i]);
	for (i = 0; i < USTACKS; i++)
		free_frames(w->ustacks[i].frames, w->ustacks[i].nr_frames);
	for (i = 0; i < w->nr_calls; i++)
		free(w->calls[i].runs);
	free(w);
}

static inline void write_calls(const struct world *w, struct record *r)
{
	struct fail fail;
	size_t i;

	for (i = 0; i < w->nr_calls; i++)
		assert_int_equal(record__call(r, &w->calls[i].call,
					      w->site_of[i] < 0 ? NULL : &w->sites[w->site_of[i]],
					      w->ustack_of[i] < 0 ? NULL :
								    &w->ustacks[w->ustack_of[i]],
					      &fail), 0);
}

static inline void record_world(const struct world *w, const char *to)
{
	struct fail fail;
	struct record *r = record__open(to, &w->info, &fail);

	assert_non_null(r);
	write_calls(w, r);
	assert_int_equal(record__end(r, w->ended_ns, &w->health, &fail), 0);
}

/* One call with a site, one page, in a small file. */
static inline struct world *small_world(void)
{
	struct world *w = make_world(1, 0);
	struct sample_call *c = &w->calls[0];

	free(c->runs);
	sample_call(c, 1);
	sitename_clear(&w->sites[0]);
	sample_site(&w->sites[0], 2);
	strcpy(w->sites[0].frames[0], "foo+0x1/0x2");
	strcpy(w->sites[0].frames[1], "bar");
	free_frames(w->ustacks[1].frames, w->ustacks[1].nr_frames);
	w->ustacks[1].frames = sample_frames(1, 17);
	w->ustacks[1].nr_frames = 1;
	w->site_of[0] = 0;
	w->ustack_of[0] = 1;
	c->ev.site = w->sites[0].id;
	c->ev.ustack = w->ustack_ids[1];
	strcpy(w->info.kernel, "6.12.1");
	memset(&w->flags, 0, sizeof(w->flags));
	strcpy(w->flags.name[16], "FOLL_LONGTERM");
	return w;
}

/* --- files ------------------------------------------------------------------------------------ */

/* A file in memory, by a path. */
static int memfd;
static char path[64];

static inline int make_file(void **state)
{
	memfd = memfd_create("test_record", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", memfd);
	return memfd < 0 ? -1 : 0;
}

static inline int drop_file(void **state)
{
	return close(memfd);
}

static inline void write_file(const uint8_t *data, size_t size)
{
	assert_int_equal(ftruncate(memfd, 0), 0);
	assert_int_equal(pwrite(memfd, data, size, 0), size);
}

static inline uint8_t *read_file(size_t *size)
{
	uint8_t *data;

	*size = lseek(memfd, 0, SEEK_END);
	data = xcalloc(*size, 1);
	assert_int_equal(pread(memfd, data, *size, 0), *size);
	return data;
}

static inline uint64_t le(const uint8_t *at, int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

/* Where the first record of @type begins; @size: there is none. */
static inline size_t find(const uint8_t *data, size_t size, uint16_t type)
{
	size_t at = le(data + 16, 4);

	while (at < size && le(data + at, 2) != type)
		at += 8 + le(data + at + 4, 4);
	return at;
}

#endif
