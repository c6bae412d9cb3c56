/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Drivers often release a buffer page by page. Releases of one pin call that
 * follow each other, by the same releaser from the same place, are one line.
 */
#ifndef PINSCOPE_TRACE_BURST_H
#define PINSCOPE_TRACE_BURST_H

#include "trace_view.h"

/* Longer apart than this they are lines of their own. */
#define BURST_GAP_NS 20000000ULL

struct burst {
	uint64_t calls;		/* in it; 0: there is none */
	uint64_t pins;
	uint64_t nr;		/* of the pin call; 0: none was seen */
	uint64_t left;		/* of its pins, after the last release */
	uint64_t held_ns, held_most_ns;	/* by the first and by the last release */
	uint64_t time_ns;	/* of the last release */
	uint32_t tgid, tid;
	uint16_t context, function;
	bool dirty, guessed;
	char comm[16];		/* of the releasing task */
	char owner[16];
	const struct named_site *pin_site;	/* NULL: no pin call was seen */
	const struct named_site *site;		/* of the release; NULL: not asked for */
};

/* Takes up @part of @unpin, if it goes on where @b ended. False: it does not. */
bool burst_add(struct burst *b, const struct shown_unpin *unpin, size_t part);

/* Begins a burst with it. */
void burst_begin(struct burst *b, const struct shown_unpin *unpin, size_t part);

#endif
