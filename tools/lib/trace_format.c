// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "follflags.h"
#include "text.h"
#include "trace_format.h"

#define MAX_ERRNO 4095	/* as in the kernel's include/linux/err.h */
#define SECOND 1000000000ull

/* --- calls ------------------------------------------------------------------------------------ */

const char *format_function(unsigned int function)
{
#define NAME(name) [GUP_##name] = #name,
	static const char *const names[GUP_FUNCTIONS] = {
		PIN_FUNCTIONS(NAME)
		UNPIN_FUNCTIONS(NAME)
	};
#undef NAME

	return function < GUP_FUNCTIONS ? names[function] : "unknown";
}

const char *format_comm(const char comm[COMM_SIZE], char buf[COMM_SIZE])
{
	char copy[COMM_SIZE];

	snprintf(copy, sizeof(copy), "%.*s", COMM_SIZE - 1, comm);
	return text_clean(copy, buf, COMM_SIZE);
}

const char *format_owner(const struct trace_event *ev, char buf[COMM_SIZE])
{
	return format_comm(ev->owner ? ev->owner_comm : ev->comm, buf);
}

const char *format_interrupt(unsigned int context)
{
	return context == IN_SOFTIRQ ? "softirq" : context == IN_HARDIRQ ? "hardirq" : NULL;
}

bool counts_folios(unsigned int function)
{
	return function == GUP_memfd_pin_folios || function == GUP_unpin_folio ||
	       function == GUP_unpin_folios;
}

bool call_failed(const struct trace_event *ev)
{
	return ev->got < 0 || (!ev->got && ev->wanted);
}

bool call_was_partial(const struct trace_event *ev)
{
	return ev->got > 0 && (uint64_t)ev->got < ev->wanted && !counts_folios(ev->function);
}

const char *format_call(const struct trace_info *info, const struct trace_event *ev, char *buf,
			size_t size)
{
	const char *name = format_function(ev->function);
	char flags[CALL_TEXT_MAX - 100];

	switch (ev->function) {
	case GUP_memfd_pin_folios:
		snprintf(buf, size, "%s(offset 0x%" PRIx64 ", up to %" PRIu64 " folios)", name,
			 (uint64_t)ev->start, (uint64_t)ev->wanted);
		break;
	case GUP_folio_add_pin:
	case GUP_folio_add_pins:
		snprintf(buf, size, "%s(%" PRIu64 ")", name, (uint64_t)ev->wanted);
		break;
	default:
		snprintf(buf, size, "%s(0x%" PRIx64 ", %" PRIu64 ", %s)", name,
			 (uint64_t)ev->start, (uint64_t)ev->wanted,
			 foll_text(info->flags, ev->flags, flags, sizeof(flags)));
	}
	return buf;
}

const char *format_error(int64_t got, char *buf, size_t size)
{
	const char *name = got < 0 && got >= -MAX_ERRNO ? strerrorname_np((int)-got) : NULL;

	if (got >= 0)
		return NULL;
	if (name)
		snprintf(buf, size, "%s", name);
	else
		snprintf(buf, size, "%" PRIu64, -(uint64_t)got);
	return buf;
}

const char *format_result(const struct trace_event *ev, char *buf, size_t size)
{
	const char *what = NULL;
	char error[24];
	int len;

	if (format_error(ev->got, error, sizeof(error))) {
		if (ev->got >= -MAX_ERRNO)
			what = strerrordesc_np((int)-ev->got);
		snprintf(buf, size, "-%s%s%s%s", error, what ? " (" : "", what ? what : "",
			 what ? ")" : "");
		return buf;
	}
	len = snprintf(buf, size, "%" PRId64, (int64_t)ev->got);
	if (call_failed(ev) || call_was_partial(ev))
		len += snprintf(buf + len, size - len, " of %" PRIu64, (uint64_t)ev->wanted);
	if (ev->pins != (uint64_t)ev->got)
		snprintf(buf + len, size - len, " (%" PRIu64 " pinned)", (uint64_t)ev->pins);
	return buf;
}

/* --- times ------------------------------------------------------------------------------------ */

/* Three digits of @v; false when it would take more. */
static bool three_digits(double v, double limit, const char *unit, char *buf, size_t size)
{
	int decimals = v < 9.995 ? 2 : v < 99.95 ? 1 : 0;

	if (v >= limit)
		return false;
	snprintf(buf, size, "%.*f%s", decimals, v, unit);
	return true;
}

const char *format_ns(uint64_t ns, char *buf, size_t size)
{
	uint64_t s = ns / SECOND + (ns % SECOND >= SECOND / 2);

	if (ns < 1000)
		snprintf(buf, size, "%" PRIu64 "ns", ns);
	else if (three_digits((double)ns / 1e3, 999.5, "us", buf, size) ||
		 three_digits((double)ns / 1e6, 999.5, "ms", buf, size) ||
		 three_digits((double)ns / 1e9, 59.95, "s", buf, size))
		return buf;
	else if (s < 3600)
		snprintf(buf, size, "%" PRIu64 "m%02" PRIu64 "s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(buf, size, "%" PRIu64 "h%02" PRIu64 "m", s / 3600, s / 60 % 60);
	else
		snprintf(buf, size, "%" PRIu64 "d%02" PRIu64 "h", s / 86400, s / 3600 % 24);
	return buf;
}

static void stamp_relative(uint64_t ns, uint64_t last_ns, char *buf, size_t size)
{
	/* Calls on several CPUs may come a little out of order. */
	uint64_t us = (ns < last_ns ? last_ns - ns : ns - last_ns) / 1000;
	char text[32];

	snprintf(text, sizeof(text), "%s%" PRIu64 ".%06" PRIu64, ns < last_ns ? "-" : "",
		 us / 1000000, us % 1000000);
	snprintf(buf, size, "%13s ", text);
}

static void stamp_clock(bool fraction, time_t s, unsigned int us, char *buf, size_t size)
{
	struct tm tm = {};
	char tail[8] = "";

	localtime_r(&s, &tm);
	if (fraction)
		snprintf(tail, sizeof(tail), ".%06u", us % 1000000);
	snprintf(buf, size, "%02d:%02d:%02d%s ", tm.tm_hour, tm.tm_min, tm.tm_sec, tail);
}

const char *format_stamp(enum trace_time how, const struct trace_info *info, uint64_t ns,
			 uint64_t last_ns, char *buf, size_t size)
{
	uint64_t wall = ns + (uint64_t)info->wall_ns;
	unsigned int us = wall % SECOND / 1000;
	time_t s = (time_t)(wall / SECOND);

	switch (how) {
	case TIME_RELATIVE:
		stamp_relative(ns, last_ns, buf, size);
		break;
	case TIME_CLOCK:
	case TIME_CLOCK_US:
		stamp_clock(how == TIME_CLOCK_US, s, us, buf, size);
		break;
	case TIME_EPOCH_US:
		snprintf(buf, size, "%lld.%06u ", (long long)s, us);
		break;
	default:
		buf[0] = '\0';
	}
	return buf;
}

uint64_t call_ns(const struct trace_event *ev)
{
	return ev->time_ns > ev->begun_ns ? ev->time_ns - ev->begun_ns : 0;
}

uint64_t held_ns(const struct paired_pin *pin, uint64_t now_ns)
{
	return now_ns > pin->ev.time_ns ? now_ns - pin->ev.time_ns : 0;
}
