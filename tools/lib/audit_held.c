// SPDX-License-Identifier: GPL-2.0
/*
 * Pins that are held for a while: what their pages say, and whether they
 * should still be held.
 *
 * What has been released before a scan has been told of before: so after each
 * scan all that was told until then is read, and only calls that still hold
 * as many pins as before have held them while it ran.
 */
#include <inttypes.h>
#include <string.h>

#include "audit_state.h"
#include "vec.h"

#define LEAK_NS (2 * SECOND_NS)		/* after the exit, or the last close */
#define PARTIAL_NS SECOND_NS		/* after the system call */
#define PLACE_NS (200 * MS_NS)		/* where a long-term pin lies; held for so short: not looked at */
#define MISSING_NS SECOND_NS		/* the first look at whether the pages carry the pins */
#define AGAIN_NS (150 * MS_NS)		/* the second one, where they do not */

/* --- which ones ------------------------------------------------------------------------------- */

static bool is_idle(struct audit *a, const char *module)
{
	if (a->asked_ns != a->now_ns || strcmp(a->module, module)) {
		snprintf(a->module, sizeof(a->module), "%s", module);
		a->asked_ns = a->now_ns;
		a->idle = a->opts.machine->is_idle(a->opts.arg, module);
	}
	return a->idle;
}

/*
 * Is the file closed that the pins were asked for through, and what else they
 * could belong to? Drivers make other files of such a call (a DMA buffer), or
 * let other files keep what it made. All of these hold the module: so only of
 * pins that the file's own module took it is said, once nobody uses that.
 */
static bool is_closed(struct audit *a, struct paired_pin *pin)
{
	const struct watch *w = pin->audit;
	const char *module;

	if (w && w->closed_ns)
		return since(a, w->closed_ns) >= LEAK_NS;
	if (!pin->ev.file_module)
		return false;
	module = a->opts.site(a->opts.arg, pin->ev.site)->name.module;
	if (module_number(module) == pin->ev.file_module && is_idle(a, module))
		watch_of(pin)->closed_ns = a->now_ns;
	return false;
}

static bool has_exited(const struct audit *a, const struct paired_pin *pin)
{
	return pin->exited_ns && since(a, pin->exited_ns) >= LEAK_NS;
}

/*
 * Of a process that has exited: is the file that the pins were asked for through
 * open elsewhere, or was it until just now? A worker may release them after the
 * last close (AF_XDP).
 */
static bool lately_open(struct audit *a, struct paired_pin *pin)
{
	struct watch *w;

	if (!pin->exited_ns || !audit_checks(a, AUDIT_LEAK))
		return false;
	w = watch_of(pin);
	if ((w->reported | w->known) & AUDIT_BIT(AUDIT_LEAK))
		return false;
	if (a->opts.machine->is_open(a->opts.arg, &pin->ev))
		w->open_ns = a->now_ns;
	return w->open_ns && since(a, w->open_ns) < LEAK_NS;
}

/* Of those that are left of a call that shared its pages it is not certain that they are its own. */
static uint32_t why_left(const struct audit *a, const struct paired_pin *pin, const struct watch *w)
{
	uint32_t why = 0;

	if (has_exited(a, pin) && !pin->mixed)
		why |= AUDIT_BIT(AUDIT_LEAK);
	if (!is_longterm(a, &pin->ev) && !pin->exited_ns && !pin->mixed &&
	    since(a, pin->ev.time_ns) >= a->opts.hold_ns)
		why |= AUDIT_BIT(AUDIT_HOLD);
	if (w && w->error && since(a, w->error_ns) >= PARTIAL_NS && !pin->shared)
		why |= AUDIT_BIT(AUDIT_PARTIAL);
	return why;
}

static uint32_t why_look(struct audit *a, struct paired_pin *pin)
{
	bool closed = audit_checks(a, AUDIT_LEAK) && !pin->mixed && is_closed(a, pin);
	bool open = lately_open(a, pin);
	const struct watch *w = pin->audit;
	uint64_t age = since(a, pin->ev.time_ns);
	uint32_t why = why_left(a, pin, w) | (closed ? AUDIT_BIT(AUDIT_LEAK) : 0);

	if (is_longterm(a, &pin->ev) && age >= PLACE_NS && !pin->mixed)
		why |= AUDIT_BIT(AUDIT_MOVABLE);
	if (a->last ? age >= PLACE_NS : age >= MISSING_NS && (!w || a->now_ns >= w->look_ns))
		why |= AUDIT_BIT(AUDIT_WRONG_RELEASE);
	why &= a->opts.rules & ~(w ? w->reported | w->known : 0);
	if (open && !closed)
		why &= ~AUDIT_BIT(AUDIT_LEAK);
	return why;
}

static void add_frames(uint64_t pfn, uint64_t pages, uint64_t pins, void *arg)
{
	pfn_ranges_add(arg, pfn, pfn + pages);
}

