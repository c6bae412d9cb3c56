// SPDX-License-Identifier: GPL-2.0
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "record_format.h"
#include "record_in.h"
#include "text.h"
#include "vec.h"

#define STEP (1U << 20)		/* bytes to make room for before more of them are seen */

/* --- files -------------------------------------------------------------------------------- */

int in_open(struct record_in *in, const char *path, struct fail *fail)
{
	int fd;

	memset(in, 0, sizeof(*in));
	in->path = path;
	if (strcmp(path, "-")) {
		in->f = fopen(path, "re");
	} else {
		in->path = "standard input";
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
		in->f = fd < 0 ? NULL : fdopen(fd, "r");
		if (!in->f && fd >= 0)
			close(fd);
	}
	in->err = errno;
	return in->f ? 0 : in_fail(in, fail);
}

void in_close(struct record_in *in)
{
	if (in->f)
		fclose(in->f);
	free(in->data);
}

bool in_more(struct record_in *in, size_t size)
{
	while (size) {
		size_t step = size < STEP ? size : STEP;

		if (in->cap - in->size < step) {
			in->cap = (in->size + step) * 2;
			in->data = xrealloc(in->data, in->cap, 1);
		}
		if (fread(in->data + in->size, 1, step, in->f) != step) {
			in->err = ferror(in->f) ? errno : 0;
			return false;
		}
		in->size += step;
		size -= step;
	}
	return true;
}

static bool skip(struct record_in *in, size_t size)
{
	size_t step;

	for (; size; size -= step) {
		step = size < STEP ? size : STEP;
		in->size = 0;
		if (!in_more(in, step))
			return false;
	}
	return true;
}

uint16_t in_record(struct record_in *in)
{
	static const char *const names[] = {
		[RECORD_SITE] = "site record",
		[RECORD_USTACK] = "user stack record",
		[RECORD_CALL] = "call record",
		[RECORD_END] = "end record",
	};
	uint64_t next = in->offset + in->size;
	uint32_t length;
	uint16_t type;

	for (;; next += RECORD_HEAD_SIZE + (uint64_t)length) {
		in->offset = next;
		in->size = in->at = 0;
		if (!in_more(in, RECORD_HEAD_SIZE))
			return 0;
		type = in_u16(in);
		in_u16(in);	/* flags: there are none yet */
		length = in_u32(in);
		if (type >= RECORD_SITE && type <= RECORD_END)
			break;
		if (!skip(in, length))
			return 0;
	}
	in->what = names[type];
	return in_more(in, length) ? type : 0;
}

bool in_ends(struct record_in *in)
{
	return fgetc(in->f) == EOF;
}

int in_fail(const struct record_in *in, struct fail *fail)
{
	if (in->err)
		return fail_set(fail, EXIT_USAGE, "cannot read %s: %s", in->path,
				strerror(in->err));
	return fail_set(fail, EXIT_USAGE, "cannot read %s beyond offset %llu, in the %s that begins "
			"at %llu: %s", in->path,
			(unsigned long long)(in->offset + in->at), in->what,
			(unsigned long long)in->offset, in->wrong);
}

/* --- fields ------------------------------------------------------------------------------- */

void in_wrong(struct record_in *in, const char *why)
{
	if (!in->wrong)
		in->wrong = why;
}

bool in_all_read(struct record_in *in)
{
	if (in->at != in->size)
		in_wrong(in, "it is longer than its fields");
	return !in->wrong;
}

void in_bytes(struct record_in *in, void *to, size_t size)
{
	if (in->wrong || in->size - in->at < size) {
		in_wrong(in, "it is shorter than its fields");
		return;
	}
	memcpy(to, in->data + in->at, size);
	in->at += size;
}

uint8_t in_u8(struct record_in *in)
{
	uint8_t value = 0;

	in_bytes(in, &value, sizeof(value));
	return value;
}

uint16_t in_u16(struct record_in *in)
{
	uint16_t value = 0;

	in_bytes(in, &value, sizeof(value));
	return le16toh(value);
}

uint32_t in_u32(struct record_in *in)
{
	uint32_t value = 0;

	in_bytes(in, &value, sizeof(value));
	return le32toh(value);
}

uint64_t in_u64(struct record_in *in)
{
	uint64_t value = 0;

	in_bytes(in, &value, sizeof(value));
	return le64toh(value);
}

void in_text(struct record_in *in, char *buf, size_t size)
{
	char raw[RECORD_TEXT + 1] = "";
	size_t len = in_u16(in);

	buf[0] = '\0';
	if (len >= size || len > RECORD_TEXT) {
		in_wrong(in, "a text is too long");
		return;
	}
	in_bytes(in, raw, len);
	raw[len] = '\0';
	if (!in->wrong && memchr(raw, '\0', len))
		in_wrong(in, "a text has a NUL byte");
	if (!in->wrong)
		text_clean(raw, buf, size);
}

char **in_frames(struct record_in *in, size_t *nr)
{
	char text[RECORD_TEXT + 1], **frames;
	size_t count = in_u16(in);

	if (count > RECORD_FRAMES)
		in_wrong(in, "a stack has too many frames");
	frames = xcalloc(count, sizeof(*frames));
	for (*nr = 0; *nr < count && !in->wrong; (*nr)++) {
		in_text(in, text, sizeof(text));
		frames[*nr] = xstrdup(text);
	}
	return frames;
}
