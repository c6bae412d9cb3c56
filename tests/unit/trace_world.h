/* SPDX-License-Identifier: GPL-2.0 */
/* A trace, made up: what a view makes of pin calls and releases that the pairing has seen. */
#ifndef PINSCOPE_TESTS_TRACE_WORLD_H
#define PINSCOPE_TESTS_TRACE_WORLD_H

#include <stdlib.h>
#include <string.h>

#include "follflags.h"
#include "trace_view.h"

#define US 1000ull
#define MS (1000 * US)
#define SECOND (1000 * MS)
#define BEGAN (1000 * SECOND)	/* CLOCK_MONOTONIC at 2023-11-14 22:13:20 UTC, 1700000000 */

#define WRITE 0x1u
#define LONGTERM 0x100u
#define FILTERED 13	/* a process that nobody wants to see */

enum { AT_NOWHERE, AT_URING, AT_VFIO, AT_EVIL, SITES };

struct trace_world {
	struct foll_names flags;
	struct trace_info info;
	struct trace_health health;
	struct named_site sites[SITES];
	struct named_ustack ustack;
	struct pairs *pairs;
	struct trace_view *view;
	const struct named_site *release_site;
	FILE *out;
	char *text;
	size_t size;
};

static char *uring_frames[] = {
	(char *)"pin_user_pages_fast+0x1b/0x90", (char *)"io_pin_pages+0x6f/0x150",
	(char *)"do_syscall_64+0x5d/0xf0",
};
static char *vfio_frames[] = {
	(char *)"vfio_pin_pages_remote+0x12/0x80 [vfio_iommu_type1]",
};
static char *evil_frames[] = {
	(char *)"evil;\n\"+0x12/0x34 [m\xff]", (char *)"0xffffffff81000012",
};
static char *user_frames[] = {
	(char *)"io_uring_register_buffers+0x21 (liburing.so.2)",
	(char *)"run<int (*)(char)>::main;+0x7 (fio)", (char *)"libc.so.6+0x29d8f",
};

static inline void world_site(struct trace_world *w, unsigned int at, const char *driver,
			      const char *function, char **frames, size_t nr)
{
	struct named_site *s = &w->sites[at];

	s->id = at;
	snprintf(s->name.driver, sizeof(s->name.driver), "%s", driver);
	snprintf(s->name.function, sizeof(s->name.function), "%s", function);
	s->frames = frames;
	s->nr_frames = nr;
}

static inline void world_open(struct trace_world *w,
			      struct trace_view *(*view)(FILE *, const struct trace_view_opts *),
			      const struct trace_view_opts *opts)
{
	memset(w, 0, sizeof(*w));
	strcpy(w->flags.name[0], "FOLL_WRITE");
	strcpy(w->flags.name[8], "FOLL_LONGTERM");
	strcpy(w->info.kernel, "6.12.57+deb13-amd64");
	strcpy(w->info.machine, "x86_64");
	w->info.began_ns = BEGAN;
	w->info.wall_ns = (int64_t)(1700000000 * SECOND - BEGAN);
	w->info.page_size = 4096;
	w->info.flags = &w->flags;
	world_site(w, AT_NOWHERE, "unknown", "", NULL, 0);
	world_site(w, AT_URING, "io_uring", "io_pin_pages", uring_frames, 3);
	world_site(w, AT_VFIO, "vfio", "vfio_pin_pages_remote", vfio_frames, 1);
	w->sites[AT_VFIO].truncated = true;
	world_site(w, AT_EVIL, "\033[2J\"\\;", "x\xff", evil_frames, 2);
	w->ustack = (struct named_ustack){ user_frames, 3 };
	w->pairs = pairs__new();
	w->out = open_memstream(&w->text, &w->size);
	w->view = view(w->out, opts);
	w->view->ops->begin(w->view, &w->info);
}

