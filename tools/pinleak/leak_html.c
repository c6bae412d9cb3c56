// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "health.h"
#include "leak_page.h"
#include "leak_view.h"
#include "svg.h"
#include "text.h"
#include "vec.h"

static void write_head(const struct leak_model *m, char *const *command, FILE *out)
{
	struct utsname kernel;
	time_t now = time(NULL);
	char when[40] = "";
	struct tm tm;

	uname(&kernel);
	if (localtime_r(&now, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S %z", &tm);
	fputs(page_head, out);
	fputs("<p>", out);
	svg_escape(out, kernel.nodename);
	fputs(", Linux ", out);
	svg_escape(out, kernel.release);
	fprintf(out, ", %s: look %" PRIu64 " after %.1f s", when, m->looks, leak_model__seconds(m));
	if (command)
		fputs(" of", out);
	for (; command && *command; command++) {
		fputc(' ', out);
		svg_escape(out, *command);
	}
	fputs("</p>\n", out);
}

static void write_classes(const struct leak_model *m, FILE *out)
{
	char size[16];
	int i;

	fputs("<ul class=\"classes\">\n", out);
	for (i = 0; i < LEAK_CLASSES; i++)
		fprintf(out, "<li class=\"%s\"><b>%" PRIu64 "</b> %s<br/>%" PRIu64 " pins, %s</li>\n",
			leak_class_name((enum leak_class)i), m->classes[i].rows,
			leak_class_name((enum leak_class)i), m->classes[i].pins,
			text_size(m->classes[i].bytes, size, sizeof(size)));
	fputs("</ul>\n", out);
}

static void write_notes(const struct leak_model *m, FILE *out)
{
	const char *note;
	size_t i;

	for (i = 0; (note = health_note(m->snap, i)); i++) {
		fputs("<p class=\"note\">", out);
		svg_escape(out, note);
		fputs("</p>\n", out);
	}
}

static void write_number(FILE *out, int64_t value, const char *text)
{
	fprintf(out, "<td class=\"n\" data-v=\"%" PRId64 "\">", value);
	svg_escape(out, text);
	fputs("</td>", out);
}

static void write_text(FILE *out, const char *text)
{
	fputs("<td>", out);
	svg_escape(out, text);
	fputs("</td>", out);
}

static void write_stack(const struct live_site *site, FILE *out)
{
	size_t i;

	fputs("<td><details><summary>", out);
	svg_escape(out, site->summary);
	fputs("</summary><pre>", out);
	for (i = 0; i < site->nr_frames; i++) {
		svg_escape(out, site->frames[i]);
		fputc('\n', out);
	}
	if (site->truncated)
		fputs("...\n", out);
	for (i = 0; site->ustack && i < site->ustack->nr_frames; i++) {
		svg_escape(out, site->ustack->frames[i]);
		fputc('\n', out);
	}
	fputs("</pre></details></td>", out);
}

static void write_row(const struct leak_model *m, const struct leak_row *row, FILE *out)
{
	const struct pin_sum *sum = row->hold->sum;
	const struct snap_proc *p = row->proc;
	double oldest = leak_oldest(m, row), youngest = leak_youngest(m, row);
	char text[64];

	fprintf(out, "<tr class=\"%s\"><td data-v=\"%d\">%s", leak_class_name(row->class),
		row->class, leak_class_name(row->class));
	if (row->by) {
		fputs(" (", out);
		svg_escape(out, row->by->name);
		fputc(')', out);
	}
	fputs("</td>", out);
	snprintf(text, sizeof(text), p->exited ? "%d exited" : "%d", p->pid);
	write_number(out, p->pid, p->pid ? text : "-");
	write_text(out, p->comm);
	write_text(out, row->site->driver);
	snprintf(text, sizeof(text), "%" PRIu64, sum->pins);
	write_number(out, (int64_t)sum->pins, text);
	write_number(out, (int64_t)sum->bytes, text_size(sum->bytes, text, sizeof(text)));
	snprintf(text, sizeof(text), "%+" PRId64, row->grown_pins);
	write_number(out, row->grown_pins, text);
	write_number(out, (int64_t)(oldest * 1e3), leak_view_age(row, oldest, text, sizeof(text)));
	write_number(out, (int64_t)(youngest * 1e3), leak_view_age(row, youngest, text, sizeof(text)));
	write_stack(row->site, out);
	fputs("</tr>\n", out);
}

static void write_page(const struct leak_model *m, char *const *command, FILE *out)
{
	size_t i;

	write_head(m, command, out);
	write_classes(m, out);
	write_notes(m, out);
	fputs("<h2>Pinned over time, by site</h2>\n", out);
	html_chart(m, out);
	fputs("<h2>What is held: pages by process and stack</h2>\n", out);
	html_flame(m, out);
	fputs("<h2>What is held, one by one</h2>\n", out);
	fputs(page_table, out);
	for (i = 0; i < m->nr_shown; i++)
		write_row(m, &m->rows[i], out);
	fputs(page_end, out);
}

/* Beside the file, so that renaming it is all or nothing. */
int leak_view_html(const struct leak_model *m, char *const *command, const char *file,
	      struct fail *fail)
{
	char *draft = xasprintf("%s.XXXXXX", file);
	mode_t mask = umask(0);
	FILE *out = NULL;
	int fd, err = 0;

	umask(mask);
	fd = mkostemp(draft, O_CLOEXEC);
	if (fd >= 0)
		out = fdopen(fd, "w");
	if (out) {
		fchmod(fd, 0666 & ~mask);
		write_page(m, command, out);
		err = ferror(out) || fflush(out) ? errno : 0;
		fclose(out);
	}
	if (!out || err || rename(draft, file)) {
		fail_set(fail, EXIT_USAGE, "cannot write to %s: %s", file,
			 strerror(err ? err : errno));
		if (fd >= 0)
			unlink(draft);
		free(draft);
		return -1;
	}
	free(draft);
	return 0;
}
