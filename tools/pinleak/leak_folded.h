/* SPDX-License-Identifier: GPL-2.0 */
/* Stacks and what is held from them, for flame graphs. */
#ifndef PINSCOPE_LEAK_FOLDED_H
#define PINSCOPE_LEAK_FOLDED_H

#include "leak_model.h"

struct folded_stack {
	char *text;		/* see frames_folded() */
	uint64_t pages;
};

/* Of all rows, each stack once, sorted; the caller frees *@stacks. Returns how many. */
size_t folded_stacks(const struct leak_model *m, struct folded_stack **stacks);
void folded_stacks_free(struct folded_stack *stacks, size_t nr);

#endif
