/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Made-up pin calls and releases for the tracer's programs in this machine's
 * kernel, and the way from there to a view: pintrace without what it attaches.
 */
#ifndef PINSCOPE_TESTS_FEED_WORLD_H
#define PINSCOPE_TESTS_FEED_WORLD_H

#include "assemble.h"
#include "feed.h"
#include "trace_run.h"

struct feed_bpf;

struct feed {
	struct feed_bpf *skel;
	struct feed_layout layout;
	struct feed_array *arrays;
	struct feed_thread *threads;	/* shared with the programs */
	struct ring_buffer *ring;
	struct assembler *assembler;
	struct trace_run run;
	struct call_filter filter;
	struct trace_info info;
	struct named_site site;		/* of all */
	uint64_t shown_calls, shown_pins, shown_releases, shown_unpins;	/* given to the view */
};

/*
 * @buffer: bytes of the ring, a power of two of pages. The pages of an array
 * are @stride page frames apart. Fails the test when the kernel refuses something.
 */
void feed_open(struct feed *f, uint32_t buffer, uint32_t stride);
/* The same; only of calls that gave less than they were asked for is told. */
void feed_open_failed(struct feed *f, uint32_t buffer, uint32_t stride);
void feed_close(struct feed *f);

/* What is told goes to @view from now on, which feed_close() frees. */
void feed_show(struct feed *f, struct trace_view *view);

/* A pair of thread @thread, of f->threads[thread].nr pages: its @i-th. By one task for each. */
void feed_pair(struct feed *f, uint32_t thread, uint64_t i);

/* Gives the view what has been told so far, as pintrace does. */
void feed_read(struct feed *f);

/* All is told: what tracer__health() would say. */
void feed_end(struct feed *f, struct trace_health *health);

#endif
