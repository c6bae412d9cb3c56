// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "svgmap.h"
#include "svgmap_draw.h"
#include "text.h"
#include "vec.h"

#define NOTE_LINE 190		/* characters in a line of notes, at most */
#define NOTE_LINES 12

/* --- the picture ------------------------------------------------------------------------------ */

static void kernel_says(const struct snapshot *snap, char *buf, size_t size)
{
	int64_t kernel = snap->after.in_flight, found = (int64_t)snap->total.pins;
	char n[32], diff[32];

	if (!snap->kernel_known) {
		snprintf(buf, size, "The kernel has no pin counters");
		return;
	}
	svg_count(kernel < 0 ? -(uint64_t)kernel : (uint64_t)kernel, n, sizeof(n));
	svg_count(kernel < found ? (uint64_t)found - kernel : (uint64_t)kernel - found, diff,
		  sizeof(diff));
	if (kernel == found)
		snprintf(buf, size, "The kernel counts %s in flight, the same as found", n);
	else
		snprintf(buf, size, "The kernel counts %s%s in flight, %s %s than were found",
			 kernel < 0 ? "-" : "", n, diff, kernel < found ? "fewer" : "more");
}

static void when(const struct snapshot *snap, char *buf, size_t size)
{
	time_t t = (time_t)snap->taken_at;
	struct tm tm;

	if (!localtime_r(&t, &tm) || !strftime(buf, size, "%Y-%m-%d %H:%M:%S %z", &tm))
		snprintf(buf, size, "?");
}

static void title(FILE *out, const struct map *map, const struct utsname *un)
{
	const struct snapshot *snap = map->snap;
	uint64_t ram = pfn_ranges_count(&snap->ranges) * snap->page_size;
	char held[16], all[16], percent[24], pins[32], folios[32], kernel[128], at[48];

	text_size(snap->total.bytes, held, sizeof(held));
	text_size(ram, all, sizeof(all));
	kernel_says(snap, kernel, sizeof(kernel));
	when(snap, at, sizeof(at));
	svg_text(out, MAP_MARGIN, 46, "title", "Pinned memory of %s", un->nodename);
	svg_text(out, MAP_MARGIN, 70, "big",
		 "%s of %s RAM cannot move (%s): %s pin%s in %s folio%s", held, all,
		 svg_percent(snap->total.bytes, ram, percent, sizeof(percent)),
		 svg_count(snap->total.pins, pins, sizeof(pins)), snap->total.pins == 1 ? "" : "s",
		 svg_count(snap->total.folios, folios, sizeof(folios)),
		 snap->total.folios == 1 ? "" : "s");
	svg_text(out, MAP_MARGIN, 90, "dim", "%s \302\267 %s %s \302\267 %s", kernel, un->sysname,
		 un->release, at);
}

/* One note over as many lines as it takes. */
static double wrapped(FILE *out, const char *note, double y, int *lines)
{
	while (*note && *lines < NOTE_LINES) {
		int len = strnlen(note, NOTE_LINE + 1), cut = len;

		if (len > NOTE_LINE) {
			for (cut = NOTE_LINE; cut && note[cut] != ' '; cut--)
				;
			cut = cut ? cut : NOTE_LINE;
		}
		svg_text(out, MAP_MARGIN, y, "dim small", "%.*s", cut, note);
		for (note += cut; *note == ' '; note++)
			;
		(*lines)++;
		y += 15;
	}
	return y;
}

static double notes(FILE *out, const struct map *map, double y)
{
	char size[16], text[160];
	int lines = 0;
	size_t i;

	if (!map->snap->nr_notes && !map->outside && !map->overlap)
		return y;
	fprintf(out, "<path d=\"M%d %gH%d\" class=\"rule\"/>\n", MAP_MARGIN, y, LEGEND_END);
	y += 18;
	if (map->overlap)
		y = wrapped(out, "Spans of zones overlap: a page stands in the narrowest one "
				 "around it.", y, &lines);
	if (map->outside) {
		snprintf(text, sizeof(text), "%s of pinned memory is not drawn: it lies outside of "
			 "the memory that was asked for.",
			 map_size(map, map->outside, size, sizeof(size)));
		y = wrapped(out, text, y, &lines);
	}
	for (i = 0; i < map->snap->nr_notes; i++)
		y = wrapped(out, map->snap->notes[i], y, &lines);
	return y;
}

