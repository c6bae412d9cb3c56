// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <string.h>

#include "caps.h"
#include "notes.h"
#include "text.h"
#include "vec.h"

static void __attribute__((format(printf, 2, 3))) note(struct snapshot *snap, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	snap->notes = xrealloc(snap->notes, snap->nr_notes + 1, sizeof(*snap->notes));
	snap->notes[snap->nr_notes++] = text;
}

void notes_left_out(struct snapshot *snap, uint64_t pins, const char *cgroup)
{
	if (pins)
		note(snap, "%llu pin%s left out, charged to cgroups whose path is not to be had "
			   "(removed, or missing CAP_DAC_READ_SEARCH), which could belong to %s",
		     (unsigned long long)pins, text_s(pins), cgroup);
}

/* Which of the capabilities to look at the files of others is missing: "" for none. */
static const char *missing_for_files(void)
{
	bool dir = caps_have(CAPS_FOR_NAMES), link = caps_have(CAPS_FOR_OTHERS);

	return dir && link ? "" : dir ? ": missing CAP_SYS_PTRACE" :
	       link ? ": missing CAP_DAC_READ_SEARCH" :
		      ": missing CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE";
}

static void note_names(struct snapshot *snap)
{
	size_t i, unnamed = 0;

	for (i = 0; i < snap->nr_cgroups; i++)
		unnamed += snap->cgroups[i].path[0] == '#';
	if (unnamed && !caps_have(CAPS_FOR_NAMES))
		note(snap, "%zu memory cgroup%s here by number: missing CAP_DAC_READ_SEARCH",
		     unnamed, unnamed == 1 ? " stands" : "s stand");
}

void notes_limits(struct snapshot *snap, const struct owners_report *r, bool pinned_known)
{
	const struct scan_counts *c = &snap->scan;

	if (snap->memory != MEMORY_IOMEM)
		note(snap, "/proc/iomem %s: scanned the spans of /proc/zoneinfo, which have holes",
		     snap->memory == MEMORY_NO_IOMEM ? "does not say where memory is" :
		     caps_have(CAPS_FOR_PFNS) ? "hides addresses" :
						"hides addresses: missing CAP_SYS_ADMIN");
	if (c->unreadable)
		note(snap, "%llu page frame%s of the scanned range ha%s no struct page",
		     (unsigned long long)c->unreadable, text_s(c->unreadable),
		     c->unreadable == 1 ? "s" : "ve");
	if (snap->files_lost)
		note(snap, "no name for %llu file%s, which stand%s together: the table holds %d",
		     (unsigned long long)snap->files_lost, text_s(snap->files_lost),
		     snap->files_lost == 1 ? "s" : "", SCAN_MAX_FILES);
	if (c->raced)
		note(snap, "left out: %llu folio%s that changed while being read",
		     (unsigned long long)c->raced, text_s(c->raced));
	if (!scanner__knows_blocks(snap->scanner))
		note(snap, "this kernel does not show mem_section (CONFIG_KALLSYMS_ALL): CMA and "
			   "movable pageblocks are not told, only ZONE_MOVABLE");
	if (!pinned_known)
		note(snap, "this kernel does not say which processes have pinned: looked at all");
	if (in_pid_namespace())
		note(snap, "inside a PID namespace: processes outside of it cannot be seen, the memory "
			   "that only they map counts as not seen");
	if (r->too_sparse)
		note(snap, "left out: %llu mapping%s of more than 1 TiB, as this kernel cannot say where "
			   "the pages are (PAGEMAP_SCAN, Linux 6.7)",
		     (unsigned long long)r->too_sparse, text_s(r->too_sparse));
	if (r->denied)
		note(snap, "%llu process%s could not be looked at (%s)%s",
		     (unsigned long long)r->denied, r->denied == 1 ? "" : "es",
		     strerror(r->first_error),
		     caps_have(CAPS_FOR_OTHERS) ? "" : ": missing CAP_SYS_PTRACE");
	if (snap->holders_denied)
		note(snap, "the open files of %llu process%s could not be looked at%s: they could "
			   "hold what is unmapped, too",
		     (unsigned long long)snap->holders_denied,
		     snap->holders_denied == 1 ? "" : "es", missing_for_files());
	note_names(snap);
	if (snap->unseen.pins)
		note(snap, "%llu pin%s on memory that is mapped, but by no process seen here: one that "
			   "exited or unmapped it meanwhile, or that is hidden",
		     (unsigned long long)snap->unseen.pins,
		     snap->unseen.pins == 1 ? " is" : "s are");
	if (!snap->kernel_known)
		note(snap, "the kernel has no nr_foll_pin counters to compare with");
	else if (!snap->refreshed)
		note(snap, "the kernel's counters may lag: folding the per-CPU part takes root");
}
