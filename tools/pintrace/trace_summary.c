// SPDX-License-Identifier: GPL-2.0
/* What each driver has done by which call: how much, how long it took, how long it was kept. */
#include <inttypes.h>
#include <string.h>

#include "table.h"
#include "text.h"
#include "trace_format.h"
#include "trace_histogram.h"
#include "vec.h"

struct class {
	char *driver;		/* as it may be shown */
	unsigned int function;
	uint64_t calls, pages, errors, partial;
	uint64_t held_pins, held_bytes;
	struct histogram latency;	/* of each call whose begin was seen */
	struct histogram lifetime;	/* of each call until the last of its pins was released */
};

struct summary_view {
	struct trace_view view;
	struct class **classes;		/* few: there are not many drivers */
	size_t nr, cap;
	uint64_t old_pages, old_releases;	/* of no pin call that was seen */
};

static struct class *class_of(struct summary_view *s, const struct named_site *site,
			      unsigned int function)
{
	char driver[sizeof(site->name.driver)];
	struct class *c;
	size_t i;

	text_clean(site->name.driver, driver, sizeof(driver));
	for (i = 0; i < s->nr; i++)
		if (s->classes[i]->function == function && !strcmp(s->classes[i]->driver, driver))
			return s->classes[i];
	c = xcalloc(1, sizeof(*c));
	c->driver = xstrdup(driver);
	c->function = function;
	*vec_push(s->classes, s->nr, s->cap) = c;
	return c;
}

static void summary_begin(struct trace_view *v, const struct trace_info *info)
{
	v->info = info;
}

static void summary_pin(struct trace_view *v, const struct shown_pin *pin)
{
	const struct trace_event *ev = pin->ev;
	struct class *c = class_of((struct summary_view *)v, pin->site, ev->function);

	c->calls++;
	c->pages += ev->pins;
	c->errors += call_failed(ev);
	c->partial += call_was_partial(ev);
	if (ev->begun_ns)
		histogram_add(&c->latency, call_ns(ev));
}

static void summary_unpin(struct trace_view *v, const struct shown_unpin *unpin)
{
	struct summary_view *s = (struct summary_view *)v;
	bool old = false;
	size_t i;

	for (i = 0; i < unpin->nr_parts; i++) {
		const struct paired_pin *pin = unpin->parts[i].pin;

		if (!pin) {
			s->old_pages += unpin->parts[i].pins;
			old = true;
		} else if (!pin->left) {
			histogram_add(&class_of(s, unpin->sites[i], pin->ev.function)->lifetime,
				      held_ns(pin, unpin->ev->time_ns));
		}
	}
	s->old_releases += old;
}

/* --- at the end ------------------------------------------------------------------------------- */

struct ending {
	struct summary_view *s;
	const struct trace_end *end;
};

static void count_held(struct paired_pin *pin, void *arg)
{
	const struct ending *e = arg;
	struct class *c;

	if (!e->end->wanted(e->end->arg, pin))
		return;
	c = class_of(e->s, e->end->site(e->end->arg, &pin->ev), pin->ev.function);
	c->held_pins += pin->left;
	c->held_bytes += pin->bytes;
}

/* Most pages first. */
static int by_pages(const void *a, const void *b)
{
	const struct class *x = *(const struct class *const *)a;
	const struct class *y = *(const struct class *const *)b;
	int names;

	if (x->pages != y->pages)
		return x->pages < y->pages ? 1 : -1;
	names = strcmp(x->driver, y->driver);
	return names ? names : strcmp(format_function(x->function), format_function(y->function));
}

static struct class *total_of(const struct summary_view *s)
{
	struct class *total = xcalloc(1, sizeof(*total));
	size_t i;

	for (i = 0; i < s->nr; i++) {
		const struct class *c = s->classes[i];

		total->calls += c->calls;
		total->pages += c->pages;
		total->errors += c->errors;
		total->partial += c->partial;
		total->held_pins += c->held_pins;
		total->held_bytes += c->held_bytes;
		histogram_merge(&total->latency, &c->latency);
		histogram_merge(&total->lifetime, &c->lifetime);
	}
	return total;
}

static void names_cells(struct table *t, const struct class *c)
{
	table_cell(t, "%s", c->driver ? c->driver : "total");
	table_cell(t, "%s", c->driver ? format_function(c->function) : "");
}

