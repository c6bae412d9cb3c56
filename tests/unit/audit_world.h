/* SPDX-License-Identifier: GPL-2.0 */
/* A made-up machine that is audited: what is pinned on it, who is charged, what was found. */
#ifndef PINSCOPE_TEST_AUDIT_WORLD_H
#define PINSCOPE_TEST_AUDIT_WORLD_H

#include <string.h>

#include "audit.h"
#include "pairs_world.h"

#define MS 1000000ULL
#define SECOND (1000 * MS)
#define WRITE 1U
#define LONGTERM 0x100U

enum { AT_DRIVER = 1, AT_OTHER, AT_V4L2, AT_XDP, AT_RELEASE, SITES };

struct audit_world {
	struct pairs *pairs;
	struct audit *audit;
	uint64_t now;
	struct pin_run runs[8];		/* what is pinned; ascending */
	size_t nr;
	bool lost, open, unseen;	/* unseen: calls are none of those that are wanted */
	bool expected;			/* all that is found is known to the user */
	const char *movable;
	const char *idle;		/* name of a module that nobody uses */
	const char *file;		/* name of the module whose file is used to pin; NULL: none */
	uint64_t reserved;		/* PFN */
	struct pin_run waiting;		/* looks pinned as well until it is drained */
	unsigned int drained;
	struct audit_charge charge;
	struct pfn_range frames;	/* where a call has failed */
	const uint64_t *release;	/* a run that is released while pages are looked at */
	struct named_site sites[SITES];
	/* What came of it. */
	unsigned int reported, told;
	enum audit_rule rule;
	uint64_t pins, nr_of_pin;
	bool has_pin, has_release;
	char what[256];
};

static inline int scan_world(void *arg, const struct pfn_ranges *ranges, struct scan_result *res)
{
	struct audit_world *w = arg;
	size_t i;

	for (i = 0; i < w->nr; i++)
		*vec_push(res->runs, res->nr, res->cap) = w->runs[i];
	if (w->waiting.folios)
		*vec_push(res->runs, res->nr, res->cap) = w->waiting;
	return 0;
}

static inline void drain_world(void *arg)
{
	struct audit_world *w = arg;

	w->waiting.folios = 0;
	w->drained++;
}

static inline const char *movable_world(void *arg, const struct pin_run *run)
{
	return ((struct audit_world *)arg)->movable;
}

static inline bool reserved_world(void *arg, uint64_t pfn)
{
	return pfn == ((struct audit_world *)arg)->reserved;
}

static inline bool open_world(void *arg, const struct trace_event *pin)
{
	return ((struct audit_world *)arg)->open;
}

static inline bool idle_world(void *arg, const char *module)
{
	return !strcmp(module, ((struct audit_world *)arg)->idle);
}

static inline int charged_world(void *arg, const struct trace_event *pin,
				struct audit_charge *charge)
{
	*charge = ((struct audit_world *)arg)->charge;
	return 0;
}

static inline void frames_world(void *arg, const struct trace_event *pin, struct pfn_ranges *ranges)
{
	struct audit_world *w = arg;

	pfn_ranges_add(ranges, w->frames.start, w->frames.end);
}

static inline void world_release(struct audit_world *w, const struct process *who,
				 const uint64_t *runs, size_t nr, uint64_t bare, uint64_t clean);

static inline void catch_up_world(void *arg)
{
	struct audit_world *w = arg;
	const uint64_t *run = w->release;

	w->release = NULL;
	if (run)
		world_release(w, &alice, run, 1, 0, 0);
}

static inline bool lost_world(void *arg)
{
	return ((struct audit_world *)arg)->lost;
}

static inline uint64_t now_world(void *arg)
{
	return ((struct audit_world *)arg)->now;
}

static inline bool wanted_world(void *arg, const struct paired_pin *pin)
{
	return !((struct audit_world *)arg)->unseen;
}

static inline const struct named_site *site_world(void *arg, uint64_t id)
{
	return &((struct audit_world *)arg)->sites[id];
}

static inline bool expected_world(void *arg, const struct audit_violation *v)
{
	return ((struct audit_world *)arg)->expected;
}

static inline void report_world(void *arg, const struct audit_violation *v)
{
	struct audit_world *w = arg;

	w->reported++;
	w->rule = v->rule;
	w->pins = v->pins;
	w->nr_of_pin = v->nr;
	w->has_pin = v->pin;
	w->has_release = v->release;
	strcpy(w->what, v->what);
}

static inline void known_world(void *arg, enum audit_rule rule, const char *driver, const char *why)
{
	((struct audit_world *)arg)->told++;
}

static const struct audit_machine machine_world = {
	.scan = scan_world, .drain = drain_world, .movable = movable_world, .is_reserved = reserved_world,
	.is_open = open_world, .is_idle = idle_world, .charged = charged_world, .frames = frames_world,
	.catch_up = catch_up_world, .lost = lost_world, .now = now_world,
};

