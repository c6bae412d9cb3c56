// SPDX-License-Identifier: GPL-2.0
#include <search.h>
#include <string.h>

#include "cli.h"
#include "follflags.h"
#include "record_format.h"
#include "record_in.h"
#include "replay.h"
#include "vec.h"

#define FUNCTIONS_MOST 256
#define ORDER_MOST 31
#define PAGE_LEAST 4096
#define PAGE_MOST (1U << 20)

struct replay {
	struct record_in in;
	struct trace_info info;
	struct foll_names flags;
	/* Ours by the file's number; GUP_FUNCTIONS: we do not know it. */
	uint16_t functions[FUNCTIONS_MOST];
	size_t nr_functions;
	void *sites, *ustacks;	/* trees of named_site and of numbered_ustack */
	struct trace_event ev;
	uint64_t *runs;
	size_t cap_runs;
	struct trace_health health;
	uint64_t ended_ns;
	bool truncated;
};

struct numbered_ustack {
	uint64_t id;
	struct named_ustack stack;
};

/* --- header ------------------------------------------------------------------------------- */

static int refuse(const struct replay *r, struct fail *fail, const char *why)
{
	return fail_set(fail, EXIT_USAGE, "cannot read %s: %s", r->in.path, why);
}

/* What is the same in all versions of the format. */
static int read_begin(struct replay *r, uint32_t *size, struct fail *fail)
{
	char magic[RECORD_MAGIC_SIZE];
	uint32_t order, version;

	if (!in_more(&r->in, RECORD_BEGIN_SIZE))
		return r->in.err ? in_fail(&r->in, fail) :
		       refuse(r, fail, "it is too short for a recorded trace");
	in_bytes(&r->in, magic, sizeof(magic));
	order = in_u32(&r->in);
	version = in_u32(&r->in);
	*size = in_u32(&r->in);
	if (memcmp(magic, RECORD_MAGIC, sizeof(magic)))
		return refuse(r, fail, "it is no recorded trace (pintrace --record makes them)");
	if (order != RECORD_BYTE_ORDER)
		return refuse(r, fail, "its bytes are not in the order that pintrace.dat(5) has: "
				       "something has changed them");
	if (version != RECORD_VERSION)
		return fail_set(fail, EXIT_USAGE, "cannot read %s: it has version %u of the format "
				"and this pinscope reads version %d; use the one that recorded it",
				r->in.path, version, RECORD_VERSION);
	return 0;
}

static uint16_t function_number(const char *name)
{
	uint16_t i;

	for (i = 0; i < GUP_FUNCTIONS && strcmp(record_functions[i], name); i++)
		;
	return i;
}

static void parse_functions(struct replay *r)
{
	char name[RECORD_TEXT + 1];
	size_t i;

	r->nr_functions = in_u16(&r->in);
	if (r->nr_functions > FUNCTIONS_MOST)
		in_wrong(&r->in, "there are too many functions");
	for (i = 0; i < r->nr_functions && !r->in.wrong; i++) {
		in_text(&r->in, name, sizeof(name));
		r->functions[i] = function_number(name);
	}
}

static void parse_header(struct replay *r)
{
	struct trace_info *info = &r->info;
	char version[RECORD_TEXT + 1];
	size_t i;

	info->page_size = in_u32(&r->in);
	if (info->page_size < PAGE_LEAST || info->page_size > PAGE_MOST ||
	    info->page_size & (info->page_size - 1))
		in_wrong(&r->in, "there is no such page size");
	info->began_ns = in_u64(&r->in);
	info->wall_ns = (int64_t)in_u64(&r->in);
	in_text(&r->in, info->kernel, sizeof(info->kernel));
	in_text(&r->in, info->machine, sizeof(info->machine));
	in_text(&r->in, version, sizeof(version));	/* for people who look into the file */
	if (in_u16(&r->in) != FOLL_BITS)
		in_wrong(&r->in, "there are not 32 flags");
	for (i = 0; i < FOLL_BITS; i++)
		in_text(&r->in, r->flags.name[i], sizeof(r->flags.name[i]));
	parse_functions(r);
	in_all_read(&r->in);
}