static void amount_row(struct table *t, const struct class *c)
{
	char bytes[8];

	names_cells(t, c);
	table_cell(t, "%" PRIu64, c->calls);
	table_cell(t, "%" PRIu64, c->pages);
	table_cell(t, "%" PRIu64, c->errors);
	table_cell(t, "%" PRIu64, c->partial);
	table_cell(t, "%" PRIu64, c->held_pins);
	table_cell(t, "%s", text_size(c->held_bytes, bytes, sizeof(bytes)));
}

static void histogram_cells(struct table *t, const struct histogram *h)
{
	static const unsigned int percents[] = { 50, 99, 100 };
	char text[24];
	size_t i;

	for (i = 0; i < sizeof(percents) / sizeof(*percents); i++)
		table_cell(t, "%s", h->nr ? format_ns(histogram_percentile(h, percents[i]), text,
						      sizeof(text)) : "-");
}

static void time_row(struct table *t, const struct class *c)
{
	names_cells(t, c);
	histogram_cells(t, &c->latency);
	histogram_cells(t, &c->lifetime);
}

static void print_table(const struct summary_view *s, const struct class *total,
			const struct table_col *cols,
			void (*row)(struct table *t, const struct class *c))
{
	struct table *t = table_new(cols);
	size_t i;

	for (i = 0; i < s->nr; i++)
		row(t, s->classes[i]);
	row(t, total);
	table_print(t, s->view.out, terminal_width(s->view.out));
}

static const char *plural(uint64_t nr)
{
	return nr == 1 ? "" : "s";
}

static void print_tables(const struct summary_view *s)
{
	static const struct table_col amounts[] = {
		{ "DRIVER", true }, { "CALL", true }, { "CALLS", false }, { "PAGES", false },
		{ "ERRORS", false }, { "PARTIAL", false }, { "HELD", false }, { "BYTES", false }, {}
	};
	static const struct table_col times[] = {
		{ "DRIVER", true }, { "CALL", true }, { "LATENCY P50", false }, { "P99", false },
		{ "MAX", false }, { "LIFETIME P50", false }, { "P99", false }, { "MAX", false }, {}
	};
	struct class *total = total_of(s);

	print_table(s, total, amounts, amount_row);
	fputc('\n', s->view.out);
	print_table(s, total, times, time_row);
	free(total);
	if (s->old_pages)
		fprintf(s->view.out, "\nOf no pin call that was seen: %" PRIu64 " page%s, "
			"released by %" PRIu64 " call%s\n", s->old_pages, plural(s->old_pages),
			s->old_releases, plural(s->old_releases));
}

static void draw(const struct summary_view *s, const struct class *c, const char *what,
		 const struct histogram *h)
{
	if (!h->nr)
		return;
	fprintf(s->view.out, "\n%s %s: %s of %" PRIu64 " call%s\n", c->driver,
		format_function(c->function), what, h->nr, plural(h->nr));
	histogram_draw(h, s->view.out);
}

static void summary_end(struct trace_view *v, const struct trace_end *end)
{
	struct summary_view *s = (struct summary_view *)v;
	struct ending ending = { s, end };
	size_t i;

	pairs__each(end->pairs, count_held, &ending);
	if (s->nr)
		qsort(s->classes, s->nr, sizeof(*s->classes), by_pages);
	print_tables(s);
	for (i = 0; i < s->nr; i++) {
		draw(s, s->classes[i], "latency", &s->classes[i]->latency);
		draw(s, s->classes[i], "lifetime", &s->classes[i]->lifetime);
	}
}

static void summary_free(struct trace_view *v)
{
	struct summary_view *s = (struct summary_view *)v;
	size_t i;

	for (i = 0; i < s->nr; i++) {
		free(s->classes[i]->driver);
		free(s->classes[i]);
	}
	free(s->classes);
	free(s);
}

struct trace_view *view_summary(FILE *out, const struct trace_view_opts *opts)
{
	static const struct trace_view_ops ops = {
		.name = "summary", .begin = summary_begin, .pin = summary_pin,
		.unpin = summary_unpin, .end = summary_end, .free = summary_free,
	};
	struct summary_view *s = xcalloc(1, sizeof(*s));

	s->view = (struct trace_view){ .ops = &ops, .opts = *opts, .out = out };
	return &s->view;
}
