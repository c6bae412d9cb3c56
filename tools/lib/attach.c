// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../bpf/functions.h"
#include "../../bpf/ledger.h"
#include "attach.h"
#include "vec.h"

/*
 * The programs for a function are found by their names: FUNCTION_begins and
 * FUNCTION_ends, FUNCTION_task, FUNCTION_softirq and FUNCTION_hardirq, which
 * call FUNCTION_works by way of the map FUNCTION_call, and FUNCTION_k... for
 * kprobes.
 */
struct function {
	const char *name;
	bool unpins;
};

#define PINS(name) { #name, false },
#define UNPINS(name) { #name, true },

static const struct function functions[] = {
	PIN_FUNCTIONS(PINS)
	UNPIN_FUNCTIONS(UNPINS)
};

#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))
#define MAX_PROGRAMS 3

/* Ends first: a call whose begin is seen must be seen to end. */
static const char *const by_fentry[] = { "ends", "begins", "task", "softirq", "hardirq", "works" };
static const char *const by_kprobe[] = { "kends", "kbegins", "k" };

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define ATTACHED_BY_FENTRY (LENGTH(by_fentry) - 1)	/* all but the one that these call */

struct attachment {
	struct attach_state states[FUNCTIONS];
	struct bpf_link *links[FUNCTIONS][MAX_PROGRAMS];
	struct bpf_program *programs[FUNCTIONS][MAX_PROGRAMS];
};

static struct bpf_program *program_of(struct bpf_object *obj, const char *function,
				      const char *suffix)
{
	char name[96];

	snprintf(name, sizeof(name), "%s_%s", function, suffix);
	return bpf_object__find_program_by_name(obj, name);
}

static void set_autoload(struct bpf_object *obj, const char *function, const char *const *suffixes,
			 size_t nr, bool load)
{
	struct bpf_program *prog;
	size_t k;

	for (k = 0; k < nr; k++) {
		prog = program_of(obj, function, suffixes[k]);
		if (prog)
			bpf_program__set_autoload(prog, load);
	}
}

static bool has_function(const struct btf *btf, size_t i)
{
	return btf__find_by_name_kind(btf, functions[i].name, BTF_KIND_FUNC) > 0;
}

void attach_choose(struct bpf_object *obj, const struct btf *btf, const struct attachment *plan)
{
	size_t i;

	for (i = 0; i < FUNCTIONS; i++) {
		bool has = has_function(btf, i);
		bool kprobe = plan->states[i].way == ATTACH_NONE;

		set_autoload(obj, functions[i].name, by_fentry, LENGTH(by_fentry), has && !kprobe);
		set_autoload(obj, functions[i].name, by_kprobe, LENGTH(by_kprobe), has && kprobe);
	}
}

static void detach(struct attachment *a, size_t i)
{
	int n;

	for (n = 0; n < MAX_PROGRAMS; n++) {
		bpf_link__destroy(a->links[i][n]);
		a->links[i][n] = NULL;
		a->programs[i][n] = NULL;
	}
}

/* Attaches all programs of one function, or none. How many there are, or -errno. */
static int attach_all(struct attachment *a, struct bpf_object *obj, size_t i,
		      const char *const *suffixes, size_t nr)
{
	struct bpf_program *prog;
	struct bpf_link *link;
	size_t k;
	int n = 0;

	for (k = 0; k < nr; k++) {
		prog = program_of(obj, functions[i].name, suffixes[k]);
		if (!prog || !bpf_program__autoload(prog))
			continue;
		link = bpf_program__attach(prog);
		if (!link) {
			n = -errno;
			detach(a, i);
			return n;
		}
		a->programs[i][n] = prog;
		a->links[i][n++] = link;
	}
	return n;
}

/* Gives the programs of a release function the one that they call. 0 or -errno. */
static int connect_worker(struct bpf_object *obj, const char *function)
{
	struct bpf_program *worker = program_of(obj, function, "works");
	__u32 key = 0, fd;
	char name[96];

	if (!worker || !bpf_program__autoload(worker))
		return 0;
	snprintf(name, sizeof(name), "%s_call", function);
	fd = bpf_program__fd(worker);
	return bpf_map_update_elem(bpf_object__find_map_fd_by_name(obj, name), &key, &fd,
				   BPF_ANY) ? -errno : 0;
}

static void attach_function(struct attachment *a, struct bpf_object *obj, const struct btf *btf,
			    const struct attachment *plan, size_t i)
{
	struct attach_state *state = &a->states[i];
	int n;

	state->function = functions[i].name;
	n = connect_worker(obj, functions[i].name);
	if (!n)
		n = attach_all(a, obj, i, by_fentry, ATTACHED_BY_FENTRY);
	if (n > 0) {
		state->way = ATTACH_FENTRY;
		return;
	}
	if (!n)
		n = attach_all(a, obj, i, by_kprobe, LENGTH(by_kprobe));
	state->way = n > 0 ? ATTACH_KPROBE : has_function(btf, i) ? ATTACH_NONE : ATTACH_ABSENT;
	state->err = n < 0 ? n : 0;
	state->fentry_err = plan->states[i].err;
}

struct attachment *attachment__new(struct bpf_object *obj, const struct btf *btf,
				   const struct attachment *plan)
{
	struct attachment *a = xcalloc(1, sizeof(*a));
	size_t i;

	/* Releases first: the comparison with memory that follows finds what pins were missed. */
	for (i = FUNCTIONS; i-- > 0;)
		attach_function(a, obj, btf, plan, i);
	return a;
}

struct attachment *attachment__none_since(int err)
{
	struct attachment *a = xcalloc(1, sizeof(*a));
	size_t i;

