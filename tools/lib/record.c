// SPDX-License-Identifier: GPL-2.0
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "follflags.h"
#include "record.h"
#include "record_format.h"
#include "vec.h"

struct record {
	FILE *f;
	char *path;
	bool failed;		/* and that was said */
	void *sites, *ustacks;	/* trees of the ids that were written */
	/* The record that is being put together. */
	uint8_t *data;
	size_t size, cap;
	char buffer[65536];	/* of @f: what is lost at most when the tool is killed */
};

/* --- fields ------------------------------------------------------------------------------- */

static void put(struct record *r, const void *from, size_t size)
{
	if (r->cap - r->size < size) {
		r->cap = (r->size + size) * 2;
		r->data = xrealloc(r->data, r->cap, 1);
	}
	memcpy(r->data + r->size, from, size);
	r->size += size;
}

static void put8(struct record *r, uint8_t value)
{
	put(r, &value, sizeof(value));
}

static void put16(struct record *r, uint16_t value)
{
	value = htole16(value);
	put(r, &value, sizeof(value));
}

static void put32(struct record *r, uint32_t value)
{
	value = htole32(value);
	put(r, &value, sizeof(value));
}

static void put64(struct record *r, uint64_t value)
{
	value = htole64(value);
	put(r, &value, sizeof(value));
}

static void put_text(struct record *r, const char *text)
{
	size_t len = strlen(text);

	if (len > RECORD_TEXT)
		len = RECORD_TEXT;
	put16(r, len);
	put(r, text, len);
}

static void put_frames(struct record *r, char *const *frames, size_t nr)
{
	size_t i;

	if (nr > RECORD_FRAMES)
		nr = RECORD_FRAMES;
	put16(r, nr);
	for (i = 0; i < nr; i++)
		put_text(r, frames[i]);
}

/* --- records ------------------------------------------------------------------------------ */

static int give_up(struct record *r, struct fail *fail, const char *why)
{
	r->failed = true;
	return fail_set(fail, EXIT_USAGE,
			"cannot write %s: %s; what was recorded until then can be replayed",
			r->path, why);
}

static void begin(struct record *r, enum record_type type)
{
	r->size = 0;
	put16(r, type);
	put16(r, 0);	/* flags */
	put32(r, 0);	/* length: written by finish_at() */
}

/* The record's length, or the header's size, stands at byte @at. */
static void finish_at(struct record *r, size_t at, size_t length)
{
	uint32_t value = htole32(length);

	memcpy(r->data + at, &value, sizeof(value));
}

static int emit(struct record *r, struct fail *fail)
{
	if (fwrite(r->data, 1, r->size, r->f) != r->size)
		return give_up(r, fail, strerror(errno));
	return 0;
}

static int emit_record(struct record *r, struct fail *fail)
{
	finish_at(r, 4, r->size - RECORD_HEAD_SIZE);
	return emit(r, fail);
}

/* --- opening ------------------------------------------------------------------------------ */

static int write_header(struct record *r, const struct trace_info *info, struct fail *fail)
{
	size_t i;

	put(r, RECORD_MAGIC, RECORD_MAGIC_SIZE);
	put32(r, RECORD_BYTE_ORDER);
	put32(r, RECORD_VERSION);
	put32(r, 0);
	put32(r, info->page_size);
	put64(r, info->began_ns);
	put64(r, info->wall_ns);
	put_text(r, info->kernel);
	put_text(r, info->machine);
	put_text(r, pinscope_version);
	put16(r, FOLL_BITS);
	for (i = 0; i < FOLL_BITS; i++)
		put_text(r, info->flags->name[i]);
	put16(r, GUP_FUNCTIONS);
	for (i = 0; i < GUP_FUNCTIONS; i++)
		put_text(r, record_functions[i]);
	finish_at(r, 16, r->size);
	/* At once: a full disk is told of before the trace begins. */
	if (emit(r, fail))
		return -1;
	return fflush(r->f) ? give_up(r, fail, strerror(errno)) : 0;
}

static FILE *open_file(const char *path)
{
	FILE *f;
	int fd;

	if (strcmp(path, "-"))
		return fopen(path, "we");
	fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f && fd >= 0)
		close(fd);
	return f;
}