/* A call of the fast function by fio's thread, @us after the trace began. */
static inline struct trace_event world_call(uint64_t us, uint64_t wanted, int64_t got)
{
	return (struct trace_event){
		.type = TRACE_PIN, .time_ns = BEGAN + us * US, .begun_ns = BEGAN + us * US - 12345,
		.start = 0x7f0000001000, .wanted = wanted, .got = got, .site = AT_URING,
		.flags = WRITE | LONGTERM, .function = GUP_pin_user_pages_fast, .tgid = 7331,
		.tid = 7335, .uid = 1000, .cgroup = 4243, .owner = 7331, .comm = "fio-worker",
		.owner_comm = "fio", .pins = got > 0 ? (uint64_t)got : 0, .ustack = 7,
	};
}

static inline struct trace_event world_release(uint64_t us, uint64_t pins)
{
	return (struct trace_event){
		.type = TRACE_UNPIN, .time_ns = BEGAN + us * US, .wanted = pins, .pins = pins,
		.function = GUP_unpin_user_pages, .tgid = 88, .tid = 88, .comm = "kworker/3:1",
	};
}

/* The call @ev of pages that lie behind each other, from @pfn on. */
static inline void world_pin(struct trace_world *w, const struct trace_event *ev, uint64_t pfn)
{
	uint64_t run = RUN_WORD(pfn, ev->pins, 0);
	struct trace_call call = { .ev = ev, .runs = &run, .nr_runs = !!ev->pins };
	struct paired_pin *pin = pairs__pinned(w->pairs, &call);
	struct shown_pin shown = {
		.pin = pin, .ev = ev, .site = &w->sites[ev->site], .nr = pin ? pin->nr : 0,
		.ustack = ev->ustack ? &w->ustack : NULL,
	};

	if (ev->tgid != FILTERED)
		w->view->ops->pin(w->view, &shown);
}

static inline void world_unpin(struct trace_world *w, const struct trace_event *ev, uint64_t pfn)
{
	uint64_t run = RUN_WORD(pfn, ev->pins, 0);
	struct trace_call call = { .ev = ev, .runs = &run, .nr_runs = 1 };
	const struct named_site *sites[8] = {};
	const struct named_ustack *ustacks[8] = {};
	const struct paired_part *parts;
	struct shown_unpin shown = {
		.ev = ev, .nr_parts = pairs__released(w->pairs, &call, &parts), .sites = sites,
		.site = w->release_site, .ustacks = ustacks,
	};
	size_t i;

	for (i = 0; i < shown.nr_parts && i < 8; i++) {
		if (!parts[i].pin)
			continue;
		sites[i] = &w->sites[parts[i].pin->ev.site];
		ustacks[i] = parts[i].pin->ev.ustack ? &w->ustack : NULL;
	}
	shown.parts = parts;
	w->view->ops->unpin(w->view, &shown);
	for (i = 0; i < shown.nr_parts; i++)
		if (parts[i].pin && !parts[i].pin->left)
			pairs__forget(w->pairs, parts[i].pin);
}

static inline const struct named_site *world_site_of(void *arg, const struct trace_event *ev)
{
	struct trace_world *w = arg;

	return &w->sites[ev->site];
}

static inline const struct named_ustack *world_ustack_of(void *arg, const struct trace_event *ev)
{
	struct trace_world *w = arg;

	return ev->ustack ? &w->ustack : NULL;
}

static inline bool world_wants(void *arg, const struct paired_pin *pin)
{
	return pin->ev.tgid != FILTERED;
}

/* Ends the trace @us after its begin; what has been written so far. */
static inline const char *world_end(struct trace_world *w, uint64_t us)
{
	struct trace_end end = {
		.ended_ns = BEGAN + us * US, .health = &w->health, .pairs = w->pairs,
		.site = world_site_of, .ustack = world_ustack_of, .wanted = world_wants, .arg = w,
	};

	w->view->ops->end(w->view, &end);
	fflush(w->out);
	return w->text;
}

static inline void world_close(struct trace_world *w)
{
	w->view->ops->free(w->view);
	fclose(w->out);
	free(w->text);
	pairs__free(w->pairs);
}

#endif
