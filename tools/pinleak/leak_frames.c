// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "drivers.h"
#include "leak_frames.h"
#include "text.h"
#include "vec.h"

/* Without what stands behind the symbol. */
static const char *symbol_of(const char *frame, char buf[FRAME_NAME_MAX])
{
	char *at, *offset = NULL;

	snprintf(buf, FRAME_NAME_MAX, "%s", frame);
	for (at = strstr(buf, "+0x"); at; at = strstr(at + 1, "+0x"))
		offset = at;
	if (offset && offset != buf)
		*offset = '\0';
	return buf;
}

const char *frame_function(const char *frame, char buf[FRAME_NAME_MAX])
{
	char symbol[FRAME_NAME_MAX];

	return function_of(symbol_of(frame, symbol), buf, FRAME_NAME_MAX);
}

static void put(FILE *out, const char *name, const char *suffix)
{
	char clean[FRAME_NAME_MAX], *at;

	text_clean(name, clean, sizeof(clean));
	for (at = clean; *at; at++)
		if (*at == ';')
			*at = ':';
	fprintf(out, "%s%s", clean, suffix);
}

char *frames_folded(const char *comm, const struct live_site *site)
{
	char name[FRAME_NAME_MAX], *text;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return xstrdup("unknown");
	put(out, comm, "");
	for (i = site->ustack ? site->ustack->nr_frames : 0; i--;) {
		fputc(';', out);
		put(out, symbol_of(site->ustack->frames[i], name), "");
	}
	if (site->truncated)
		fputs(";..._[k]", out);
	for (i = site->nr_frames; i--;) {
		fputc(';', out);
		put(out, frame_function(site->frames[i], name), "_[k]");
	}
	if (!site->nr_frames) {
		fputc(';', out);
		put(out, site->driver, "_[k]");
	}
	fclose(out);
	return text;
}
