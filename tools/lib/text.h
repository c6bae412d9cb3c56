/* SPDX-License-Identifier: GPL-2.0 */
/* Text for people: sizes, names that are safe on a terminal. */
#ifndef PINSCOPE_TEXT_H
#define PINSCOPE_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* "4.0K", "23.5M", "1.0T": three significant digits, powers of 1024, at most 5 characters. */
const char *text_size(uint64_t bytes, char *buf, size_t size);

/* The same with sign, "+4.0K" or "-1.2G"; "" for 0. */
const char *text_delta(int64_t bytes, char *buf, size_t size);

/*
 * @in without control characters and bytes that are no UTF-8 (each becomes
 * '?'), in at most @size bytes, not cut inside a character. Returns @buf.
 */
const char *text_clean(const char *in, char *buf, size_t size);

/* Characters, not bytes, of UTF-8. */
int text_chars(const char *s);

/* What a word of which there are @n ends with: "%llu pin%s". */
static inline const char *text_s(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* Login name of @uid, or the number; "?" for (uid_t)-1. Static buffer, cached. */
const char *text_user(uid_t uid);

/* "0.4s", "12s", "2m05s", "3h20m", "5d03h". */
const char *text_age(double seconds, char *buf, size_t size);

/* Bytes from "4096", "16K", "1.5G" (powers of 1024). 0, -EINVAL or -ERANGE. */
int text_parse_size(const char *s, uint64_t *bytes);

#endif
