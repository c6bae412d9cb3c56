// SPDX-License-Identifier: GPL-2.0
/* The two lines of JSON. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim.h"

static void put_number(const char *name, long long v, bool known)
{
	if (known && v != UNKNOWN)
		printf(",\"%s\":%lld", name, v);
	else
		printf(",\"%s\":null", name);
}

static void put_string(const char *name, const char *text)
{
	printf(",\"%s\":\"", name);
	for (; *text; text++) {
		unsigned char c = *text;

		if (c == '"' || c == '\\')
			putchar('\\');
		if (c < ' ')
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

/* One process, if any, then a batch, if any. */
static void put_pids(const char *name, pid_t one, const struct batch *b)
{
	int i;

	printf(",\"%s\":[", name);
	if (one)
		printf("%d", one);
	for (i = 0; b && i < b->nr; i++)
		printf("%s%d", one || i ? "," : "", b->pids[i]);
	putchar(']');
}

static void put_memory(const struct sim *s)
{
	const struct outcome *out = s->out;

	printf(",\"address\":\"0x%llx\"", (unsigned long long)out->address);
	put_number("length", out->length, true);
	put_number("pages", out->length / page_size(), true);
	put_number("folios", out->folios, out->known);
	put_number("folio_bytes", out->folio_bytes, out->folio_bytes);
	printf(",\"mapped\":%s", !out->address || s->o.unmap || s->o.pass_ring ? "false" : "true");
	if (s->sc.allows & OPT_MEMFD)
		put_string("name", s->o.name);
}

static void put_processes(const struct sim *s)
{
	bool passed = s->o.pass_ring;
	pid_t self = s->sc.pinner && s->sc.pinner->take && !passed ? s->out->tgid : 0;

	put_pids("pids", self, &s->sharers);
	put_pids("holders", passed ? s->holder : self, &s->sharers);
	put_pids("map_only", 0, &s->mappers);
	put_pids("forked", 0, &s->forked);
	if (passed)
		put_string("passed_by", s->out->passed_by);
}

static void put_more(const char *more, va_list ap)
{
	if (more) {
		putchar(',');
		vprintf(more, ap);
	}
	puts("}");
	fflush(stdout);
}

/*
 * Of one call, as this kernel is known to count; then what that makes of all of them, and what
 * was counted. That may be more by the same on both sides: calls that tried twice or moved pages.
 */
static void put_calls(const struct sim *s)
{
	const struct pinner *p = s->sc.pinner;
	const struct outcome *out = s->out;

	if (!p)
		return;
	put_string("driver", p->driver);
	printf(",\"longterm\":%s", p->longterm ? "true" : "false");
	put_number("acquired", out->call.acquired, true);
	put_number("released", out->call.released, true);
	put_number("repeat", out->calls, true);
	put_number("expected_acquired", out->total.acquired, true);
	put_number("expected_released", out->total.released, true);
	put_number("observed_acquired", out->seen.acquired, s->before.ok);
	put_number("observed_released", out->seen.released, s->before.ok);
	put_number("drift", out->drift, true);
	put_number("owner", out->owner, true);
	put_number("began_ns", out->began_ns, out->began_ns);
	put_number("taken_ns", out->taken_ns, out->taken_ns);
}

/*
 * pid is the thread that pinned, tgid its process, owner the process whose memory it is; main_pid
 * is the one to send signals to.
 */
static void put_all(const struct sim *s, const char *event)
{
	const struct outcome *out = s->out;

	printf("{\"event\":\"%s\"", event);
	put_string("scenario", s->sc.name);
	put_number("pid", out->pid, true);
	put_number("tgid", out->tgid, true);
	put_number("main_pid", s->main_tgid, true);
	put_number("expected_pins", out->expected, true);
	put_number("expected_bytes", out->bytes, out->known);
	put_number("observed_pins", out->observed, s->before.ok);
	put_memory(s);
	printf(",\"kind\":\"%s\"", mem_words[s->sc.mem].kind);
	put_processes(s);
	put_calls(s);
}

void report_pinned(const struct sim *s, const char *more, ...)
{
	va_list ap;

	put_all(s, "pinned");
	va_start(ap, more);
	put_more(more, ap);
	va_end(ap);
}

/* All calls are over. */
void report_done(const struct sim *s)
{
	put_all(s, "done");
	puts("}");
	fflush(stdout);
}

/* Nothing is pinned yet: whoever wants to watch should start now. */
void report_ready(const struct sim *s)
{
	printf("{\"event\":\"ready\"");
	put_string("scenario", s->sc.name);
	put_number("main_pid", s->main_tgid, true);
	puts("}");
	fflush(stdout);
}

void report_released(const struct sim *s, const char *more, ...)
{
	long long left = pins_wait(&s->before, 0, 5000);
	va_list ap;

	printf("{\"event\":\"released\"");
	put_string("scenario", s->sc.name);
	put_number("pid", s->out->pid, true);
	put_number("tgid", s->out->tgid, true);
	put_number("remaining_pins", left, s->before.ok);
	put_number("dropping_ns", s->out->dropping_ns, s->out->dropping_ns);
	put_number("released_ns", now_ns(), true);
	va_start(ap, more);
	put_more(more, ap);
	va_end(ap);
}
