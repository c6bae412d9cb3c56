/* SPDX-License-Identifier: GPL-2.0 */
/* Snapshots made by hand, for test_svgmap.c: a machine's memory and who pins what of it. */
#ifndef PINSCOPE_TEST_SVGMAP_WORLD_H
#define PINSCOPE_TEST_SVGMAP_WORLD_H

#include <stdio.h>
#include <string.h>

#include "snapshot.h"
#include "vec.h"
#include "zones.h"

#define MB_PAGES 256ull			/* 4 KiB pages in 1 MiB */
#define GB_PAGES (1024 * MB_PAGES)

struct world {
	struct snapshot snap;
	struct zone_span spans[8];
	size_t nr_spans;
	size_t cap_procs, cap_runs, cap_folios, cap_shared;
	uint64_t nr_shared;
	uint64_t seed;
};

static inline void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->snap.page_size = 4096;
	w->snap.taken_at = 1772625296;
	w->seed = 1;
}

static inline void world_free(struct world *w)
{
	size_t i;

	for (i = 0; i < w->snap.nr_notes; i++)
		free(w->snap.notes[i]);
	free(w->snap.notes);
	free(w->snap.procs);
	free(w->snap.runs);
	free(w->snap.first);
	free(w->snap.owner);
	free(w->snap.is_shared);
	pfn_ranges_free(&w->snap.ranges);
}

/* The same numbers on each run. */
static inline uint64_t world_random(struct world *w, uint64_t below)
{
	w->seed = w->seed * 6364136223846793005ull + 1442695040888963407ull;
	return (w->seed >> 33) % below;
}

static inline void world_ram(struct world *w, uint64_t start, uint64_t end)
{
	pfn_ranges_add(&w->snap.ranges, start, end);
}

static inline void world_zone(struct world *w, int node, const char *name, uint64_t start,
			      uint64_t end)
{
	struct zone_span *s = &w->spans[w->nr_spans++];

	*s = (struct zone_span){ .node = node, .start_pfn = start, .end_pfn = end };
	snprintf(s->zone, sizeof(s->zone), "%s", name);
}

static inline uint32_t world_proc(struct world *w, pid_t pid, const char *comm)
{
	struct snap_proc *p = vec_push(w->snap.procs, w->snap.nr_procs, w->cap_procs);
	size_t len = strlen(comm);

	memset(p, 0, sizeof(*p));
	p->pid = pid;
	/* Sixteen bytes fill it: no '\0' then. */
	memcpy(p->comm, comm, len < sizeof(p->comm) ? len : sizeof(p->comm));
	return w->snap.nr_procs - 1;
}

/* @folios folios from @pfn on, each with one pin. By ascending PFN. */
static inline struct pin_run *world_pin(struct world *w, uint64_t pfn, uint32_t folios,
					uint8_t order, uint32_t owner)
{
	struct snapshot *s = &w->snap;
	size_t cap_first = w->cap_runs;
	struct pin_run *run = vec_push(s->runs, s->nr_runs, w->cap_runs);
	uint32_t i;

	if (cap_first != w->cap_runs)
		s->first = xrealloc(s->first, w->cap_runs, sizeof(*s->first));
	s->first[s->nr_runs - 1] = s->nr_folios;
	*run = (struct pin_run){ .pfn = pfn, .folios = folios, .order = order, .pins = 1 };
	for (i = 0; i < folios; i++) {
		*vec_push(s->owner, s->nr_folios, w->cap_folios) = owner;
		*vec_push(s->is_shared, w->nr_shared, w->cap_shared) = 0;
	}
	s->total.pins += folios;
	s->total.folios += folios;
	s->total.bytes += ((uint64_t)folios << order) * s->page_size;
	return run;
}

/* The last run is no pin, but a large reference count of the kernel's own. */
static inline void world_last_is_bias(struct world *w)
{
	struct pin_run *run = &w->snap.runs[w->snap.nr_runs - 1];

	run->kind = PIN_BIAS;
	w->snap.total.pins -= run->folios;
	w->snap.total.folios -= run->folios;
	w->snap.total.bytes -= pin_run_pages(run) * w->snap.page_size;
}

