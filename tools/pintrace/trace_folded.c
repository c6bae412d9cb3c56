// SPDX-License-Identifier: GPL-2.0
/*
 * Folded stacks, as flame graphs are made of: "comm;outermost;...;innermost_[k] N",
 * sorted. N is pages, or page-seconds: pages times how long each was held, until
 * its release or the end of the trace, rounded to the nearest whole number.
 */
#include <inttypes.h>
#include <search.h>
#include <string.h>

#include "text.h"
#include "trace_format.h"
#include "vec.h"

#define SECOND 1000000000u

/* What is the same for all calls of one stack: two numbers instead of its names. */
struct stack_key {
	uint64_t site, ustack;
	char comm[COMM_SIZE];
};

struct stack {
	struct stack_key key;
	char *text;
	unsigned __int128 weight;	/* in pages, or in pages x ns */
};

struct folded_view {
	struct trace_view view;
	struct stack **stacks;
	size_t nr, cap;
	void *by_key;		/* the same, as tsearch(3) has them */
};

/* --- names ------------------------------------------------------------------------------------ */

/* ';' stands between frames. */
static const char *without_divider(char *name)
{
	char *at;

	for (at = name; *at; at++)
		if (*at == ';')
			*at = ':';
	return name;
}

/*
 * "function" of "function+0x12/0x90 [module]" and of "function+0x12 (libfoo.so.1)",
 * since calls from different lines are to be one frame.
 */
static void write_frame(FILE *out, const char *frame, const char *suffix)
{
	char clean[FRAME_TEXT_MAX];
	char *at, *offset = NULL;

	text_clean(frame, clean, sizeof(clean));
	for (at = strstr(clean, "+0x"); at; at = strstr(at + 1, "+0x"))
		offset = at;
	if (offset && offset != clean)
		*offset = '\0';
	fprintf(out, ";%s%s", without_divider(clean), suffix);
}

static char *text_of(const struct stack_key *key, const struct named_site *site,
		     const struct named_ustack *ustack)
{
	char comm[COMM_SIZE], *text;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return xstrdup("unknown");
	fputs(without_divider(memcpy(comm, key->comm, sizeof(comm))), out);
	for (i = ustack ? ustack->nr_frames : 0; i--;)
		write_frame(out, ustack->frames[i], "");
	if (site->truncated)
		write_frame(out, "...", "_[k]");
	for (i = site->nr_frames; i--;)
		write_frame(out, site->frames[i], "_[k]");
	if (!site->nr_frames)
		write_frame(out, "unknown", "_[k]");
	fclose(out);
	return text;
}

/* --- weights ---------------------------------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct stack_key));
}

static struct stack *stack_of(struct folded_view *f, const struct trace_event *ev,
			      const struct named_site *site, const struct named_ustack *ustack)
{
	struct stack_key key = { .site = ev->site };
	struct stack **found, *s;

	if (!f->view.opts.user_stacks)
		ustack = NULL;
	else
		key.ustack = ev->ustack;
	format_comm(ev->comm, key.comm);
	found = tfind(&key, &f->by_key, by_key);
	if (found)
		return *found;
	s = xcalloc(1, sizeof(*s));
	s->key = key;
	s->text = text_of(&key, site, ustack);
	*vec_push(f->stacks, f->nr, f->cap) = s;
	tsearch(s, &f->by_key, by_key);
	return s;
}

static void add_time(struct folded_view *f, const struct paired_pin *pin, uint64_t pages,
		     uint64_t until_ns, const struct named_site *site,
		     const struct named_ustack *ustack)
{
	stack_of(f, &pin->ev, site, ustack)->weight +=
		(unsigned __int128)pages * held_ns(pin, until_ns);
}

static void folded_begin(struct trace_view *v, const struct trace_info *info)
{
	v->info = info;
}

static void folded_pin(struct trace_view *v, const struct shown_pin *pin)
{
	if (v->opts.weight == WEIGHT_PAGES && pin->pin)
		stack_of((struct folded_view *)v, pin->ev, pin->site, pin->ustack)->weight +=
			pin->pin->pins;
}

static void folded_unpin(struct trace_view *v, const struct shown_unpin *unpin)
{
	size_t i;

	if (v->opts.weight != WEIGHT_PAGE_SECONDS)
		return;
	for (i = 0; i < unpin->nr_parts; i++)
		if (unpin->parts[i].pin)
			add_time((struct folded_view *)v, unpin->parts[i].pin,
				 unpin->parts[i].pins, unpin->ev->time_ns, unpin->sites[i],
				 unpin->ustacks ? unpin->ustacks[i] : NULL);
}

struct ending {
	struct folded_view *f;
	const struct trace_end *end;
};

static void add_held(struct paired_pin *pin, void *arg)
{
	const struct ending *e = arg;
	const struct trace_end *end = e->end;

	if (end->wanted(end->arg, pin))
		add_time(e->f, pin, pin->left, end->ended_ns, end->site(end->arg, &pin->ev),
			 end->ustack ? end->ustack(end->arg, &pin->ev) : NULL);
}

static int by_text(const void *a, const void *b)
{
	const struct stack *const *x = a, *const *y = b;

	return strcmp((*x)->text, (*y)->text);
}

static void folded_end(struct trace_view *v, const struct trace_end *end)
{
	struct folded_view *f = (struct folded_view *)v;
	struct ending ending = { f, end };
	unsigned __int128 weight = 0;
	size_t i;

	if (v->opts.weight == WEIGHT_PAGE_SECONDS)
		pairs__each(end->pairs, add_held, &ending);
	if (f->nr)
		qsort(f->stacks, f->nr, sizeof(*f->stacks), by_text);
	/* Several stacks may have the same names. */
	for (i = 0; i < f->nr; i++) {
		weight += f->stacks[i]->weight;
		if (i + 1 < f->nr && !strcmp(f->stacks[i]->text, f->stacks[i + 1]->text))
			continue;
		if (v->opts.weight == WEIGHT_PAGE_SECONDS)
			weight = (weight + SECOND / 2) / SECOND;
		fprintf(v->out, "%s %" PRIu64 "\n", f->stacks[i]->text, (uint64_t)weight);
		weight = 0;
	}
}

static void keep(void *node)
{
}

static void folded_free(struct trace_view *v)
{
	struct folded_view *f = (struct folded_view *)v;
	size_t i;

	tdestroy(f->by_key, keep);
	for (i = 0; i < f->nr; i++) {
		free(f->stacks[i]->text);
		free(f->stacks[i]);
	}
	free(f->stacks);
	free(f);
}

struct trace_view *view_folded(FILE *out, const struct trace_view_opts *opts)
{
	static const struct trace_view_ops ops = {
		.name = "folded", .begin = folded_begin, .pin = folded_pin,
		.unpin = folded_unpin, .end = folded_end, .free = folded_free,
	};
	struct folded_view *f = xcalloc(1, sizeof(*f));

	f->view = (struct trace_view){ .ops = &ops, .opts = *opts, .out = out };
	return &f->view;
}