	for (i = 0; i < FUNCTIONS; i++)
		a->states[i].err = err;
	return a;
}

bool attachment__give_up(struct attachment *plan, const struct attachment *a)
{
	bool some = false;
	size_t i;

	for (i = 0; i < FUNCTIONS; i++) {
		if (a->states[i].way != ATTACH_NONE || plan->states[i].way == ATTACH_NONE)
			continue;
		plan->states[i].way = ATTACH_NONE;
		plan->states[i].err = a->states[i].err;
		some = true;
	}
	return some;
}

struct attachment *attachment__all(void)
{
	struct attachment *a = attachment__none_since(0);
	size_t i;

	for (i = 0; i < FUNCTIONS; i++)
		a->states[i].way = ATTACH_FENTRY;
	return a;
}

bool attachment__refuse(struct attachment *plan, const char *program, int err)
{
	char name[96];
	size_t i, k;

	for (i = 0; i < FUNCTIONS; i++) {
		for (k = 0; k < LENGTH(by_fentry); k++) {
			snprintf(name, sizeof(name), "%s_%s", functions[i].name, by_fentry[k]);
			if (strcmp(name, program) || plan->states[i].way == ATTACH_NONE)
				continue;
			plan->states[i].way = ATTACH_NONE;
			plan->states[i].err = err;
			return true;
		}
	}
	return false;
}

struct attachment *attachment__untried(const struct btf *btf)
{
	struct attachment *a = attachment__none_since(0);
	size_t i;

	for (i = 0; i < FUNCTIONS; i++) {
		a->states[i].function = functions[i].name;
		a->states[i].way = has_function(btf, i) ? ATTACH_NONE : ATTACH_ABSENT;
	}
	return a;
}

void attachment__free(struct attachment *a)
{
	size_t i;

	if (!a)
		return;
	for (i = 0; i < FUNCTIONS; i++)
		detach(a, i);
	free(a);
}

const struct attach_state *attachment__states(const struct attachment *a, size_t *nr)
{
	*nr = FUNCTIONS;
	return a->states;
}

struct attach_summary attachment__summary(const struct attachment *a)
{
	struct attach_summary sum = {};
	size_t i;

	for (i = 0; i < FUNCTIONS; i++) {
		switch (a->states[i].way) {
		case ATTACH_FENTRY:
			sum.fentry++;
			break;
		case ATTACH_KPROBE:
			sum.kprobe++;
			break;
		case ATTACH_NONE:
			sum.missing++;
			continue;
		case ATTACH_ABSENT:
			continue;
		}
		if (functions[i].unpins)
			sum.unpins = true;
		else
			sum.pins = true;
	}
	return sum;
}

/*
 * Hits of a kprobe for which the kernel did not even come to the program: it
 * was in a kprobe already, or too many calls were under way to wait for their
 * return. As struct bpf_link_info has it since v6.7: newer than
 * the headers that one may build with. 0 on older kernels: they do not say.
 */
struct kprobe_link_info {
	__u32 type, id, prog_id, pad;
	__u32 event_type, event_pad;
	__u64 name;
	__u32 name_len, offset;
	__u64 addr, missed, cookie;
};

#define LINK_PERF_EVENT 7
#define EVENT_KPROBE 3
#define EVENT_KRETPROBE 4

static uint64_t kprobe_misses(const struct bpf_link *link)
{
	struct kprobe_link_info info = {};
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &len) ||
	    info.type != LINK_PERF_EVENT ||
	    (info.event_type != EVENT_KPROBE && info.event_type != EVENT_KRETPROBE))
		return 0;
	return info.missed;
}

static uint64_t program_misses(const struct attachment *a, size_t i, int n)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	uint64_t misses;

	if (bpf_obj_get_info_by_fd(bpf_program__fd(a->programs[i][n]), &info, &len))
		return 0;
	misses = info.recursion_misses;
	if (a->states[i].way == ATTACH_KPROBE)
		misses += kprobe_misses(a->links[i][n]);
	return misses;
}

/* Of copy @n, for context @n. */
static uint64_t excused(const struct ledger_totals *t, size_t i, int n)
{
	return functions[i].unpins ?
		       __atomic_load_n(&t->excused[i - FIRST_UNPIN][n], __ATOMIC_ACQUIRE) : 0;
}

#define TRIES 8

/* A miss and what excuses it are counted one after the other: as both are when nothing comes. */
static uint64_t unexcused(const struct attachment *a, const struct ledger_totals *t, size_t i, int n)
{
	uint64_t before = excused(t, i, n), misses = program_misses(a, i, n), now;
	int tries;

	for (tries = 1; (now = excused(t, i, n)) != before && tries < TRIES; tries++) {
		before = now;
		misses = program_misses(a, i, n);
	}
	/* Of one taken back before it was given there are 2^64 - 1, for a moment. */
	return (int64_t)(misses - before) > 0 ? misses - before : 0;
}

uint64_t attachment__missed_runs(const struct attachment *a, const struct ledger_totals *t)
{
	uint64_t sum = 0;
	size_t i;
	int n;

	for (i = 0; i < FUNCTIONS; i++)
		for (n = 0; n < MAX_PROGRAMS && a->programs[i][n]; n++)
			sum += unexcused(a, t, i, n);
	return sum;
}

const char *attach_way_name(enum attach_way way)
{
	switch (way) {
	case ATTACH_FENTRY:
		return "fentry";
	case ATTACH_KPROBE:
		return "kprobe";
	case ATTACH_ABSENT:
		return "not in this kernel";
	default:
		return "cannot be attached";
	}
}
