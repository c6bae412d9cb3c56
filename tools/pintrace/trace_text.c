// SPDX-License-Identifier: GPL-2.0
/* One line for each call and each release, as strace has them. */
#include <inttypes.h>
#include <string.h>

#include "text.h"
#include "trace_burst.h"
#include "trace_format.h"
#include "vec.h"

/* Longer calls stand out; otherwise one with many flags would move all that follow. */
#define CALL_WIDTH_MAX 72
#define RESULT_WIDTH 16
/* At the end: so many calls that still hold pins are listed. */
#define HOLDINGS_MAX 20

/* Columns are as wide as the widest so far: what is to come nobody knows. */
struct text_view {
	struct trace_view view;
	uint64_t last_ns;	/* of the line before; 0: there is none */
	int id_width, comm_width, call_width;
	struct burst burst;	/* of releases that are not printed yet */
};

static void print_column(FILE *out, const char *text, int *width, int most)
{
	int chars = text_chars(text);

	if (chars > *width)
		*width = chars < most ? chars : most;
	fprintf(out, "%s%*s ", text, chars < *width ? *width - chars : 0, "");
}

/* When, and who: the interrupted task has nothing to do with it. */
static void print_head(struct text_view *t, uint64_t time_ns, unsigned int context, uint32_t tgid,
		       uint32_t tid, const char *name)
{
	const char *interrupt = format_interrupt(context);
	char stamp[40], id[24], comm[COMM_SIZE];
	FILE *out = t->view.out;

	fputs(format_stamp(t->view.opts.time, t->view.info, time_ns,
			   t->last_ns ? t->last_ns : time_ns, stamp, sizeof(stamp)), out);
	t->last_ns = time_ns;
	if (interrupt)
		snprintf(id, sizeof(id), "-");
	else if (tid == tgid)
		snprintf(id, sizeof(id), "%u", tgid);
	else
		snprintf(id, sizeof(id), "%u/%u", tgid, tid);
	print_column(out, id, &t->id_width, sizeof(id));
	print_column(out, interrupt ? interrupt : format_comm(name, comm), &t->comm_width,
		     sizeof(comm));
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

static void print_burst(struct text_view *t);

static void text_pin(struct trace_view *v, const struct shown_pin *pin)
{
	struct text_view *t = (struct text_view *)v;
	const struct trace_event *ev = pin->ev;
	char call[CALL_TEXT_MAX], result[128], took[24], driver[FRAME_TEXT_MAX];
	size_t len;

	print_burst(t);
	print_head(t, ev->time_ns, ev->context, ev->tgid, ev->tid, ev->comm);
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

static void print_held(FILE *out, const struct burst *b)
{
	char first[24], last[24];

	format_ns(b->held_ns, first, sizeof(first));
	format_ns(b->held_most_ns, last, sizeof(last));
	fprintf(out, ", held %s", first);
	if (strcmp(first, last))
		fprintf(out, " to %s", last);
}

static void print_burst(struct text_view *t)
{
	struct burst *b = &t->burst;
	char owner[COMM_SIZE], driver[FRAME_TEXT_MAX];
	FILE *out = t->view.out;

	if (!b->calls)
		return;
	print_head(t, b->time_ns, b->context, b->tgid, b->tid, b->comm);
	fprintf(out, "unpin %" PRIu64 " %s%s", b->pins,
		counts_folios(b->function) ? "folio" : "page", b->pins == 1 ? "" : "s");
	if (b->nr)
		fprintf(out, " of #%" PRIu64 " (%s, %s)", b->nr, format_comm(b->owner, owner),
			text_clean(b->pin_site->name.driver, driver, sizeof(driver)));
	else
		fputs(" of no pin call that was seen", out);
	if (b->calls > 1)
		fprintf(out, " in %" PRIu64 " calls", b->calls);
	if (b->nr)
		print_held(out, b);
	if (b->left)
		fprintf(out, ", %" PRIu64 " left", b->left);
	if (b->dirty)
		fputs(", dirty", out);
	if (b->guessed)
		fputs(", guess: another call has pins there too", out);
	fputc('\n', out);
	print_kernel_stack(&t->view, b->site);
	b->calls = 0;
}

static void text_unpin(struct trace_view *v, const struct shown_unpin *unpin)
{
	struct text_view *t = (struct text_view *)v;
	size_t i;

	for (i = 0; i < unpin->nr_parts; i++) {
		if (!burst_add(&t->burst, unpin, i)) {
			print_burst(t);
			burst_begin(&t->burst, unpin, i);
		}
		/* It has ended, or each release is to be shown. */
		if (v->opts.each_release || (t->burst.nr && !t->burst.left))
			print_burst(t);
	}
}

static void text_idle(struct trace_view *v, uint64_t now_ns)
{
	struct text_view *t = (struct text_view *)v;

	if (now_ns > t->burst.time_ns + BURST_GAP_NS)
		print_burst(t);
}

static void text_begin(struct trace_view *v, const struct trace_info *info)
{
	v->info = info;
}

struct holding {
	const struct trace_end *end;
	FILE *out;
	uint64_t shown, more;
};

static void print_holding(struct paired_pin *pin, void *arg)
{
	char owner[COMM_SIZE], driver[FRAME_TEXT_MAX], bytes[8], held[24];
	struct holding *h = arg;
	const struct named_site *site = h->end->site(h->end->arg, &pin->ev);

	if (!h->end->wanted(h->end->arg, pin))
		return;
	if (h->shown == HOLDINGS_MAX) {
		h->more++;
		return;
	}
	h->shown++;
	fprintf(h->out, "#%" PRIu64 " (%s, %s) still holds %" PRIu64 " pin%s, %s, after %s%s\n",
		pin->nr, format_owner(&pin->ev, owner),
		text_clean(site->name.driver, driver, sizeof(driver)), pin->left,
		pin->left == 1 ? "" : "s", text_size(pin->bytes, bytes, sizeof(bytes)),
		format_ns(held_ns(pin, h->end->ended_ns), held, sizeof(held)),
		pin->exited_ns ? "; its process has exited" : "");
}

static void text_end(struct trace_view *v, const struct trace_end *end)
{
	struct holding h = { .end = end, .out = v->out };

	print_burst((struct text_view *)v);
	pairs__each(end->pairs, print_holding, &h);
	if (h.more)
		fprintf(v->out, "%" PRIu64 " more still hold pins; -c sums up\n", h.more);
}

static void text_free(struct trace_view *v)
{
	free(v);
}

struct trace_view *view_text(FILE *out, const struct trace_view_opts *opts)
{
	static const struct trace_view_ops ops = {
		.name = "text", .begin = text_begin, .pin = text_pin, .unpin = text_unpin,
		.idle = text_idle, .end = text_end, .free = text_free,
	};
	struct text_view *t = xcalloc(1, sizeof(*t));

	t->view = (struct trace_view){ .ops = &ops, .opts = *opts, .out = out };
	return &t->view;
}