static void free_record(struct record *r)
{
	tdestroy(r->sites, free);
	tdestroy(r->ustacks, free);
	free(r->data);
	free(r->path);
	free(r);
}

struct record *record__open(const char *path, const struct trace_info *info, struct fail *fail)
{
	struct record *r;
	FILE *f = open_file(path);

	if (!f) {
		fail_set(fail, EXIT_USAGE, "cannot record to %s: %s", path, strerror(errno));
		return NULL;
	}
	r = xcalloc(1, sizeof(*r));
	r->f = f;
	r->path = xstrdup(strcmp(path, "-") ? path : "standard output");
	setvbuf(f, r->buffer, _IOFBF, sizeof(r->buffer));
	if (!write_header(r, info, fail))
		return r;
	fclose(f);
	free_record(r);
	return NULL;
}

/* --- calls -------------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Whether @id comes for the first time. */
static bool is_new(void **tree, uint64_t id)
{
	uint64_t *node;

	if (tfind(&id, tree, by_id))
		return false;
	node = xcalloc(1, sizeof(*node));
	*node = id;
	return tsearch(node, tree, by_id);
}

static int write_site(struct record *r, uint64_t id, const struct named_site *s,
		      struct fail *fail)
{
	begin(r, RECORD_SITE);
	put64(r, id);
	put32(r, s->name.frame);
	put8(r, s->truncated);
	put_text(r, s->name.driver);
	put_text(r, s->name.detail);
	put_text(r, s->name.function);
	put_text(r, s->name.module);
	put_text(r, s->summary);
	put_frames(r, s->frames, s->nr_frames);
	return emit_record(r, fail);
}

static int write_ustack(struct record *r, uint64_t id, const struct named_ustack *s,
			struct fail *fail)
{
	begin(r, RECORD_USTACK);
	put64(r, id);
	put_frames(r, s->frames, s->nr_frames);
	return emit_record(r, fail);
}

static int write_call(struct record *r, const struct trace_call *call, struct fail *fail)
{
	const struct trace_event *ev = call->ev;
	size_t i;

	if (call->nr_runs > RECORD_RUNS)
		return give_up(r, fail, "a call's list of pages is too long");
	begin(r, RECORD_CALL);
#define PUT(bits, member) put##bits(r, ev->member);
	RECORD_CALL_FIELDS(PUT)
#undef PUT
	put(r, ev->comm, sizeof(ev->comm));
	put(r, ev->owner_comm, sizeof(ev->owner_comm));
	put64(r, call->lost);
	put32(r, call->nr_runs);
	for (i = 0; i < call->nr_runs; i++)
		put64(r, call->runs[i]);
	return emit_record(r, fail);
}

int record__call(struct record *r, const struct trace_call *call, const struct named_site *site,
		 const struct named_ustack *ustack, struct fail *fail)
{
	if (r->failed)
		return 0;
	if (site && is_new(&r->sites, call->ev->site) &&
	    write_site(r, call->ev->site, site, fail))
		return -1;
	if (ustack && is_new(&r->ustacks, call->ev->ustack) &&
	    write_ustack(r, call->ev->ustack, ustack, fail))
		return -1;
	return write_call(r, call, fail);
}

static int write_end(struct record *r, uint64_t ended_ns, const struct trace_health *health,
		     struct fail *fail)
{
	size_t i;

	begin(r, RECORD_END);
	put64(r, ended_ns);
#define PUT(member) put64(r, health->member);
	RECORD_HEALTH_FIELDS(PUT)
#undef PUT
	put32(r, LOST_CAUSES);
	for (i = 0; i < LOST_CAUSES; i++)
		put64(r, health->lost[i]);
	return emit_record(r, fail);
}

int record__end(struct record *r, uint64_t ended_ns, const struct trace_health *health,
		struct fail *fail)
{
	int err = r->failed ? 0 : write_end(r, ended_ns, health, fail);

	if (fclose(r->f) && !r->failed)
		err = give_up(r, fail, strerror(errno));
	free_record(r);
	return err;
}
