/* SPDX-License-Identifier: GPL-2.0 */
/* A site's kernel stack in words. */
#ifndef PINSCOPE_SITENAME_H
#define PINSCOPE_SITENAME_H

#include "../../bpf/ledger.h"
#include "drivers.h"
#include "kernel_lines.h"

#define SITENAME_SUMMARY 200

struct named_site {
	uint64_t id;
	struct site_name name;
	char summary[SITENAME_SUMMARY + 1];	/* see stackname_summary() */
	/*
	 * "io_pin_pages+0x1b/0x90", innermost first; with source lines "leak+0x5/0x60 [lab]
	 * (lab.c:12)" where they are known. The first, or one near it, is the function that was
	 * called: by its name alone ("pin_user_pages_fast") where the stack does not hold it.
	 */
	char **frames;
	size_t nr_frames;
	bool truncated;		/* the stack was deeper */
};

/*
 * Fills @s for @stack, without our own programs' frames. Reads @syms anew where
 * a name is missing (@trouble filled if it cannot); @syms may be NULL.
 */
void sitename_fill(struct named_site *s, uint64_t id, const struct pin_site *stack,
		   struct kallsyms *syms, struct fail *trouble);

/* Adds source lines to the frames; @stack and @syms as above. */
void sitename_add_lines(struct named_site *s, const struct pin_site *stack,
			const struct kallsyms *syms, struct kernel_lines *lines);

/* Frees what it holds. */
void sitename_clear(struct named_site *s);

#endif
