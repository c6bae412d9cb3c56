/* SPDX-License-Identifier: GPL-2.0 */
/* A snapshot with live events, made up: three processes, two drivers, three sites. */
#ifndef PINSCOPE_TESTS_LIVE_WORLD_H
#define PINSCOPE_TESTS_LIVE_WORLD_H

#include <stdio.h>
#include <string.h>

#include "snapshot.h"

#define MIB (1ull << 20)
#define SECOND 1000000000ull	/* ns */
#define NOW (100 * SECOND)

struct live_world {
	struct snapshot snap;
	struct snap_live live;
	struct snap_proc procs[6];
	struct live_site sites[3];
	struct live_driver drivers[2];
	struct pin_sum site_sums[3], driver_sums[2], hold_sums[8];
	struct live_hold holds[8];
	struct attach_state probes[4];
	char *frames[3];
};

static inline struct pin_sum pages(uint64_t n)
{
	return (struct pin_sum){ .pins = n, .folios = n, .bytes = n * 4096 };
}

static inline struct snap_proc *live_add(struct live_world *w, pid_t pid, const char *comm,
					 uint64_t pins, const char *drivers)
{
	struct snap_proc *p = &w->procs[w->snap.nr_procs++];

	p->pid = pid;
	p->start_ns = (uint64_t)pid;
	snprintf(p->comm, sizeof(p->comm), "%s", comm);
	p->sum = pages(pins);
	p->drivers = (char *)drivers;
	p->flow.longterm = pins;
	w->snap.total.pins += pins;
	return p;
}

static inline void live_add_site(struct live_world *w, uint64_t id, const char *driver,
				 const char *summary, uint64_t pins)
{
	size_t nr = w->live.nr_sites++;
	struct live_site *s = &w->sites[nr];

	w->site_sums[nr] = pages(pins);
	*s = (struct live_site){
		.id = id, .driver = (char *)driver, .detail = (char *)"",
		.function = (char *)"", .summary = (char *)summary,
		.frames = w->frames, .sum = &w->site_sums[nr], .owners = (char *)"qemu[812] 2003",
	};
	s->flow.longterm = pins;
}

static inline void live_add_driver(struct live_world *w, const char *name, size_t sites,
				   uint64_t pins)
{
	size_t nr = w->live.nr_drivers++;

	w->driver_sums[nr] = pages(pins);
	w->drivers[nr] = (struct live_driver){
		.name = (char *)name, .sites = sites, .sum = &w->driver_sums[nr],
		.owners = (char *)"qemu[812] 2003",
	};
	w->drivers[nr].flow.longterm = pins;
}

/* @proc holds @pins from @site, the oldest for 90 s, the youngest for 7 s. */
static inline struct live_hold *live_add_hold(struct live_world *w, size_t proc, size_t site,
					      uint32_t flags, uint64_t pins)
{
	size_t nr = w->live.nr_holds++;
	struct live_hold *h = &w->holds[nr];

	w->hold_sums[nr] = pages(pins);
	*h = (struct live_hold){
		.proc = proc, .site = site, .flags = flags, .sum = &w->hold_sums[nr],
		.acquired = pins + 5, .released = 5,
		.oldest_ns = NOW - 90 * SECOND, .youngest_ns = NOW - 7 * SECOND,
	};
	return h;
}

static inline void live_begin(struct live_world *w)
{
	memset(w, 0, sizeof(*w));
	w->snap.taken_ns = NOW;
	w->snap.page_size = 4096;
	w->snap.kernel_known = w->snap.refreshed = true;
	w->snap.procs = w->procs;
	w->snap.live = &w->live;
	w->live.sites = w->sites;
	w->live.drivers = w->drivers;
	w->live.holds = w->holds;
	w->live.probes = w->probes;
	w->live.difference_known = true;
	w->live.details_ns = NOW - 3 * SECOND;
	w->live.sees_contexts = true;
	w->live.attached = (struct attach_summary){ .fentry = 2, .kprobe = 1, .pins = true,
						    .unpins = true };
	w->probes[0] = (struct attach_state){ "pin_user_pages", ATTACH_FENTRY, 0, 0 };
	w->probes[1] = (struct attach_state){ "pin_user_pages_fast", ATTACH_FENTRY, 0, 0 };
	w->probes[2] = (struct attach_state){ "unpin_user_pages", ATTACH_KPROBE, 0, 0 };
	w->probes[3] = (struct attach_state){ "memfd_pin_folios", ATTACH_ABSENT, 0, 0 };
	w->live.nr_probes = 4;
	w->frames[0] = (char *)"io_pin_pages+0x1b/0x90";
	w->frames[1] = (char *)"io_sqe_buffer_register+0xa2/0x5d0";
}

/* A machine as it may be. What it has pinned: 2003 + 503 + 101 pages. */
static inline void live_fill(struct live_world *w)
{
	struct snap_proc *p;

	live_begin(w);
	p = live_add(w, 812, "qemu", 2003, "vfio, io_uring");
	p->flow.oldest_ns = NOW - 90 * SECOND;
	p->flow.peak_pins = 4001;
	p = live_add(w, 900, "vpp", 503, "io_uring");
	p->exited = true;
	p->memlock_soft = p->vm_pin = p->vm_lck = SNAP_UNKNOWN;
	p->flow.oldest_ns = NOW - 7 * SECOND;
	p = live_add(w, 901, "fio", 0, "direct-io");
	p->flow.pin_rate = 1234567.8;
	p->flow.unpin_rate = 0.25;
	p->flow.calls = 77;
	live_add(w, 902, "idle", 0, "direct-io");
	live_add(w, 0, "", 101, "(before start)")->uid = (uid_t)-1;
	live_add_site(w, 0xfedcba9876543210, "vfio", "vfio_pin_map_dma < vfio_dma_do_map", 2003);
	live_add_site(w, 5, "io_uring", "io_pin_pages < io_sqe_buffer_register", 503);
	live_add_site(w, 3, "io_uring", "io_pin_pages < io_rsrc_update", 0);
	w->sites[1].nr_frames = 2;
	w->sites[1].truncated = true;
	live_add_driver(w, "io_uring", 2, 503);
	live_add_driver(w, "vfio", 1, 2003);
	w->live.in_flight = w->snap.after.in_flight = 2607;
	w->snap.unmapped = pages(11);
	w->snap.unseen = pages(13);
	w->snap.bias = pages(17);
}

#endif
