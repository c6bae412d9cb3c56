// SPDX-License-Identifier: GPL-2.0
/*
 * maketrace FILE    a recording of which all is known, for tests of pintrace --replay:
 *
 *	#1 app        io_uring     pins 127 pages for 2 s, long-term; released by a kernel thread
 *	#2 app        process_vm   127 pages of "guest", released after 1 ms by itself
 *	   app        vfio         fails with ENOMEM
 *	#3 app        vfio         311 of 509 pages, never released; 1009 of a huge page's beside them
 *	#4 evil\e[2J  io_uring     7 pages, released in an interrupt after 10 s, page by page
 *	   -          -            61 pages are released that nobody was seen to pin
 */
#include <stdio.h>
#include <string.h>

#include "follflags.h"
#include "record.h"
#include "vec.h"

#define SECOND 1000000000ULL
#define BEGAN (5000 * SECOND)
#define WRITE 0x1
#define LONGTERM 0x100

static const char *const uring[] = {
	"pin_user_pages_fast+0x1b/0x90", "io_pin_pages+0x6f/0x150", "io_sqe_buffer_register+0x12/0x300",
	"do_syscall_64+0x5d/0xf0",
};
static const char *const pvm[] = { "pin_user_pages_remote+0x1b/0x90", "process_vm_rw+0x123/0x400" };
static const char *const vfio[] = {
	"pin_user_pages_remote+0x1b/0x90", "vfio_pin_pages_remote+0x1c/0x80 [vfio_iommu_type1]",
};

static struct record *record;
static uint64_t seq;

static void check(int err, const struct fail *fail)
{
	if (!err)
		return;
	fprintf(stderr, "maketrace: %s\n", fail->msg);
	exit(1);
}

static struct named_site *site(uint64_t id, const char *driver, const char *module,
			       const char *const *frames, size_t nr)
{
	struct named_site *s = xcalloc(1, sizeof(*s));
	size_t i;

	s->id = id;
	snprintf(s->name.driver, sizeof(s->name.driver), "%s", driver);
	snprintf(s->name.module, sizeof(s->name.module), "%s", module);
	s->name.frame = 1;
	s->frames = xcalloc(nr, sizeof(*s->frames));
	for (i = 0; i < nr; i++)
		s->frames[i] = xstrdup(frames[i]);
	s->nr_frames = nr;
	return s;
}

static struct trace_event at(uint64_t ns, uint32_t type, unsigned int function, uint32_t pid,
			     const char *comm)
{
	struct trace_event ev = {
		.type = type, .seq = ++seq, .time_ns = BEGAN + ns, .function = function,
		.tgid = pid, .tid = pid, .uid = 1000,
	};

	snprintf(ev.comm, sizeof(ev.comm), "%s", comm);
	return ev;
}

static void put(struct trace_event *ev, const struct named_site *s, const uint64_t *runs, size_t nr)
{
	struct trace_call call = { .ev = ev, .runs = runs, .nr_runs = nr };
	struct fail fail;
	size_t i;

	for (i = 0; i < nr; i++)
		ev->pins += RUN_COUNT(runs[i]);
	ev->site = s ? s->id : 0;
	check(record__call(record, &call, s, NULL, &fail), &fail);
}

static void pin(struct trace_event ev, const struct named_site *s, uint64_t wanted, int64_t got,
		const uint64_t *runs, size_t nr)
{
	ev.begun_ns = ev.time_ns - 12300;
	ev.start = 0x7f0000001000;
	ev.wanted = wanted;
	ev.got = got;
	if (!ev.owner) {
		ev.owner = ev.tgid;
		memcpy(ev.owner_comm, ev.comm, sizeof(ev.comm));
	}
	put(&ev, s, runs, nr);
}

static void unpin(struct trace_event ev, uint64_t run)
{
	ev.wanted = RUN_COUNT(run);
	put(&ev, NULL, &run, 1);
}

int main(int argc, char **argv)
{
	struct foll_names flags = { .name = { [0] = "FOLL_WRITE", [8] = "FOLL_LONGTERM" } };
	struct trace_info info = {
		.kernel = "6.12.0-made-up", .machine = "x86_64", .began_ns = BEGAN,
		.wall_ns = (int64_t)(1700000000 * SECOND - BEGAN), .page_size = 4096,
		.flags = &flags,
	};
	const uint64_t first = RUN_WORD(0x1000, 127, 0), second = RUN_WORD(0x2000, 127, 0),
		       third[] = { RUN_WORD(0x3000, 311, 0), RUN_WORD(0x4000, 1009, 10) },
		       fourth = RUN_WORD(0x5000, 7, 0);
	struct named_site *uring_site = site(11, "io_uring", "", uring, 4),
			  *pvm_site = site(12, "process_vm", "", pvm, 2),
			  *vfio_site = site(13, "vfio", "vfio_iommu_type1", vfio, 2);
	struct trace_health health = {};
	struct trace_event ev;
	struct fail fail;
	int i;

	if (argc != 2)
		return 1;
	record = record__open(argv[1], &info, &fail);
	check(!record, &fail);
	ev = at(1000000, TRACE_PIN, GUP_pin_user_pages_fast, 100, "app");
	ev.flags = WRITE | LONGTERM;
	pin(ev, uring_site, 127, 127, &first, 1);
	ev = at(2000000, TRACE_PIN, GUP_pin_user_pages_remote, 100, "app");
	ev.owner = 200;
	strcpy(ev.owner_comm, "guest");
	pin(ev, pvm_site, 127, 127, &second, 1);
	unpin(at(3000000, TRACE_UNPIN, GUP_unpin_user_pages, 100, "app"), second);
	ev = at(4000000, TRACE_PIN, GUP_pin_user_pages_remote, 100, "app");
	ev.flags = WRITE | LONGTERM;
	pin(ev, vfio_site, 61, -12, NULL, 0);
	ev.time_ns += 1000000;
	ev.seq = ++seq;
	ev.pins = 0;
	pin(ev, vfio_site, 1518, 1320, third, 2);
	ev = at(6000000, TRACE_PIN, GUP_pin_user_pages_fast, 300, "evil\033[2J");
	ev.tid = 301;
	ev.uid = 0;
	pin(ev, uring_site, 7, 7, &fourth, 1);
	unpin(at(7000000, TRACE_UNPIN, GUP_unpin_user_pages, 9, "kworker/0:1"), RUN_WORD(0x9000, 61, 0));
	ev = at(2001000000, TRACE_UNPIN, GUP_unpin_user_pages, 9, "kworker/0:1");
	ev.flags = 1;
	unpin(ev, first);
	ev = at(3000000000, TRACE_EXIT, 0, 100, "app");
	put(&ev, NULL, NULL, 0);
	for (i = 0; i < 7; i++) {
		ev = at(10006000000 + i * 1000, TRACE_UNPIN, GUP_unpin_user_folio, 77, "other");
		ev.context = IN_SOFTIRQ;
		unpin(ev, RUN_WORD(0x5000 + i, 1, 0));
	}
	health.totals.calls = 5;
	health.totals.releases = 10;
	check(record__end(record, BEGAN + 20 * SECOND, &health, &fail), &fail);
	return 0;
}
