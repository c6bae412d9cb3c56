/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which pin call a release ends. The pages tell: each call's pins are
 * remembered by page frame until they are released. Where several calls have
 * pins on a page, the release takes those of its own process, else the oldest:
 * the only guess there is, and marked as such. Frames stand for memory: a
 * pinned folio can neither be split nor migrated.
 */
#ifndef PINSCOPE_PAIRS_H
#define PINSCOPE_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace_call.h"

struct pairs;

/* A pin call that gave pins. Lives until all of them are released and pairs__forget() is called. */
struct paired_pin {
	uint64_t nr;		/* from 1 on, in the order in which the calls were seen to end */
	uint64_t pins;		/* taken; those whose pages got lost (trace_call.lost) left out */
	uint64_t left;		/* not released yet */
	uint64_t bytes;		/* memory that the call holds: distinct folios; while left > 0 */
	uint64_t released_ns;	/* CLOCK_MONOTONIC of the newest release; 0: none */
	uint64_t exited_ns;	/* when its owner exited; 0: not yet */
	/*
	 * Some of its folios were pinned by another call, too, when they were
	 * released; by one of another owner or site. So it may be that one's
	 * pins that are left.
	 */
	bool shared, mixed;
	void *data;		/* the caller's */
	void *audit;		/* the audit's, see audit.h */
	struct trace_event ev;	/* all but its runs, for which there is no room: not to be copied */
};

/* What a release takes from one pin call. */
struct paired_part {
	struct paired_pin *pin;		/* NULL: no call that was seen has pins there */
	uint64_t pins;
	bool guessed;			/* another call had pins on some of these folios as well */
};

struct pairs *pairs__new(void);
void pairs__free(struct pairs *p);

/*
 * Remembers a TRACE_PIN call. NULL when it gave no pins, or none whose pages
 * are known (then nothing can be released of it).
 */
struct paired_pin *pairs__pinned(struct pairs *p, const struct trace_call *call);

/*
 * A TRACE_UNPIN call: gives its parts, one for each pin call concerned in the
 * order of their numbers, and at the end at most one without; valid until the
 * next call of this function. Pins are taken off ->left already; a pin with
 * left 0 must be given to pairs__forget() when the caller is done with it. One
 * that is forgotten earlier is no longer found: its releases have no pin call.
 */
size_t pairs__released(struct pairs *p, const struct trace_call *call,
		       const struct paired_part **parts);
void pairs__forget(struct pairs *p, struct paired_pin *pin);

/* A TRACE_EXIT (tgid, start_ns): sets exited_ns of what the process owns and still holds. */
void pairs__exited(struct pairs *p, const struct trace_event *ev);

/* All calls that still hold pins, in the order of their numbers. */
void pairs__each(struct pairs *p, void (*each)(struct paired_pin *pin, void *arg), void *arg);

struct pairs_sum {
	uint64_t calls, pins, bytes;	/* held now; a folio that two calls pin counts in both */
	uint64_t memory;		/* bytes that remembering them takes */
};
struct pairs_sum pairs__sum(const struct pairs *p);

/* Calls @each for the pages that @pin still holds: first PFN, base pages, pins on each folio. */
void pairs__pages(const struct pairs *p, const struct paired_pin *pin,
		  void (*each)(uint64_t pfn, uint64_t pages, uint64_t pins, void *arg), void *arg);

/* Pins of all calls on the folio that begins at @pfn; @order 0: on the small page. */
uint64_t pairs__on(const struct pairs *p, uint64_t pfn, unsigned int order);

#endif