struct collecting {
	struct audit *a;
	struct pfn_ranges ranges;
};

static void collect(struct paired_pin *pin, void *arg)
{
	struct collecting *c = arg;
	struct audit *a = c->a;
	uint32_t why = why_look(a, pin);

	if (!why || !a->opts.wanted(a->opts.arg, pin))
		return;
	*vec_push(a->suspects, a->nr_suspects, a->cap_suspects) = (struct suspect){
		.pin = pin, .left = pin->left, .why = why,
	};
	watch_of(pin)->suspect = a->nr_suspects;
	pairs__pages(a->pairs, pin, add_frames, &c->ranges);
}

/* --- what their pages say --------------------------------------------------------------------- */

struct reading {
	const struct audit *a;
	const struct scan_result *res;
	uint64_t there;			/* of the call's pins */
	uint64_t movable;		/* of these, in memory that has to be movable */
	const char *where;
};

static size_t first_run(const struct scan_result *res, uint64_t pfn)
{
	size_t low = 0, high = res->nr;

	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct pin_run *r = &res->runs[mid];

		if (r->pfn + ((uint64_t)r->folios << r->order) <= pfn)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* One folio, of which the call holds @pins. All calls together may hold more than it carries. */
static void read_folio(struct reading *r, const struct pin_run *run, uint64_t pfn, uint64_t pins)
{
	uint64_t all = pairs__on(r->a->pairs, pfn, run->order);
	uint64_t missing = all > run->pins ? all - run->pins : 0;
	const char *where = r->a->opts.machine->movable(r->a->opts.arg, run);

	r->there += pins > missing ? pins - missing : 0;
	if (where) {
		r->movable += pins;
		r->where = where;
	}
}

static void read_pages(uint64_t pfn, uint64_t pages, uint64_t pins, void *arg)
{
	struct reading *r = arg;
	uint64_t end = pfn + pages, at, stop;
	size_t i;

	for (i = first_run(r->res, pfn); i < r->res->nr && r->res->runs[i].pfn < end; i++) {
		const struct pin_run *run = &r->res->runs[i];

		if (run->order) {
			read_folio(r, run, pfn, pins);
			continue;
		}
		stop = run->pfn + run->folios < end ? run->pfn + run->folios : end;
		for (at = run->pfn > pfn ? run->pfn : pfn; at < stop; at++)
			read_folio(r, run, at, pins);
	}
}

/* --- what it means ---------------------------------------------------------------------------- */

/* Later and later, as long as all is well. */
static void wait_longer(struct audit *a, struct watch *w)
{
	w->wait_ns = w->wait_ns ? w->wait_ns * 2 : MISSING_NS;
	w->look_ns = a->now_ns + w->wait_ns;
}

struct searching {
	const struct audit *a;
	bool found;
};

static void find_reserved(uint64_t pfn, uint64_t pages, uint64_t pins, void *arg)
{
	struct searching *s = arg;

	for (; pages && !s->found; pages--, pfn++)
		s->found = s->a->opts.machine->is_reserved(s->a->opts.arg, pfn);
}

static bool has_reserved(const struct audit *a, const struct paired_pin *pin)
{
	struct searching s = { .a = a };

	pairs__pages(a->pairs, pin, find_reserved, &s);
	return s.found;
}

/* A folio that changes while it is looked at seems to carry none: twice the same is needed. */
static void judge_missing(struct audit *a, const struct suspect *s, uint64_t missing)
{
	struct watch *w = s->pin->audit;
	bool again = w->missing == missing;
	char what[AUDIT_TEXT];

	w->missing = missing;
	w->look_ns = a->now_ns + AGAIN_NS;
	if (!again || lost(a) || !audit_checks(a, AUDIT_WRONG_RELEASE) ||
	    w->known & AUDIT_BIT(AUDIT_WRONG_RELEASE))
		return;
	if (has_reserved(a, s->pin)) {
		w->known |= AUDIT_BIT(AUDIT_WRONG_RELEASE);
		return;
	}
	snprintf(what, sizeof(what), "%" PRIu64 " of %" PRIu64 " pins were never released, but the "
		 "pages carry none: dropped by put_page()?", missing, s->left);
	found_held(a, AUDIT_WRONG_RELEASE, s->pin, missing, what);
	/* Nothing else that is said of these pins would be true. */
	w->reported = AUDIT_ALL;
}

static void judge_leak(struct audit *a, const struct suspect *s)
{
	struct watch *w = s->pin->audit;
	char what[AUDIT_TEXT];

	if (is_known(a, AUDIT_LEAK, &s->pin->ev, false)) {
		w->known |= AUDIT_BIT(AUDIT_LEAK);
		return;
	}
	if (has_exited(a, s->pin))
		snprintf(what, sizeof(what), "%" PRIu64 " pins are left %.1fs after their process has "
			 "exited", s->left, since(a, s->pin->exited_ns) / 1e9);
	else
		snprintf(what, sizeof(what), "%" PRIu64 " pins are left %.1fs after the file was closed "
			 "that they were asked for through", s->left, since(a, w->closed_ns) / 1e9);
	found_held(a, AUDIT_LEAK, s->pin, s->left, what);
}

static void judge_hold(struct audit *a, const struct suspect *s)
{
	struct watch *w = s->pin->audit;
	char what[AUDIT_TEXT];

	if (is_known(a, AUDIT_HOLD, &s->pin->ev, false)) {
		w->known |= AUDIT_BIT(AUDIT_HOLD);
		return;
	}
	snprintf(what, sizeof(what), "%" PRIu64 " pins without FOLL_LONGTERM are held for %.2fs",
		 s->left, since(a, s->pin->ev.time_ns) / 1e9);
	found_held(a, AUDIT_HOLD, s->pin, s->left, what);
}

static void judge_partial(struct audit *a, const struct suspect *s)
{
	struct watch *w = s->pin->audit;
	const struct trace_event *ev = &s->pin->ev;
	const char *name = strerrorname_np((int)-w->error);
	char what[AUDIT_TEXT];

	snprintf(what, sizeof(what), "%" PRIu64 " pins of a part (%" PRId64 " of %" PRIu64 ") are left "
		 "%.1fs after the system call has failed with %s", s->left, (int64_t)ev->got,
		 (uint64_t)ev->wanted, since(a, w->error_ns) / 1e9, name ? name : "an error");
	found_held(a, AUDIT_PARTIAL, s->pin, s->left, what);
	/* It is the same when the process then exits. */
	w->known |= AUDIT_BIT(AUDIT_LEAK);
}

static void judge_place(struct audit *a, const struct suspect *s, const struct reading *r)
{
	char what[AUDIT_TEXT];

	((struct watch *)s->pin->audit)->known |= AUDIT_BIT(AUDIT_MOVABLE);
	if (!r->movable)
		return;
	snprintf(what, sizeof(what), "%" PRIu64 " of %" PRIu64 " long-term pins lie in %s", r->movable,
		 s->left, r->where);
	found_held(a, AUDIT_MOVABLE, s->pin, r->movable, what);
}

static void judge(struct audit *a, const struct suspect *s, const struct scan_result *res)
{
	struct reading r = { .a = a, .res = res };

	pairs__pages(a->pairs, s->pin, read_pages, &r);
	if (s->why & AUDIT_BIT(AUDIT_MOVABLE))
		judge_place(a, s, &r);
	if (r.there < s->left) {
		judge_missing(a, s, s->left - r.there);
		return;
	}
	((struct watch *)s->pin->audit)->missing = 0;
	if (s->why & AUDIT_BIT(AUDIT_WRONG_RELEASE))
		wait_longer(a, s->pin->audit);
	if (s->why & AUDIT_BIT(AUDIT_PARTIAL))
		judge_partial(a, s);
	else if (s->why & AUDIT_BIT(AUDIT_LEAK))
		judge_leak(a, s);
	else if (s->why & AUDIT_BIT(AUDIT_HOLD))
		judge_hold(a, s);
}

/*
 * A small page whose pin was dropped by put_page() may look pinned by one reference that a per-CPU
 * LRU batch has. So none is left there before pins are said to be still held.
 */
static bool needs_drain(struct audit *a)
{
	const uint32_t accusing = AUDIT_BIT(AUDIT_LEAK) | AUDIT_BIT(AUDIT_HOLD) |
				  AUDIT_BIT(AUDIT_PARTIAL);
	bool needed = false;
	size_t i;

	for (i = 0; i < a->nr_suspects; i++) {
		struct watch *w = a->suspects[i].pin->audit;
		uint32_t why = a->suspects[i].why & accusing & ~w->drained;

		needed |= why;
		w->drained |= why;
	}
	return needed;
}

static void look_at_pages(struct audit *a, struct pfn_ranges *ranges)
{
	const struct audit_machine *m = a->opts.machine;
	struct scan_result res = {};
	size_t i;
	int err;

	pfn_ranges_sort(ranges);
	if (needs_drain(a))
		m->drain(a->opts.arg);
	err = m->scan(a->opts.arg, ranges, &res);
	m->catch_up(a->opts.arg);
	for (i = 0; i < a->nr_suspects && !err; i++) {
		const struct suspect *s = &a->suspects[i];

		if (s->pin && s->pin->left == s->left)
			judge(a, s, &res);
	}
	scan_result_free(&res);
}

void look_at_held(struct audit *a)
{
	struct collecting c = { .a = a };
	size_t i;

	pairs__each(a->pairs, collect, &c);
	if (a->nr_suspects)
		look_at_pages(a, &c.ranges);
	for (i = 0; i < a->nr_suspects; i++)
		if (a->suspects[i].pin)
			watch_of(a->suspects[i].pin)->suspect = 0;
	a->nr_suspects = 0;
	pfn_ranges_free(&c.ranges);
}
