// SPDX-License-Identifier: GPL-2.0
#include <curses.h>
#include <stdio.h>
#include <string.h>

#include "tui_prompt.h"

#define CTRL(c) ((c) & 0x1f)

void prompt__begin(struct prompt *p, const char *label, const char *text)
{
	p->label = label;
	snprintf(p->text, sizeof(p->text), "%s", text);
	p->len = strlen(p->text);
}

/* Takes away the last character, all bytes of it. */
static enum prompt_result rub_out(struct prompt *p)
{
	if (!p->len)
		return PROMPT_SAME;
	do {
		p->len--;
	} while (p->len && ((unsigned char)p->text[p->len] & 0xc0) == 0x80);
	p->text[p->len] = '\0';
	return PROMPT_CHANGED;
}

/* Other characters than ASCII come byte by byte. */
static enum prompt_result add(struct prompt *p, int byte)
{
	if (byte < ' ' || byte == 127 || byte > 255 || p->len + 1 >= sizeof(p->text))
		return PROMPT_SAME;
	p->text[p->len++] = (char)byte;
	p->text[p->len] = '\0';
	return PROMPT_CHANGED;
}

enum prompt_result prompt__key(struct prompt *p, int key)
{
	switch (key) {
	case '\r':
	case '\n':
	case KEY_ENTER:
		return PROMPT_DONE;
	case 27:
		return PROMPT_DROPPED;
	case KEY_DOWN:
	case KEY_F(3):
		return PROMPT_NEXT;
	case KEY_BACKSPACE:
	case 127:
	case '\b':
		return rub_out(p);
	case CTRL('U'):
		if (!p->len)
			return PROMPT_SAME;
		prompt__begin(p, p->label, "");
		return PROMPT_CHANGED;
	default:
		return add(p, key);
	}
}
