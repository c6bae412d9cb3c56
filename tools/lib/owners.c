// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "owners.h"
#include "pagemap.h"
#include "vec.h"

/* include/uapi/linux/magic.h */
#define TMPFS_MAGIC 0x01021994
#define HUGETLBFS_MAGIC 0x958458f6

#define NOBODY UINT32_MAX
/* No more than 128 MiB for who else maps shared folios. */
#define MOST_OTHERS (16UL << 20)
/* One bit for so many page frames tells whether any of them is pinned. */
#define FILTER_SHIFT 6

struct file_id {
	uint32_t dev;
	uint64_t ino;
};

struct finder {
	struct snapshot *snap;
	uint32_t *found;	/* page-table entries found for each folio */
	uint32_t *last;		/* the process that was last seen to map it */
	uint64_t *filter;
	uint64_t filter_start, filter_end;	/* PFNs */
	size_t run;		/* where the last page frame was found */
	uint64_t missing;	/* mappings of pinned folios not found yet */
	size_t proc_cap;
	bool all_owners;
	size_t others_cap;
	/* Files whose pinned folios have mappings that were not found, and whether others have. */
	struct file_id *files;
	size_t nr_files, cap_files;
	bool any_vma;
	/* The process that is being looked at. */
	uint32_t proc;
	struct snap_vma *vma;
	const struct vma *from;
	size_t vma_cap;
};

static bool filter_has(const struct finder *f, uint64_t pfn)
{
	uint64_t bit;

	if (pfn < f->filter_start || pfn >= f->filter_end)
		return false;
	bit = (pfn - f->filter_start) >> FILTER_SHIFT;
	return f->filter[bit / 64] >> (bit % 64) & 1;
}

static void filter_make(struct finder *f)
{
	const struct snapshot *s = f->snap;
	uint64_t pfn, end, bit;
	size_t i;

	f->filter_start = s->runs[0].pfn & ~((1ULL << FILTER_SHIFT) - 1);
	f->filter_end = s->runs[s->nr_runs - 1].pfn + pin_run_pages(&s->runs[s->nr_runs - 1]);
	f->filter = xcalloc(((f->filter_end - f->filter_start) >> FILTER_SHIFT) / 64 + 1, 8);
	for (i = 0; i < s->nr_runs; i++) {
		end = s->runs[i].pfn + pin_run_pages(&s->runs[i]);
		pfn = s->runs[i].pfn & ~((1ULL << FILTER_SHIFT) - 1);
		for (; pfn < end; pfn += 1ULL << FILTER_SHIFT) {
			bit = (pfn - f->filter_start) >> FILTER_SHIFT;
			f->filter[bit / 64] |= 1ULL << (bit % 64);
		}
	}
}

static bool run_has(const struct pin_run *run, uint64_t pfn)
{
	return pfn >= run->pfn && pfn - run->pfn < pin_run_pages(run);
}

static uint64_t folio_at(const struct snapshot *snap, uint64_t pfn, size_t *hint)
{
	size_t low = 0, high = snap->nr_runs, mid;

	if (*hint >= snap->nr_runs || !run_has(&snap->runs[*hint], pfn)) {
		while (low < high) {
			mid = low + (high - low) / 2;
			if (snap->runs[mid].pfn <= pfn)
				low = mid + 1;
			else
				high = mid;
		}
		if (!low || !run_has(&snap->runs[low - 1], pfn))
			return UINT64_MAX;
		*hint = low - 1;
	}
	return snap->first[*hint] + ((pfn - snap->runs[*hint].pfn) >> snap->runs[*hint].order);
}

uint64_t snapshot__folio_at(const struct snapshot *snap, uint64_t pfn, size_t *run)
{
	*run = 0;
	return folio_at(snap, pfn, run);
}

/* The VMA that is being walked has pinned folios: it gets a line of its own. */
static struct snap_vma *current_vma(struct finder *f)
{
	struct snap_proc *p = &f->snap->procs[f->proc];

	if (!f->vma) {
		f->vma = vec_push(p->vmas, p->nr_vmas, f->vma_cap);
		*f->vma = (struct snap_vma){ .start = f->from->start, .end = f->from->end,
					     .dev = f->from->dev, .ino = f->from->ino,
					     .name = vma_label(f->from) };
		memcpy(f->vma->perms, f->from->perms, sizeof(f->vma->perms));
	}
	return f->vma;
}

