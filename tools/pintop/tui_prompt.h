/* SPDX-License-Identifier: GPL-2.0 */
/* A line of text that is typed. */
#ifndef PINSCOPE_TUI_PROMPT_H
#define PINSCOPE_TUI_PROMPT_H

#include <stddef.h>

enum prompt_result {
	PROMPT_SAME,	/* nothing that counts */
	PROMPT_CHANGED,	/* the text is another one */
	PROMPT_NEXT,	/* asks for the next row */
	PROMPT_DONE,
	PROMPT_DROPPED,
};

struct prompt {
	const char *label;
	char text[64];
	size_t len;
};

void prompt__begin(struct prompt *p, const char *label, const char *text);
enum prompt_result prompt__key(struct prompt *p, int key);

#endif
