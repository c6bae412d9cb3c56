// SPDX-License-Identifier: GPL-2.0
/* One line for each call and each release, as strace has them. */
#include <inttypes.h>
#include <string.h>

#include "text.h"
#include "trace_format.h"
#include "vec.h"

/* Longer calls stand out; otherwise one with many flags would move all that follow. */
#define CALL_WIDTH_MAX 72
#define RESULT_WIDTH 16

/* Columns are as wide as the widest so far: what is to come nobody knows. */
struct text_view {
	struct trace_view view;
	uint64_t last_ns;	/* of the line before; 0: there is none */
	int id_width, comm_width, call_width;
};

static void print_column(FILE *out, const char *text, int *width, int most)
{
	int chars = text_chars(text);

	if (chars > *width)
		*width = chars < most ? chars : most;
	fprintf(out, "%s%*s ", text, chars < *width ? *width - chars : 0, "");
}

/* When, and who: the interrupted task has nothing to do with it. */
static void print_head(struct text_view *t, const struct trace_event *ev)
{
	const char *interrupt = format_interrupt(ev->context);
	char stamp[40], id[24], comm[COMM_SIZE];
	FILE *out = t->view.out;

	fputs(format_stamp(t->view.opts.time, t->view.info, ev->time_ns,
			   t->last_ns ? t->last_ns : ev->time_ns, stamp, sizeof(stamp)), out);
	t->last_ns = ev->time_ns;
	if (interrupt)
		snprintf(id, sizeof(id), "-");
	else if (ev->tid == ev->tgid)
		snprintf(id, sizeof(id), "%u", ev->tgid);
	else
		snprintf(id, sizeof(id), "%u/%u", ev->tgid, ev->tid);
	print_column(out, id, &t->id_width, sizeof(id));
	print_column(out, interrupt ? interrupt : format_comm(ev->comm, comm),
		     &t->comm_width, sizeof(comm));
}

static void print_frames(FILE *out, char *const *frames, size_t nr)
{
	char frame[FRAME_TEXT_MAX];
	size_t i;

	for (i = 0; i < nr; i++)
		fprintf(out, "        %s\n", text_clean(frames[i], frame, sizeof(frame)));
}

static void print_kernel_stack(struct trace_view *v, const struct named_site *site)
{
	if (!v->opts.kernel_stacks || !site)
		return;
	print_frames(v->out, site->frames, site->nr_frames);
	if (site->truncated)
		fputs("        ...\n", v->out);
}

/* Whose memory it is, where that is another process's. */
static void append_owner(const struct trace_event *ev, char *buf, size_t size)
{
	char comm[COMM_SIZE];

	if (!ev->owner)
		snprintf(buf, size, " of an unknown process");
	else if (ev->owner != ev->tgid)
		snprintf(buf, size, " of %u %s", ev->owner, format_comm(ev->owner_comm, comm));
}

static void text_pin(struct trace_view *v, const struct shown_pin *pin)
{
	struct text_view *t = (struct text_view *)v;
	const struct trace_event *ev = pin->ev;
	char call[CALL_TEXT_MAX], result[128], took[24], driver[FRAME_TEXT_MAX];
	size_t len;

	print_head(t, ev);
	len = strlen(format_call(v->info, ev, call, sizeof(call)));
	append_owner(ev, call + len, sizeof(call) - len);
	print_column(v->out, call, &t->call_width, CALL_WIDTH_MAX);
	len = strlen(format_result(ev, result, sizeof(result)));
	if (ev->begun_ns)
		snprintf(result + len, sizeof(result) - len, " <%s>",
			 format_ns(call_ns(ev), took, sizeof(took)));
	fprintf(v->out, "= %-*s %s", RESULT_WIDTH, result,
		text_clean(pin->site->name.driver, driver, sizeof(driver)));
	if (pin->nr)
		fprintf(v->out, " #%" PRIu64, pin->nr);
	fputc('\n', v->out);
	print_kernel_stack(v, pin->site);
	if (v->opts.user_stacks && pin->ustack)
		print_frames(v->out, pin->ustack->frames, pin->ustack->nr_frames);
}

static void print_pin_call(FILE *out, const struct paired_part *part,
			   const struct named_site *site, uint64_t now_ns)
{
	char comm[COMM_SIZE], driver[FRAME_TEXT_MAX], held[24];
	const struct paired_pin *pin = part->pin;

	fprintf(out, " of #%" PRIu64 " (%s, %s), held %s", pin->nr,
		format_owner(&pin->ev, comm),
		text_clean(site->name.driver, driver, sizeof(driver)),
		format_ns(held_ns(pin, now_ns), held, sizeof(held)));
	if (pin->left)
		fprintf(out, ", %" PRIu64 " left", pin->left);
}

static void text_unpin(struct trace_view *v, const struct shown_unpin *unpin)
{
	const struct trace_event *ev = unpin->ev;
	size_t i;

	for (i = 0; i < unpin->nr_parts; i++) {
		const struct paired_part *part = &unpin->parts[i];

		print_head((struct text_view *)v, ev);
		fprintf(v->out, "unpin %" PRIu64 " %s%s", part->pins,
			counts_folios(ev->function) ? "folio" : "page",
			part->pins == 1 ? "" : "s");
		if (part->pin)
			print_pin_call(v->out, part, unpin->sites[i], ev->time_ns);
		else
			fputs(" pinned before the trace began", v->out);
		if (ev->flags & 1)
			fputs(", dirty", v->out);
		if (part->guessed)
			fputs(", guess: another call has pins there too", v->out);
		fputc('\n', v->out);
	}
	if (unpin->nr_parts)
		print_kernel_stack(v, unpin->site);
}

static void text_begin(struct trace_view *v, const struct trace_info *info)
{
	v->info = info;
}

static void text_end(struct trace_view *v, const struct trace_end *end)
{
	/* All has been said; what got lost is no data. */
}

static void text_free(struct trace_view *v)
{
	free(v);
}

struct trace_view *view_text(FILE *out, const struct trace_view_opts *opts)
{
	static const struct trace_view_ops ops = {
		.name = "text", .begin = text_begin, .pin = text_pin, .unpin = text_unpin,
		.end = text_end, .free = text_free,
	};
	struct text_view *t = xcalloc(1, sizeof(*t));

	t->view = (struct trace_view){ .ops = &ops, .opts = *opts, .out = out };
	return &t->view;
}