static void note_other(struct finder *f, uint64_t i)
{
	struct snapshot *s = f->snap;

	if (!f->all_owners)
		return;
	if (s->nr_others < MOST_OTHERS && i <= UINT32_MAX)
		*vec_push(s->others, s->nr_others, f->others_cap) = i << 32 | f->proc;
	else
		s->others_cut = true;
}

/* The process maps folio @i of @run. */
static void maps_folio(struct finder *f, uint64_t i, const struct pin_run *run)
{
	struct snapshot *s = f->snap;

	/* A huge page's entries were all expected at once; more than expected is no surprise. */
	if (f->found[i] < run->mappings && !pin_run_has_more(run)) {
		f->found[i]++;
		f->missing--;
	}
	if (f->last[i] == f->proc)
		return;
	if (f->last[i] == NOBODY) {
		s->owner[i] = f->proc;
		pin_sum_add(&s->mapped, s, run, 1);
	} else {
		if (!s->is_shared[i]) {
			s->is_shared[i] = 1;
			pin_sum_add(&s->procs[s->owner[i]].shared, s, run, 1);
			pin_sum_add(&s->shared, s, run, 1);
		}
		pin_sum_add(&s->procs[f->proc].shared, s, run, 1);
		note_other(f, i);
	}
	f->last[i] = f->proc;
	pin_sum_add(&s->procs[f->proc].sum, s, run, 1);
	pin_sum_add(&current_vma(f)->sum, s, run, 1);
}

static void see_entries(void *arg, uint64_t addr, const uint64_t *entries, size_t nr)
{
	struct finder *f = arg;
	uint64_t folio;
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!pagemap_present(entries[i]) || !filter_has(f, pagemap_pfn(entries[i])))
			continue;
		folio = folio_at(f->snap, pagemap_pfn(entries[i]), &f->run);
		if (folio != UINT64_MAX && f->snap->runs[f->run].kind != PIN_BIAS)
			maps_folio(f, folio, &f->snap->runs[f->run]);
	}
}

/* Can @vma hold a folio that is still looked for? */
static bool worth_a_look(const struct finder *f, const struct vma *vma)
{
	size_t i;

	if (f->any_vma)
		return true;
	if (!vma->ino)
		return false;
	for (i = 0; i < f->nr_files; i++)
		if (f->files[i].ino == vma->ino && f->files[i].dev == vma->dev)
			return true;
	return false;
}

static int open_through_any(struct proc_mem *pm, const struct mm_info *mm, pid_t *tid)
{
	int err = -ESRCH;
	size_t i;

	for (i = 0; i < mm->nr_tasks; i++) {
		if (mm->tasks[i].tid <= 0)
			continue;
		*tid = mm->tasks[i].tid;
		err = proc_mem_open(pm, *tid);
		if (!err || err == -EACCES || err == -EPERM)
			break;
	}
	return err;
}

static void forget_last_proc(struct snapshot *s)
{
	s->nr_procs--;
	free(s->procs[s->nr_procs].vmas);
	free(s->procs[s->nr_procs].sharers);
}

static void copy_sharers(struct snap_proc *p, const struct task_list *tasks,
			 const struct mm_info *mm)
{
	if (!mm->nr_sharers)
		return;
	p->sharers = xcalloc(mm->nr_sharers, sizeof(*p->sharers));
	memcpy(p->sharers, &tasks->sharers[mm->first_sharer],
	       mm->nr_sharers * sizeof(*p->sharers));
	p->nr_sharers = mm->nr_sharers;
}

static void look_at(struct finder *f, const struct task_list *tasks, const struct mm_info *mm,
		    bool all_vmas, struct owners_report *report)
{
	struct snapshot *s = f->snap;
	struct snap_proc *p;
	struct proc_mem pm;
	size_t i, top = 0;
	pid_t tid = 0;
	int err;

	if (mm->pid <= 0)
		return;
	err = open_through_any(&pm, mm, &tid);
	if (err == -EACCES || err == -EPERM) {
		if (!report->denied++)
			report->first_error = -err;
		return;
	}
	if (err) {
		report->vanished++;
		return;
	}
	p = vec_push(s->procs, s->nr_procs, f->proc_cap);
	memset(p, 0, sizeof(*p));
	p->pid = mm->pid;
	p->tid = tid;
	p->start_ns = mm->start_ns;
	p->has_pinned = mm->has_pinned;
	memcpy(p->comm, mm->comm, sizeof(p->comm));
	copy_sharers(p, tasks, mm);
	f->proc = s->nr_procs - 1;
	f->vma_cap = 0;
	for (i = 0; i < pm.nr; i++) {
		if (!all_vmas && !worth_a_look(f, &pm.vmas[i]))
			continue;
		f->vma = NULL;
		f->from = &pm.vmas[i];
		if (proc_mem_walk(&pm, &pm.vmas[i], see_entries, f) == -EFBIG)
			report->too_sparse++;
	}
	proc_mem_close(&pm);
	report->looked_at++;

	p = &s->procs[f->proc];
	for (i = 1; i < p->nr_vmas; i++)
		if (p->vmas[i].sum.bytes > p->vmas[top].sum.bytes)
			top = i;
	p->top_vma = top;
	if (!p->nr_vmas)
		forget_last_proc(s);
}

