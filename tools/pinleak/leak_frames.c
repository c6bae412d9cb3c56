// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "drivers.h"
#include "leak_frames.h"
#include "text.h"
#include "vec.h"

const char *frame_function(const char *frame, char buf[FRAME_NAME_MAX])
{
	char symbol[FRAME_NAME_MAX];
	char *at, *offset = NULL;

	snprintf(symbol, sizeof(symbol), "%s", frame);
	for (at = strstr(symbol, "+0x"); at; at = strstr(at + 1, "+0x"))
		offset = at;
	if (offset && offset != symbol)
		*offset = '\0';
	return function_of(symbol, buf, FRAME_NAME_MAX);
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