static void picture(FILE *out, const struct map *map)
{
	double grid, legend, height;
	struct utsname un;
	char *body;
	size_t size;
	FILE *f = open_memstream(&body, &size);

	if (!f)
		die(EXIT_USAGE, "out of memory");
	uname(&un);
	title(f, map, &un);
	grid = map_draw_grid(f, map, MAP_TOP_Y);
	legend = map_draw_legend(f, map, MAP_TOP_Y);
	height = notes(f, map, (grid > legend ? grid : legend) + 16) + 16;
	if (fclose(f))
		die(EXIT_USAGE, "out of memory");
	fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" role=\"img\">\n"
		"<title>Pinned memory of ", MAP_WIDTH, height);
	svg_escape(out, un.nodename);
	fputs("</title>\n", out);
	map_draw_style(out);
	svg_rect(out, 0, 0, MAP_WIDTH, height, "page");
	fputc('\n', out);
	fwrite(body, 1, size, out);
	fputs("</svg>\n", out);
	free(body);
}

/* The locale's decimal comma would be another number. Returns what to free(). */
static char *render(const struct map *map, size_t *size)
{
	locale_t c = newlocale(LC_NUMERIC_MASK, "C", duplocale(uselocale((locale_t)0)));
	locale_t before = uselocale(c);
	char *text;
	FILE *f = open_memstream(&text, size);

	if (!f)
		die(EXIT_USAGE, "out of memory");
	picture(f, map);
	if (fclose(f))
		die(EXIT_USAGE, "out of memory");
	uselocale(before);
	if (c)
		freelocale(c);
	return text;
}

/* --- the file --------------------------------------------------------------------------------- */

static int put(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t n = write(fd, text, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		size -= n;
	}
	return 0;
}

/*
 * A device, a pipe, a link such as /dev/stdout: must stay what it is. What a
 * link leads to is made if need be, as the shell's > does.
 */
static int write_through(const char *path, const char *text, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666), err;

	if (fd < 0)
		return -errno;
	err = put(fd, text, size);
	if (close(fd) && !err)
		err = -errno;
	return err;
}

static int write_beside(const char *path, mode_t mode, const char *text, size_t size)
{
	char tmp[PATH_MAX];
	int fd, err;

	if (snprintf(tmp, sizeof(tmp), "%s.XXXXXX", path) >= (int)sizeof(tmp))
		return -ENAMETOOLONG;
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = put(fd, text, size);
	if (!err && fchmod(fd, mode))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(tmp, path))
		err = -errno;
	if (err)
		unlink(tmp);
	return err;
}

static int replace(const char *path, const char *text, size_t size)
{
	sigset_t all, before;
	struct stat st;
	mode_t mask;
	int err;

	if (!lstat(path, &st)) {
		if (!S_ISREG(st.st_mode))
			return write_through(path, text, size);
		mask = st.st_mode & 0777;
	} else {
		mask = umask(0);
		umask(mask);
		mask = 0666 & ~mask;
	}
	/* A signal that ends the tool would leave the temporary file. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	err = write_beside(path, mask, text, size);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}

int svgmap_write(const char *path, const struct snapshot *snap, const struct zone_span *spans,
		 size_t nr_spans, struct fail *fail)
{
	struct map map;
	size_t size;
	char *text;
	int err = 0;

	map_make(&map, snap, spans, nr_spans);
	text = render(&map, &size);
	map_free(&map);
	if (strcmp(path, "-"))
		err = replace(path, text, size);
	else if (fwrite(text, 1, size, stdout) != size || fflush(stdout))
		err = -errno;
	free(text);
	if (err)
		return fail_set(fail, EXIT_USAGE, "cannot write the map to %s: %s",
				strcmp(path, "-") ? path : "standard output", strerror(-err));
	return 0;
}
