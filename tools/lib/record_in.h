/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The records of pintrace.dat(5) and their fields, from a file that may hold
 * anything. Nothing that it says of its own size is believed before as much
 * has been read.
 */
#ifndef PINSCOPE_RECORD_IN_H
#define PINSCOPE_RECORD_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fail.h"

struct record_in {
	FILE *f;
	const char *path;
	int err;		/* errno of a read that failed */
	/* The record that is being read, its head included; or the header. */
	const char *what;
	uint64_t offset;	/* in the file */
	uint8_t *data;
	size_t size, cap;
	size_t at;		/* how far its fields were read */
	const char *wrong;	/* what is wrong at @at; NULL: nothing */
};

/* @path must live until in_close(); "-" is standard input. 0, or -1 and @fail. */
int in_open(struct record_in *in, const char *path, struct fail *fail);
void in_close(struct record_in *in);

/* Adds @size bytes to the record. False: the file ends before, or ->err. */
bool in_more(struct record_in *in, size_t size);

/*
 * Goes on to the next record of a known type and reads it whole: its
 * enum record_type, or 0 when the file ends before its end, or ->err.
 */
uint16_t in_record(struct record_in *in);

/* Whether nothing more comes. */
bool in_ends(struct record_in *in);

/*
 * The next field. After the first thing that is wrong all fields are 0 or
 * empty: the caller may go on, and look at ->wrong when it is through.
 */
void in_bytes(struct record_in *in, void *to, size_t size);
uint8_t in_u8(struct record_in *in);
uint16_t in_u16(struct record_in *in);
uint32_t in_u32(struct record_in *in);
uint64_t in_u64(struct record_in *in);

/* A text, cleaned, that must fit in @size bytes with its NUL. */
void in_text(struct record_in *in, char *buf, size_t size);

/* The frames of a stack, the caller's to free: also when something was wrong. */
char **in_frames(struct record_in *in, size_t *nr);

/* Says that something is wrong at the field that was read last. */
void in_wrong(struct record_in *in, const char *why);

/* Whether the record was right, and has no more in it than was read. */
bool in_all_read(struct record_in *in);

/* Says where it is wrong, or why it could not be read. Returns -1. */
int in_fail(const struct record_in *in, struct fail *fail);

#endif