/* After the first round: where the mappings that were not found may be. */
static void note_missing(struct finder *f)
{
	struct snapshot *s = f->snap;
	const struct pin_file *file;
	uint64_t last = 0;
	size_t i, k;

	for (i = 0; i < s->nr_runs && !f->any_vma; i++) {
		const struct pin_run *run = &s->runs[i];
		bool missing = false;

		if (run->kind == PIN_BIAS)
			continue;
		for (k = 0; k < run->folios && !missing; k++)
			missing = f->found[s->first[i] + k] < run->mappings;
		if (!missing)
			continue;
		/*
		 * Memory without a file, or without its name, may be in any VMA. So may
		 * that of a file whose maps show another inode (overlayfs, a block device).
		 */
		file = snapshot__file(s, run->mapping);
		if (!file || (file->magic != TMPFS_MAGIC && file->magic != HUGETLBFS_MAGIC)) {
			f->any_vma = true;
		} else if (run->mapping != last) {
			*vec_push(f->files, f->nr_files, f->cap_files) =
				(struct file_id){ file->dev, file->ino };
			last = run->mapping;
		}
	}
}

/* Folios that no one was found to map. */
static void sum_the_rest(struct finder *f)
{
	struct snapshot *s = f->snap;
	uint64_t unmapped, unseen, at;
	size_t i, k;

	for (i = 0; i < s->nr_runs; i++) {
		const struct pin_run *run = &s->runs[i];

		if (run->kind == PIN_BIAS) {
			pin_sum_add(&s->bias, s, run, run->folios);
			continue;
		}
		pin_sum_add(&s->total, s, run, run->folios);
		unmapped = unseen = 0;
		for (k = 0; k < run->folios; k++) {
			at = s->first[i] + k;
			if (f->last[at] != NOBODY)
				continue;
			s->owner[at] = run->mappings ? OWNER_UNSEEN : OWNER_UNMAPPED;
			if (run->mappings)
				unseen++;
			else
				unmapped++;
		}
		if (unmapped)
			pin_sum_add(&s->unmapped, s, run, unmapped);
		if (unseen)
			pin_sum_add(&s->unseen, s, run, unseen);
	}
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

size_t snapshot__others(const struct snapshot *snap, uint64_t i, const uint64_t **first)
{
	size_t low = 0, high = snap->nr_others, mid, n;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (snap->others[mid] >> 32 < i)
			low = mid + 1;
		else
			high = mid;
	}
	*first = snap->others + low;
	for (n = 0; low + n < snap->nr_others && snap->others[low + n] >> 32 == i; n++)
		;
	return n;
}

void owners_find(struct snapshot *snap, const struct task_list *tasks, bool all_owners,
		 struct owners_report *report)
{
	struct finder f = { .snap = snap, .all_owners = all_owners };
	size_t i;

	memset(report, 0, sizeof(*report));
	if (!snap->nr_folios)
		return;
	f.found = xcalloc(snap->nr_folios, sizeof(*f.found));
	f.last = xrealloc(NULL, snap->nr_folios, sizeof(*f.last));
	memset(f.last, 0xff, snap->nr_folios * sizeof(*f.last));
	filter_make(&f);
	for (i = 0; i < snap->nr_runs; i++)
		if (snap->runs[i].kind != PIN_BIAS)
			f.missing += (uint64_t)snap->runs[i].mappings * snap->runs[i].folios;

	for (i = 0; i < tasks->nr && tasks->mms[i].has_pinned; i++)
		look_at(&f, tasks, &tasks->mms[i], true, report);
	if (f.missing)
		note_missing(&f);
	for (; i < tasks->nr && f.missing; i++)
		look_at(&f, tasks, &tasks->mms[i], false, report);
	sum_the_rest(&f);
	if (snap->nr_others)
		qsort(snap->others, snap->nr_others, sizeof(*snap->others), by_value);

	free(f.found);
	free(f.last);
	free(f.filter);
	free(f.files);
}
