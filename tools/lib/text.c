// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "text.h"
#include "vec.h"

static const char units[] = "KMGTPE";

/* --- sizes ------------------------------------------------------------------------------------ */

const char *text_size(uint64_t bytes, char *buf, size_t size)
{
	double v = (double)bytes / 1024;
	const char *unit = units;

	if (!bytes) {
		snprintf(buf, size, "0");
		return buf;
	}
	if (bytes < 1024) {
		snprintf(buf, size, "%uB", (unsigned int)bytes);
		return buf;
	}
	/* What would be rounded to 1024 is 1.0 of the next unit. */
	while (v >= 1023.5) {
		v /= 1024;
		unit++;
	}
	snprintf(buf, size, "%.*f%c", v < 99.95 ? 1 : 0, v, *unit);
	return buf;
}

const char *text_delta(int64_t bytes, char *buf, size_t size)
{
	uint64_t abs = bytes < 0 ? -(uint64_t)bytes : (uint64_t)bytes;
	char digits[8];

	snprintf(buf, size, "%s%s", !bytes ? "" : bytes < 0 ? "-" : "+",
		 bytes ? text_size(abs, digits, sizeof(digits)) : "");
	return buf;
}

static int multiplier(const char *suffix, uint64_t *mult)
{
	const char *unit;

	*mult = 1;
	if (!*suffix)
		return 0;
	unit = strchr(units, toupper((unsigned char)*suffix));
	if (!unit || suffix[1])
		return -EINVAL;
	*mult = 1024ull << (10 * (unit - units));
	return 0;
}

/* By hand: strtod() follows the locale, takes "inf" and hex, and rounds. */
int text_parse_size(const char *s, uint64_t *bytes)
{
	unsigned __int128 sum, whole = 0, fraction = 0, scale = 1;
	uint64_t mult;

	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	for (; isdigit((unsigned char)*s); s++)
		if (whole <= UINT64_MAX)
			whole = whole * 10 + (*s - '0');
	if (*s == '.') {
		if (!isdigit((unsigned char)*++s))
			return -EINVAL;
		/* Digits beyond the 15th cannot change the number of bytes by one. */
		for (; isdigit((unsigned char)*s); s++) {
			if (scale >= 1000000000000000ull)
				continue;
			fraction = fraction * 10 + (*s - '0');
			scale *= 10;
		}
		if (!*s)
			return -EINVAL;	/* there is no half byte */
	}
	if (multiplier(s, &mult))
		return -EINVAL;
	if (whole > UINT64_MAX)
		return -ERANGE;
	sum = whole * mult + fraction * mult / scale;
	if (sum > UINT64_MAX)
		return -ERANGE;
	*bytes = (uint64_t)sum;
	return 0;
}

/* --- names ------------------------------------------------------------------------------------ */

/* Length of the well-formed UTF-8 character at @s, its code in *@code; 0 for none. */
static size_t utf8_char(const unsigned char *s, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t i, len = *s < 0x80 ? 1 : *s < 0xc2 ? 0 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 :
			*s < 0xf5 ? 4 : 0;

	*code = len > 1 ? *s & (0x7f >> len) : *s;
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
	}
	if (!len || *code < least[len] || *code > 0x10ffff ||
	    (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return len;
}

/*
 * What may change the state of a terminal or the order of what follows: the
 * control characters, and Unicode's marks for direction, lines and tags.
 */
static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff ||
	       (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

const char *text_clean(const char *in, char *buf, size_t size)
{
	const unsigned char *s = (const unsigned char *)in;
	char *out = buf;

	if (!size)
		return buf;
	while (*s) {
		uint32_t code;
		size_t len = utf8_char(s, &code);
		bool bad = !len || is_control(code);
		size_t room = size - 1 - (size_t)(out - buf);

		if (room < (bad ? 1 : len))
			break;
		if (bad) {
			*out++ = '?';
		} else {
			memcpy(out, s, len);
			out += len;
		}
		s += len ? len : 1;
	}
	*out = '\0';
	return buf;
}

int text_chars(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

#ifdef PINSCOPE_STATIC
/* A static binary cannot load the C library's name services: the local file has to do. */
static const struct passwd *passwd_of(uid_t uid)
{
	FILE *f = fopen("/etc/passwd", "re");
	const struct passwd *pw = NULL;

	if (!f)
		return NULL;
	while ((pw = fgetpwent(f)) && pw->pw_uid != uid)
		;
	fclose(f);
	return pw;
}
#else
static const struct passwd *passwd_of(uid_t uid)
{
	return getpwuid(uid);
}
#endif

const char *text_user(uid_t uid)
{
	static struct user {
		uid_t uid;
		char *name;
	} *users;
	static size_t nr, cap;
	const struct passwd *pw;
	struct user *user;
	char name[64];
	size_t i;

	if (uid == (uid_t)-1)
		return "?";
	for (i = 0; i < nr; i++)
		if (users[i].uid == uid)
			return users[i].name;
	pw = passwd_of(uid);
	if (pw)
		text_clean(pw->pw_name, name, sizeof(name));
	else
		snprintf(name, sizeof(name), "%u", uid);
	user = vec_push(users, nr, cap);
	user->uid = uid;
	user->name = xstrdup(name);
	return user->name;
}

const char *text_age(double seconds, char *buf, size_t size)
{
	unsigned long s = seconds > 0 ? (unsigned long)(seconds + 0.05) : 0;

	if (seconds < 9.95)
		snprintf(buf, size, "%.1fs", seconds > 0 ? seconds : 0.0);
	else if (s < 60)
		snprintf(buf, size, "%lus", s);
	else if (s < 3600)
		snprintf(buf, size, "%lum%02lus", s / 60, s % 60);
	else if (s < 86400)
		snprintf(buf, size, "%luh%02lum", s / 3600, s / 60 % 60);
	else
		snprintf(buf, size, "%lud%02luh", s / 86400, s / 3600 % 24);
	return buf;
}
