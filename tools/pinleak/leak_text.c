// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "health.h"
#include "leak_view.h"
#include "text.h"

const char *leak_view_age(const struct leak_row *row, double seconds, char *buf, size_t size)
{
	char age[16];

	snprintf(buf, size, "%s%s", leak_age_is_least(row) ? ">" : "",
		 text_age(seconds, age, sizeof(age)));
	return buf;
}

static void print_title(const struct leak_model *m, FILE *out)
{
	time_t now = time(NULL);
	char when[32], size[16];
	struct tm tm;
	int i;

	if (!localtime_r(&now, &tm) || !strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm))
		*when = '\0';
	fprintf(out, "%s  look %" PRIu64 ", after %.1f s:", when, m->looks, leak_model__seconds(m));
	for (i = 0; i < LEAK_CLASSES; i++)
		fprintf(out, "%s %" PRIu64 " %s%s%s", i ? "," : "", m->classes[i].rows,
			leak_class_name((enum leak_class)i), m->classes[i].rows ? " " : "",
			m->classes[i].rows ? text_size(m->classes[i].bytes, size, sizeof(size)) : "");
	fputc('\n', out);
}

static void print_head(FILE *out)
{
	fprintf(out, "%-8s %8s %-8s %-15s %9s %7s %9s %8s %8s %-5s %s\n", "CLASS", "PID", "USER",
		"COMM", "PINS", "PINNED", "GREW", "OLDEST", "YOUNGEST", "TERM", "DRIVER");
}

static const char *term_of(const struct leak_row *row)
{
	if (row->hold->flags & (OWNER_BEFORE | OWNER_REPAIRED))
		return "-";
	return row->hold->flags & OWNER_LONGTERM ? "long" : "short";
}

static void print_row(const struct leak_model *m, const struct leak_row *row, FILE *out)
{
	char comm[64], pid[16] = "-", pinned[16], oldest[24], youngest[24], driver[160], clean[160];
	const struct snap_proc *p = row->proc;

	if (p->pid)
		snprintf(pid, sizeof(pid), p->exited ? "(%d)" : "%d", p->pid);
	snprintf(driver, sizeof(driver), "%s%s%s", row->site->driver,
		 *row->site->detail ? " " : "", row->site->detail);
	fprintf(out, "%-8s %8s %-8s %-15s %9" PRIu64 " %7s %+9" PRId64 " %8s %8s %-5s ",
		leak_class_name(row->class), pid, p->uid == (uid_t)-1 ? "-" : text_user(p->uid),
		text_clean(p->comm, comm, sizeof(comm)), row->hold->sum->pins,
		text_size(row->hold->sum->bytes, pinned, sizeof(pinned)), row->grown_pins,
		leak_view_age(row, leak_oldest(m, row), oldest, sizeof(oldest)),
		leak_view_age(row, leak_youngest(m, row), youngest, sizeof(youngest)), term_of(row));
	fprintf(out, "%s\n", text_clean(driver, clean, sizeof(clean)));
}

static void print_more(const struct leak_model *m, const struct leak_row *row, FILE *out)
{
	char text[512];

	if (row->class == LEAK_ORPHAN && !row->proc->exited)
		fprintf(out, "         nobody maps it any more\n");
	if (row->by)
		fprintf(out, "         suppressed by %s, else %s\n",
			text_clean(row->by->name, text, sizeof(text)), leak_class_name(row->was));
	if (m->baseline)
		fprintf(out, "         of the like %" PRIu64 " pins before\n", row->baseline_pins);
}

static void print_frames(char *const *frames, size_t nr, size_t most, bool more, FILE *out)
{
	size_t shown = nr < most ? nr : most, i;
	char text[512];

	for (i = 0; i < shown; i++)
		fprintf(out, "         %s\n", text_clean(frames[i], text, sizeof(text)));
	if (shown && (shown < nr || more))
		fprintf(out, "         ...\n");
}

static void print_stack(const struct live_site *site, size_t frames, FILE *out)
{
	char text[512];

	print_frames(site->frames, site->nr_frames, frames, site->truncated, out);
	if (!site->nr_frames)
		fprintf(out, "         %s\n", text_clean(site->summary, text, sizeof(text)));
	if (site->ustack)
		print_frames(site->ustack->frames, site->ustack->nr_frames, frames, false, out);
}

void leak_view_text(const struct leak_model *m, size_t frames, FILE *out)
{
	const char *note;
	size_t i;

	print_title(m, out);
	if (m->nr_shown)
		print_head(out);
	for (i = 0; i < m->nr_shown; i++) {
		print_row(m, &m->rows[i], out);
		print_more(m, &m->rows[i], out);
		if (frames)
			print_stack(m->rows[i].site, frames, out);
	}
	if (m->nr > m->nr_shown)
		fprintf(out, "%zu more\n", m->nr - m->nr_shown);
	for (i = 0; (note = health_note(m->snap, i)); i++)
		fprintf(out, "Note: %s\n", note);
}

void leak_view_suppressions(const struct leak_model *m, FILE *out)
{
	size_t i, k;

	for (i = 0; i < m->nr; i++) {
		const struct leak_row *row = &m->rows[i];

		if (!leak_is_leak(row->class))
			continue;
		for (k = 0; k < i; k++)
			if (m->rows[k].site == row->site && leak_is_leak(m->rows[k].class) &&
			    !strcmp(m->rows[k].proc->comm, row->proc->comm))
				break;
		if (k == i)
			suppression_write(out, row->proc->comm, row->site);
	}
}
