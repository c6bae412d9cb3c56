// SPDX-License-Identifier: GPL-2.0
/* A cell of the picture: its colours. */
#include "svgmap_draw.h"
#include "text.h"

/*
 * Eight colours that stay apart for people with any kind of colour blindness:
 * CIELAB distance at least 20 between any two, and to the greys, also as
 * protanopes, deuteranopes and tritanopes see them. Neighbours in the order
 * differ in lightness. What is nobody's is black or has a pattern.
 */
static const char *const fills[MAP_CLASSES] = {
	"#004488", "#f6c141", "#882255", "#56b4e9", "#b28600", "#6929c4", "#90c987", "#198038",
	[MAP_OTHERS] = "#7d8591",
	[MAP_UNMAPPED] = "#14181f",
	[MAP_UNSEEN] = "url(#pm-unseen)",
	[MAP_BIAS] = "url(#pm-bias)",
};

const char *map_size(const struct map *map, uint64_t pages, char *buf, size_t size)
{
	return text_size(pages * map->snap->page_size, buf, size);
}

static void pattern(FILE *out, const char *id, int size, const char *back, const char *lines)
{
	fprintf(out, "<pattern id=\"pm-%s\" width=\"%d\" height=\"%d\" "
		"patternUnits=\"userSpaceOnUse\">", id, size, size);
	if (back)
		fprintf(out, "<rect width=\"%d\" height=\"%d\" fill=\"%s\"/>", size, size, back);
	fprintf(out, "%s</pattern>\n", lines);
}

void map_draw_style(FILE *out)
{
	int i;

	fputs("<style>\n"
	      "text{font-family:sans-serif;font-size:12px;fill:#1c2430;"
	      "font-variant-numeric:tabular-nums}\n"
	      ".title{font-size:24px;font-weight:600}.big{font-size:14px}\n"
	      ".head{font-size:13px;font-weight:600}.dim{fill:#5a6472}.end{text-anchor:end}\n"
	      ".mid{text-anchor:middle}.small{font-size:11px}\n"
	      ".page{fill:#fff}.ram{fill:#e6eaef}.some{fill:#c9d1dc}.hole{fill:none;stroke:#b4bcc8;"
	      "stroke-dasharray:2 3}\n"
	      ".movable{fill:url(#pm-movable)}.cma{fill:url(#pm-cma)}\n"
	      ".rule{stroke:#cfd5dd}\n"
	      ".cell:hover rect:first-of-type{stroke:#1c2430;stroke-width:3}\n", out);
	for (i = 0; i < MAP_CLASSES; i++)
		fprintf(out, ".c%d{fill:%s}\n", i, fills[i]);
	fputs("</style>\n<defs>\n", out);
	/* Dark lines for light ground, light ones beside them for dark ground. */
	pattern(out, "movable", 6, NULL,
		"<path d=\"M-1 2l3-3M0 7l7-7\" stroke=\"#fff\" stroke-opacity=\".5\"/>"
		"<path d=\"M-1 1l2-2M0 6l6-6M5 7l2-2\" stroke=\"#1c2430\" "
		"stroke-opacity=\".35\"/>");
	pattern(out, "cma", 8, NULL,
		"<path d=\"M-1 2l3-3M0 9l9-9M-1 6l3 3M0-1l9 9\" stroke=\"#fff\" "
		"stroke-opacity=\".5\"/>"
		"<path d=\"M-1 1l2-2M0 8l8-8M7 9l2-2M-1 7l2 2M0 0l8 8M7-1l2 2\" "
		"stroke=\"#1c2430\" stroke-opacity=\".45\"/>");
	pattern(out, "unseen", 4, "#fff",
		"<path d=\"M0 1h4\" stroke=\"#1c2430\" stroke-width=\"2\"/>");
	pattern(out, "bias", 4, "#f3e3c3",
		"<path d=\"M1 0h1v1h-1zM3 2h1v1h-1z\" fill=\"#7a5c1e\"/>");
	fputs("</defs>\n", out);
}

struct fill {
	double width, height;
};

/*
 * The areas of the colours are true to scale. What would be too flat to be
 * seen becomes a short mark instead. When the marks leave too little room, the
 * tallest gives up what that takes.
 */
static void make_fills(double width, uint64_t ram, const uint64_t pages[MAP_CLASSES],
		       struct fill f[MAP_CLASSES])
{
	double sum = 0;
	int i, tallest = 0, used = 0;

	for (i = 0; i < MAP_CLASSES; i++) {
		double height = ram ? CELL_H * (double)pages[i] / ram : 0;

		f[i] = (struct fill){ width, height };
		if (pages[i] && height < MIN_FILL) {
			f[i].height = MIN_FILL;
			f[i].width *= height / MIN_FILL;
			if (f[i].width < MIN_MARK)
				f[i].width = width < MIN_MARK ? width : MIN_MARK;
		}
		if (f[i].height > f[tallest].height)
			tallest = i;
		sum += f[i].height;
		used += !!pages[i];
	}
	if (sum <= CELL_H)
		return;
	if (f[tallest].height - (sum - CELL_H) >= MIN_FILL) {
		f[tallest].height -= sum - CELL_H;
		return;
	}
	for (i = 0; i < MAP_CLASSES; i++)
		f[i].height = pages[i] ? (double)CELL_H / used : 0;
}

void map_draw_cell(FILE *out, double x, double y, double width, uint64_t ram,
		   const uint64_t pages[MAP_CLASSES], const char *hatch)
{
	struct fill f[MAP_CLASSES];
	double bottom = y + CELL_H;
	char class[16];
	int i, used = 0;

	for (i = 0; i < MAP_CLASSES; i++)
		used += !!pages[i];
	/* A darker ground makes a single page findable. */
	svg_rect(out, x, y, width, CELL_H, used ? "some" : "ram");
	make_fills(width, ram, pages, f);
	for (i = 0; i < MAP_CLASSES; i++) {
		if (!pages[i])
			continue;
		bottom -= f[i].height;
		snprintf(class, sizeof(class), "c%d", i);
		svg_rect(out, x, bottom, f[i].width, f[i].height, class);
	}
	if (hatch)
		svg_rect(out, x, y, width, CELL_H, hatch);
}
