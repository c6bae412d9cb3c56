// SPDX-License-Identifier: GPL-2.0
/* What each site held over time, as areas that lie on each other. */
#include <string.h>

#include "leak_view.h"
#include "svg.h"
#include "text.h"
#include "vec.h"

#define WIDTH 1000.0
#define HEIGHT 240.0
#define LEFT 60.0		/* of the plot: room for sizes */
#define BOTTOM 20.0
/* So many sites have colours of their own. */
#define COLOURS 8

struct chart {
	const struct leak_history *h;
	const struct leak_series **by_peak;
	size_t nr;		/* areas: the last may be all others */
	uint64_t *base;		/* top of the areas that are drawn already, by look */
	uint64_t most;
};

static uint64_t peak_of(const struct leak_series *s, size_t nr)
{
	uint64_t peak = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		if (s->bytes[i] > peak)
			peak = s->bytes[i];
	return peak;
}

static int by_peak(const void *a, const void *b, void *nr_looks)
{
	uint64_t x = peak_of(*(const struct leak_series *const *)a, *(const size_t *)nr_looks);
	uint64_t y = peak_of(*(const struct leak_series *const *)b, *(const size_t *)nr_looks);

	return x > y ? -1 : x < y;
}

static void prepare(struct chart *c)
{
	size_t nr_looks = c->h->nr, i, k;
	uint64_t all;

	c->by_peak = xcalloc(c->h->nr_series, sizeof(*c->by_peak));
	c->base = xcalloc(c->h->nr, sizeof(*c->base));
	for (k = 0; k < c->h->nr_series; k++)
		c->by_peak[k] = &c->h->series[k];
	qsort_r(c->by_peak, c->h->nr_series, sizeof(*c->by_peak), by_peak, &nr_looks);
	c->nr = c->h->nr_series < COLOURS ? c->h->nr_series : COLOURS;
	for (i = 0; i < c->h->nr; i++) {
		for (all = 0, k = 0; k < c->h->nr_series; k++)
			all += c->h->series[k].bytes[i];
		if (all > c->most)
			c->most = all;
	}
}

/* One look alone is as wide as the plot. */
static double x_of(const struct chart *c, size_t i)
{
	double first = c->h->seconds[0], last = c->h->seconds[c->h->nr - 1];

	if (last <= first)
		return i ? WIDTH : LEFT;
	return LEFT + (WIDTH - LEFT) * (c->h->seconds[i] - first) / (last - first);
}

static double y_of(const struct chart *c, uint64_t bytes)
{
	return (HEIGHT - BOTTOM) * (1 - (c->most ? (double)bytes / (double)c->most : 0));
}

/* Area @k: a site's, but the last with a colour is that of all that have none. */
static uint64_t bytes_of(const struct chart *c, size_t k, size_t look)
{
	uint64_t bytes = c->by_peak[k]->bytes[look];

	if (k + 1 == COLOURS)
		for (k++; k < c->h->nr_series; k++)
			bytes += c->by_peak[k]->bytes[look];
	return bytes;
}

static void draw_area(struct chart *c, size_t k, FILE *out)
{
	size_t nr = c->h->nr, i;

	fprintf(out, "<path class=\"c%zu\" d=\"M", k);
	for (i = nr; i--;)
		fprintf(out, " %.1f,%.1f", x_of(c, i), y_of(c, c->base[i]));
	for (i = 0; i < nr; i++) {
		c->base[i] += bytes_of(c, k, i);
		fprintf(out, " %.1f,%.1f", x_of(c, i), y_of(c, c->base[i]));
	}
	if (nr == 1)
		fprintf(out, " %.1f,%.1f %.1f,%.1f", WIDTH, y_of(c, c->base[0]), WIDTH,
			y_of(c, c->base[0] - bytes_of(c, k, 0)));
	fputs(" Z\"><title>", out);
	svg_escape(out, c->by_peak[k]->name);
	fputs("</title></path>\n", out);
}

static void draw_axes(const struct chart *c, FILE *out)
{
	const struct leak_history *h = c->h;
	char text[24];
	int i;

	for (i = 0; i <= 4; i++) {
		double y = y_of(c, c->most) + (HEIGHT - BOTTOM) * i / 4;

		fprintf(out, "<path class=\"grid\" d=\"M %g,%g H %g\"/>\n", LEFT, y, WIDTH);
		svg_text(out, LEFT - 6, i ? y : y + 10, "end", "%s",
			 text_size(c->most / 4 * (4 - i), text, sizeof(text)));
	}
	svg_text(out, LEFT, HEIGHT - 4, NULL, "%.1f s", h->seconds[0]);
	svg_text(out, WIDTH, HEIGHT - 4, "end", "%.1f s", h->seconds[h->nr - 1]);
}

static void draw_legend(const struct chart *c, FILE *out)
{
	char size[16];
	size_t k;

	fputs("<ul class=\"legend\">\n", out);
	for (k = 0; k < c->nr; k++) {
		fprintf(out, "<li><span class=\"c%zu\"></span>", k);
		if (k + 1 == COLOURS && c->h->nr_series > COLOURS)
			fprintf(out, "%zu other sites", c->h->nr_series - k);
		else
			svg_escape(out, c->by_peak[k]->name);
		fprintf(out, " - %s</li>\n",
			text_size(bytes_of(c, k, c->h->nr - 1), size, sizeof(size)));
	}
	fputs("</ul>\n", out);
}

void html_chart(const struct leak_model *m, FILE *out)
{
	struct chart c = { .h = &m->history };
	size_t k;

	if (!m->history.nr || !m->history.nr_series) {
		fputs("<p>Nothing was held at any look.</p>\n", out);
		return;
	}
	prepare(&c);
	fprintf(out, "<svg id=\"chart\" viewBox=\"0 0 %g %g\" role=\"img\">\n", WIDTH, HEIGHT);
	for (k = 0; k < c.nr; k++)
		draw_area(&c, k, out);
	draw_axes(&c, out);
	fputs("</svg>\n", out);
	draw_legend(&c, out);
	free(c.by_peak);
	free(c.base);
}
