// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "pfnspec.h"

/* Physical addresses have 64 bits and pages at least 4 KiB. */
#define PFN_LIMIT (1ULL << 52)

static int fail_because(const char **why, int err, const char *reason)
{
	if (why)
		*why = reason;
	return err;
}

static const char *skip_space(const char *s)
{
	while (isspace((unsigned char)*s))
		s++;
	return s;
}

/*
 * Moves *@s over a hexadecimal number. Not strtoull(), which takes a sign and
 * leading blanks. 0, -EINVAL when there is none, -ERANGE when it is too large.
 */
static int read_hex(const char **s, uint64_t *value)
{
	const char *p = *s, *first;
	uint64_t v = 0;
	bool large = false;

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
		p += 2;
	for (first = p; isxdigit((unsigned char)*p); p++) {
		int c = tolower((unsigned char)*p);

		v = v << 4 | (uint64_t)(isdigit(c) ? c - '0' : c - 'a' + 10);
		if (v >= PFN_LIMIT) {
			large = true;
			v = 0;
		}
	}
	if (p == first)
		return -EINVAL;
	*s = p;
	*value = v;
	return large ? -ERANGE : 0;
}

/* A range with brackets, and how it ended. */
struct bracketed {
	const char *begin, *end;	/* of its text */
	uint64_t first, last;
	bool with_last;
	int err;			/* -ERANGE: a number is too large */
};

/* Whether "[A, B)" or "[A, B]" stands at @s. "[   12.345678]" and "[mem 0x0-0xf]" are others. */
static bool read_bracketed(const char *s, struct bracketed *b)
{
	int err_first, err_last;

	b->begin = s;
	s = skip_space(s + 1);
	err_first = read_hex(&s, &b->first);
	s = skip_space(s);
	if (err_first == -EINVAL || *s != ',')
		return false;
	s = skip_space(s + 1);
	err_last = read_hex(&s, &b->last);
	s = skip_space(s);
	if (err_last == -EINVAL || (*s != ')' && *s != ']'))
		return false;
	b->with_last = *s == ']';
	b->end = s + 1;
	b->err = err_first ? err_first : err_last;
	return true;
}

/* @last belongs to the range or is the first one behind it. */
static int give(uint64_t first, uint64_t last, bool with_last, struct pfn_range *out,
		const char **why)
{
	uint64_t end = last + with_last;

	if (first > last)
		return fail_because(why, -EINVAL, "the range ends before it begins");
	if (first == end)
		return fail_because(why, -EINVAL, "the range is empty");
	if (end > PFN_LIMIT)
		return fail_because(why, -ERANGE, "the range goes beyond all memory");
	out->start = first;
	out->end = end;
	return 0;
}

static bool ends_with(const char *begin, const char *end, char c)
{
	while (end > begin && isspace((unsigned char)end[-1]))
		end--;
	return end == begin || end[-1] == c;
}

/* Nothing, or what the kernel's log has around a range. */
static bool is_log_line(const char *s, const struct bracketed *b)
{
	const char *after = skip_space(b->end);

	if (!ends_with(s, b->begin, ':') && !ends_with(s, b->begin, ']'))
		return false;
	if (after > b->end && !strncmp(after, "PFNs busy", 9))
		after = skip_space(after + 9);
	return !*after;
}

static int parse_bracketed(const char *s, struct pfn_range *out, const char **why)
{
	struct bracketed b = {}, other;
	const char *p;
	bool found = false;

	if (*s == '(')
		return fail_because(why, -EINVAL, "a range begins with '[', not with '('");
	for (p = strchr(s, '['); p; p = strchr(p, '[')) {
		if (!read_bracketed(p, &other)) {
			p++;
			continue;
		}
		if (found)
			return fail_because(why, -EINVAL, "more than one range");
		found = true;
		b = other;
		p = b.end;
	}
	if (!found)
		return fail_because(why, -EINVAL, "there is no range such as [2ef00, 2f00a) in it");
	if (!is_log_line(s, &b))
		return fail_because(why, -EINVAL, "there is other text around the range");
	if (b.err)
		return fail_because(why, b.err, "the number is too large for a page frame");
	return give(b.first, b.last, b.with_last, out, why);
}

static int parse_plain(const char *s, struct pfn_range *out, const char **why)
{
	uint64_t first, second = 0;
	int err = read_hex(&s, &first);
	char op;

	if (err == -EINVAL)
		return fail_because(why, err, "this is not a hexadecimal number");
	s = skip_space(s);
	op = *s;
	if (!err && op && op != '-' && op != '+')
		return fail_because(why, -EINVAL, "only A, A-B, A+N and [A, B) are ranges");
	if (!err && op) {
		s = skip_space(s + 1);
		err = read_hex(&s, &second);
		if (err == -EINVAL)
			return fail_because(why, err, "there is no second hexadecimal number");
		if (*skip_space(s))
			return fail_because(why, -EINVAL, "there is other text behind the range");
	}
	if (err)
		return fail_because(why, err, "the number is too large for a page frame");
	if (op == '+')
		return give(first, first + second, false, out, why);
	return give(first, op ? second : first, true, out, why);
}

int pfnspec_parse(const char *s, struct pfn_range *out, const char **why)
{
	s = skip_space(s);
	if (!*s)
		return fail_because(why, -EINVAL, "nothing was given");
	if (strpbrk(s, "[]()"))
		return parse_bracketed(s, out, why);
	return parse_plain(s, out, why);
}