static inline void world_note(struct world *w, const char *text)
{
	struct snapshot *s = &w->snap;

	s->notes = xrealloc(s->notes, s->nr_notes + 1, sizeof(*s->notes));
	s->notes[s->nr_notes++] = xstrdup(text);
}

/* 24 GiB as a PC has them: below 3 GiB and from 4 GiB on. */
static inline void world_laptop_memory(struct world *w)
{
	world_ram(w, 1, 0x9f);
	world_ram(w, 0x100, 0xbf7ff);
	world_ram(w, 0x100000, 0x640000);
	world_zone(w, 0, "DMA", 1, 0x1000);
	world_zone(w, 0, "DMA32", 0x1000, 0x100000);
	world_zone(w, 0, "Normal", 0x100000, 0x640000);
}

static inline void world_laptop(struct world *w)
{
	static const char *const names[] = {
		"qemu-system-x86", "firefox", "gnome-shell", "pipewire", "Xwayland", "steam",
		"chrome", "obs", "postgres", "code", "fio", "v4l2-ctl",
	};
	uint64_t pfn = 0x2000;
	size_t i;

	world_init(w);
	world_laptop_memory(w);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		world_proc(w, 800 + 131 * i, names[i]);
	/* Small buffers of everybody, here and there; the guest's memory in huge pages. */
	while (pfn < 0x400000) {
		uint32_t pages = 1 + world_random(w, 300);
		uint32_t who = world_random(w, 14);

		if (pfn < 0xbf000 || pfn > 0x100000)
			world_pin(w, pfn, pages, 0, who < 12 ? who : who == 12 ? OWNER_UNMAPPED :
								     OWNER_UNSEEN);
		if (who == 13 && pfn > 0x200000)
			world_last_is_bias(w);
		pfn += pages + world_random(w, pfn < 0x280000 ? 12000 : 90000);
	}
	for (pfn = 0x400000; pfn < 0x560000; pfn += 512)
		if (world_random(w, 16) < 13)
			world_pin(w, pfn, 1, 9, 0);
	world_pin(w, 0x600000, 3000, 0, 7);
	w->snap.kernel_known = true;
	w->snap.after.in_flight = w->snap.total.pins + 3;
}

/* 1 TiB on two nodes, guests pinned in 2 MiB folios, the end of node 1 movable. */
static inline void world_server(struct world *w)
{
	uint64_t low = 2 * GB_PAGES, node1 = 514 * GB_PAGES, end = 1026 * GB_PAGES;
	uint64_t pfn = 8 * GB_PAGES;
	char name[24];
	int i;

	world_init(w);
	world_ram(w, 1, low);
	world_ram(w, 4 * GB_PAGES, end);
	world_zone(w, 0, "DMA", 1, 0x1000);
	world_zone(w, 0, "DMA32", 0x1000, 4 * GB_PAGES);
	world_zone(w, 0, "Normal", 4 * GB_PAGES, node1);
	world_zone(w, 1, "Normal", node1, 898 * GB_PAGES);
	world_zone(w, 1, "Movable", 898 * GB_PAGES, end);
	for (i = 0; i < 11; i++) {
		snprintf(name, sizeof(name), i < 8 ? "CPU %d/KVM" : "vfio-user-%d", i);
		world_proc(w, 40000 + 7 * i, name);
	}
	for (i = 0; i < 11; i++) {
		uint64_t stop = pfn + (i < 8 ? 64 : 5) * GB_PAGES;

		for (; pfn < stop; pfn += (1 + world_random(w, 9) / 8) * 2 * MB_PAGES)
			world_pin(w, pfn, 1, 9, i);
		pfn = (pfn + GB_PAGES) & ~(2 * MB_PAGES - 1);
	}
	world_pin(w, 700 * GB_PAGES, 16, 18, OWNER_UNMAPPED);	/* hugetlb, 1 GiB each */
	world_pin(w, 930 * GB_PAGES, 300, 9, 3);
	w->snap.kernel_known = true;
	w->snap.after.in_flight = w->snap.total.pins;
}

#endif