static int read_header(struct replay *r, struct fail *fail)
{
	uint32_t size = 0;

	r->in.what = "header";
	if (read_begin(r, &size, fail))
		return -1;
	if (size < RECORD_BEGIN_SIZE || size > RECORD_HEADER_MOST)
		in_wrong(&r->in, "it cannot have this size");
	else if (!in_more(&r->in, size - RECORD_BEGIN_SIZE))
		in_wrong(&r->in, "the file ends in it");
	else
		parse_header(r);
	if (r->in.wrong)
		return in_fail(&r->in, fail);
	r->info.flags = &r->flags;
	r->ended_ns = r->info.began_ns;
	return 0;
}

/* --- sites and stacks --------------------------------------------------------------------- */

static void free_site(void *site)
{
	sitename_clear(site);
	free(site);
}

static void free_ustack(void *ustack)
{
	struct numbered_ustack *u = ustack;
	size_t i;

	for (i = 0; i < u->stack.nr_frames; i++)
		free(u->stack.frames[i]);
	free(u->stack.frames);
	free(u);
}

/* The id is the first member of both. */
static int by_id(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* False: @node is still the caller's. */
static bool add_named(struct replay *r, void **tree, void *node)
{
	void **found;

	if (!in_all_read(&r->in))
		return false;
	found = tsearch(node, tree, by_id);
	if (found && *found == node)
		return true;
	in_wrong(&r->in, "a record before it has the same id");
	return false;
}

static void parse_site(struct replay *r)
{
	struct named_site *s = xcalloc(1, sizeof(*s));
	struct record_in *in = &r->in;

	s->id = in_u64(in);
	s->name.frame = (int32_t)in_u32(in);
	s->truncated = in_u8(in);
	in_text(in, s->name.driver, sizeof(s->name.driver));
	if (!s->name.driver[0])
		in_wrong(in, "the driver has no name");
	in_text(in, s->name.detail, sizeof(s->name.detail));
	in_text(in, s->name.function, sizeof(s->name.function));
	in_text(in, s->name.module, sizeof(s->name.module));
	in_text(in, s->summary, sizeof(s->summary));
	s->frames = in_frames(in, &s->nr_frames);
	if (s->name.frame < -1 || s->name.frame >= (int64_t)s->nr_frames)
		in_wrong(in, "the caller is none of the frames");
	if (!add_named(r, &r->sites, s))
		free_site(s);
}

static void parse_ustack(struct replay *r)
{
	struct numbered_ustack *u = xcalloc(1, sizeof(*u));

	u->id = in_u64(&r->in);
	u->stack.frames = in_frames(&r->in, &u->stack.nr_frames);
	if (!add_named(r, &r->ustacks, u))
		free_ustack(u);
}

/* --- calls and the end -------------------------------------------------------------------- */

static void parse_runs(struct replay *r, struct trace_call *call)
{
	size_t nr = in_u32(&r->in), i;
	uint64_t pins = 0;

	/* Before there is room made for them. */
	if (nr != (r->in.size - r->in.at) / sizeof(*r->runs))
		in_wrong(&r->in, "its runs do not fill it");
	if (r->in.wrong)
		return;
	if (r->cap_runs < nr) {
		r->cap_runs = nr * 2;
		r->runs = xrealloc(r->runs, r->cap_runs, sizeof(*r->runs));
	}
	for (i = 0; i < nr; i++) {
		r->runs[i] = in_u64(&r->in);
		pins += RUN_COUNT(r->runs[i]);
		if (!RUN_COUNT(r->runs[i]) || RUN_ORDER(r->runs[i]) > ORDER_MOST)
			in_wrong(&r->in, "there is no such run");
	}
	if (call->lost > r->ev.pins || pins != r->ev.pins - call->lost)
		in_wrong(&r->in, "its runs have not as many pins as the call");
	call->runs = r->runs;
	call->nr_runs = nr;
}

static bool parse_call(struct replay *r, struct trace_call *call)
{
	struct trace_event *ev = &r->ev;
	struct record_in *in = &r->in;

#define GET(bits, member) ev->member = in_u##bits(in);
	RECORD_CALL_FIELDS(GET)
#undef GET
	if (ev->type < TRACE_PIN || ev->type > TRACE_EXIT)
		in_wrong(in, "there is no such type of call");
	if (ev->function < r->nr_functions)
		ev->function = r->functions[ev->function];
	else
		in_wrong(in, "its function is not among those of the header");
	if (ev->function >= GUP_FUNCTIONS)
		in_wrong(in, "its function is not known here; a newer pinscope may know it");
	if (ev->context >= LEDGER_CONTEXTS)
		in_wrong(in, "there is no such context");
	in_bytes(in, ev->comm, sizeof(ev->comm));
	in_bytes(in, ev->owner_comm, sizeof(ev->owner_comm));
	ev->comm[sizeof(ev->comm) - 1] = ev->owner_comm[sizeof(ev->owner_comm) - 1] = '\0';
	call->ev = ev;
	call->lost = in_u64(in);
	parse_runs(r, call);
	if (ev->time_ns > r->ended_ns)
		r->ended_ns = ev->time_ns;
	return in_all_read(in);
}

static void parse_end(struct replay *r)
{
	struct trace_health *h = &r->health;
	uint64_t value;
	uint32_t nr, i;

	r->ended_ns = in_u64(&r->in);
#define GET(member) h->member = in_u64(&r->in);
	RECORD_HEALTH_FIELDS(GET)
#undef GET
	nr = in_u32(&r->in);
	for (i = 0; i < nr && !r->in.wrong; i++) {
		value = in_u64(&r->in);
		if (i < LOST_CAUSES)
			h->lost[i] = value;
		else if (value)
			in_wrong(&r->in, "a loss has a cause that is not known here; a newer "
					 "pinscope may know it");
	}
	if (in_all_read(&r->in) && !in_ends(&r->in))
		in_wrong(&r->in, "more comes behind it");
}

/* --- what is public ----------------------------------------------------------------------- */

struct replay *replay__open(const char *path, struct fail *fail)
{
	struct replay *r = xcalloc(1, sizeof(*r));

	if (!in_open(&r->in, path, fail) && !read_header(r, fail))
		return r;
	replay__close(r);
	return NULL;
}

void replay__close(struct replay *r)
{
	if (!r)
		return;
	in_close(&r->in);
	tdestroy(r->sites, free_site);
	tdestroy(r->ustacks, free_ustack);
	free(r->runs);
	free(r);
}

int replay__run(struct replay *r, trace_call_fn fn, void *arg, struct fail *fail)
{
	uint16_t type = 0;

	while (type != RECORD_END && !r->in.wrong) {
		struct trace_call call = {};

		type = in_record(&r->in);
		if (!type)
			break;
		if (type == RECORD_SITE)
			parse_site(r);
		else if (type == RECORD_USTACK)
			parse_ustack(r);
		else if (type == RECORD_END)
			parse_end(r);
		else if (parse_call(r, &call))
			fn(&call, arg);
	}
	r->truncated = !type;
	return r->in.wrong || r->in.err ? in_fail(&r->in, fail) : 0;
}

const struct trace_info *replay__info(const struct replay *r)
{
	return &r->info;
}

const struct named_site *replay__site(const struct replay *r, uint64_t id)
{
	struct named_site *const *found = tfind(&id, &r->sites, by_id);

	return found ? *found : NULL;
}

const struct named_ustack *replay__ustack(const struct replay *r, uint64_t id)
{
	struct numbered_ustack *const *found = tfind(&id, &r->ustacks, by_id);

	return found ? &(*found)->stack : NULL;
}

bool replay__truncated(const struct replay *r)
{
	return r->truncated;
}

const struct trace_health *replay__health(const struct replay *r)
{
	return &r->health;
}

uint64_t replay__ended_ns(const struct replay *r)
{
	return r->ended_ns;
}