/* What is in runs[] is there before the trace begins. */
static inline void world_begin(struct audit_world *w, const struct audit_machine *machine)
{
	static const char *const drivers[SITES] = { "unknown", "lab", "other", "v4l2", "af_xdp", "lab" };
	struct audit_opts opts = {
		.rules = AUDIT_ALL, .hold_ns = 5 * SECOND, .longterm = LONGTERM, .write = WRITE,
		.page_size = page_size(), .machine = machine, .wanted = wanted_world,
		.site = site_world, .expected = expected_world, .report = report_world,
		.known = known_world, .arg = w,
	};
	size_t i;

	for (i = 0; i < SITES; i++)
		strcpy(w->sites[i].name.driver, drivers[i]);
	for (i = 0; i < SITES; i++)
		strcpy(w->sites[i].name.module, i == AT_DRIVER ? "lab_module" : "");
	w->idle = "";
	w->now = 1000 * SECOND;
	w->pairs = pairs__new();
	w->audit = audit__new(&opts, w->pairs);
	audit__begin(w->audit);
	w->nr = 0;
	w->now += SECOND;
}

static inline void world_end(struct audit_world *w)
{
	audit__free(w->audit);
	pairs__free(w->pairs);
}

/* @who pins its own memory. */
static inline struct paired_pin *world_pin(struct audit_world *w, const struct process *who,
					   uint64_t site, uint32_t flags, const uint64_t *runs,
					   size_t nr, uint64_t wanted, int64_t got)
{
	struct trace_event *ev = event(TRACE_PIN, who, w->now);
	struct trace_call call = { .ev = ev, .runs = runs, .nr_runs = nr };
	struct paired_pin *pin;
	static uint64_t seq;

	ev->seq = ++seq;
	ev->tid = who->tgid;
	ev->owner = who->tgid;
	ev->owner_start_ns = who->start_ns;
	ev->site = site;
	ev->flags = flags;
	ev->file_module = w->file ? module_number(w->file) : 0;
	ev->wanted = wanted;
	ev->got = got;
	pin = pairs__pinned(w->pairs, &call);
	audit__pinned(w->audit, &call, pin, !w->unseen);
	free(ev);
	return pin;
}

static inline void world_release(struct audit_world *w, const struct process *who,
				 const uint64_t *runs, size_t nr, uint64_t bare, uint64_t clean)
{
	struct trace_event *ev = event(TRACE_UNPIN, who, w->now);
	struct trace_call call = { .ev = ev, .runs = runs, .nr_runs = nr };
	const struct paired_part *parts;
	size_t n, i;

	ev->site = AT_RELEASE;
	ev->bare = bare;
	ev->clean = clean;
	n = pairs__released(w->pairs, &call, &parts);
	audit__released(w->audit, &call, parts, n, !w->unseen);
	for (i = 0; i < n; i++) {
		if (!parts[i].pin || parts[i].pin->left)
			continue;
		audit__forget(w->audit, parts[i].pin);
		pairs__forget(w->pairs, parts[i].pin);
	}
	free(ev);
}

static inline void world_exit(struct audit_world *w, const struct process *who)
{
	ends(w->pairs, who, w->now);
}

/* The system call of @who fails with @error, after its pin call with the number @seq. */
static inline void world_fail(struct audit_world *w, const struct process *who,
			      const struct paired_pin *pin, int error)
{
	struct trace_event *ev = event(TRACE_FAILED, who, w->now);

	ev->tid = who->tgid;
	ev->wanted = pin->ev.seq;
	ev->seq = pin->ev.seq + 1;
	ev->got = -error;
	audit__failed(w->audit, ev);
	free(ev);
}

/* The pages are pinned so often, whatever calls say. */
static inline void world_pages(struct audit_world *w, uint64_t pfn, uint32_t folios, uint8_t order,
			       uint32_t pins)
{
	w->runs[w->nr++] = (struct pin_run){
		.pfn = pfn, .folios = folios, .order = order, .pins = pins,
	};
}

/* Looks, again and again, for so long. */
static inline void world_wait(struct audit_world *w, uint64_t ns)
{
	uint64_t end = w->now + ns;

	while (w->now < end) {
		w->now += 200 * MS;
		audit__look(w->audit, false);
	}
}

static inline void assert_found(const struct audit_world *w, enum audit_rule rule, uint64_t pins)
{
	int i;

	assert_int_equal(w->reported, 1);
	assert_int_equal(w->rule, rule);
	assert_int_equal(w->pins, pins);
	for (i = 0; i < AUDIT_RULES; i++)
		assert_int_equal(audit__found(w->audit, i), i == (int)rule);
}

static inline void assert_nothing(const struct audit_world *w)
{
	int i;

	assert_int_equal(w->reported, 0);
	for (i = 0; i < AUDIT_RULES; i++)
		assert_int_equal(audit__found(w->audit, i), 0);
}

#endif
