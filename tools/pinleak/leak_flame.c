// SPDX-License-Identifier: GPL-2.0
/* A flame graph of what is held: as wide as many pages, a click makes a frame fill the width. */
#include <inttypes.h>
#include <string.h>

#include "leak_folded.h"
#include "leak_view.h"
#include "svg.h"
#include "text.h"

#define WIDTH 1000.0
#define ROW 18.0
#define LETTER 6.6	/* about as wide as one is */

struct flame {
	FILE *out;
	const struct folded_stack *stacks;	/* sorted: those with the same begin are neighbours */
	uint64_t pages;
	uint64_t page_size;
	unsigned int depth;			/* of the whole picture */
};

static uint64_t pages_of(const struct flame *f, size_t from, size_t to)
{
	uint64_t sum = 0;

	for (; from < to; from++)
		sum += f->stacks[from].pages;
	return sum;
}

static double x_of(const struct flame *f, uint64_t pages)
{
	return f->pages ? WIDTH * (double)pages / (double)f->pages : 0;
}

static void draw_frame(const struct flame *f, const char *name, unsigned int depth,
		       uint64_t before, uint64_t pages)
{
	double x = x_of(f, before), width = x_of(f, pages), y = (f->depth - depth) * ROW;
	char share[24], size[16];
	size_t letters = strlen(name), room = (size_t)(width / LETTER);

	fprintf(f->out, "<g class=\"f\" data-x=\"%.4f\" data-w=\"%.4f\" data-d=\"%u\"><title>", x,
		width, depth);
	svg_escape(f->out, name);
	fprintf(f->out, ": %" PRIu64 " pages, %s, %s</title>", pages,
		text_size(pages * f->page_size, size, sizeof(size)),
		svg_percent(pages, f->pages, share, sizeof(share)));
	fprintf(f->out, "<rect class=\"h%u\" x=\"%.4f\" y=\"%g\" width=\"%.4f\" height=\"%g\"/>",
		depth % 4, x, y, width, ROW - 1);
	fprintf(f->out, "<text x=\"%.4f\" y=\"%g\" data-name=\"", x + 3, y + ROW - 6);
	svg_escape(f->out, name);
	fputs("\">", f->out);
	if (room > 2)
		svg_escape(f->out, letters <= room ? name : "");
	fputs("</text></g>\n", f->out);
}

/* The frame that begins at @at of a stack's text. */
static size_t frame_length(const char *at)
{
	return strcspn(at, ";");
}

/* Stacks @from to @to, which are the same up to @at; @before: pages left of them. */
static void draw(const struct flame *f, size_t from, size_t to, size_t at, unsigned int depth,
		 uint64_t before)
{
	size_t end, len;

	for (; from < to; from = end) {
		const char *name = f->stacks[from].text + at;
		char clean[1024];
		uint64_t pages;

		len = frame_length(name);
		for (end = from + 1; end < to; end++)
			if (strncmp(f->stacks[end].text + at, name, len) ||
			    frame_length(f->stacks[end].text + at) != len)
				break;
		pages = pages_of(f, from, end);
		snprintf(clean, sizeof(clean), "%.*s", (int)len, name);
		draw_frame(f, clean, depth, before, pages);
		/* The first of them ends here when its text does. */
		if (!name[len])
			draw(f, from + 1, end, at + len + 1, depth + 1,
			     before + f->stacks[from].pages);
		else
			draw(f, from, end, at + len + 1, depth + 1, before);
		before += pages;
	}
}

static unsigned int depth_of(const char *stack)
{
	unsigned int depth = 1;

	for (; *stack; stack++)
		depth += *stack == ';';
	return depth;
}

void html_flame(const struct leak_model *m, FILE *out)
{
	struct flame f = { .out = out, .page_size = m->snap->page_size };
	struct folded_stack *stacks;
	size_t nr = folded_stacks(m, &stacks), i;

	for (i = 0; i < nr; i++)
		if (depth_of(stacks[i].text) > f.depth)
			f.depth = depth_of(stacks[i].text);
	f.stacks = stacks;
	f.pages = pages_of(&f, 0, nr);
	if (f.pages) {
		fprintf(out, "<svg id=\"flame\" viewBox=\"0 0 %g %g\" role=\"img\">\n", WIDTH,
			(f.depth + 1) * ROW);
		draw_frame(&f, "all", 0, 0, f.pages);
		draw(&f, 0, nr, 0, 1, 0);
		fputs("</svg>\n", out);
	} else {
		fputs("<p>Nothing is held.</p>\n", out);
	}
	folded_stacks_free(stacks, nr);
}
