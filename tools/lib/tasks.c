// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../../bpf/scan.h"
#include "calibrate.h"
#include "caps.h"
#include "cli.h"
#include "tasks.h"
#include "vec.h"

struct tasks {
	int link;
	uint64_t has_pinned;	/* mask of mm_flags, 0: not known */
	int err;		/* of the last read */
};

struct recs {
	struct task_rec *r;
	size_t nr;
};

/* Everything the iterator writes; 0 or -errno. */
static int read_all(struct tasks *t, struct recs *recs)
{
	size_t size = 0, cap = 64 * sizeof(*recs->r);
	int fd = bpf_iter_create(t->link);
	char *buf = xrealloc(NULL, cap, 1);
	ssize_t n;

	memset(recs, 0, sizeof(*recs));
	if (fd < 0) {
		free(buf);
		return -errno;
	}
	while ((n = read(fd, buf + size, cap - size)) > 0) {
		size += n;
		if (cap - size < 4096)
			buf = xrealloc(buf, cap *= 2, 1);
	}
	n = n < 0 ? -errno : 0;
	close(fd);
	recs->r = (struct task_rec *)buf;
	recs->nr = size / sizeof(*recs->r);
	return n;
}

static uint64_t own_mm_flags(void *arg)
{
	struct tasks *t = arg;
	uint64_t flags = 0;
	struct recs recs;
	size_t i;

	t->err = read_all(t, &recs);
	for (i = 0; i < recs.nr; i++)
		if (recs.r[i].tid == getpid())
			flags = recs.r[i].mm_flags;
	free(recs.r);
	return flags;
}

struct tasks *tasks__open(struct scanner *scanner, struct fail *fail)
{
	struct tasks *t = xcalloc(1, sizeof(*t));

	t->link = bpf_link_create(scanner__task_iterator(scanner), 0, BPF_TRACE_ITER, NULL);
	t->err = t->link < 0 ? t->link : 0;
	if (!t->err)
		t->has_pinned = has_pinned_mask(own_mm_flags, t);
	if (t->err) {
		fail_set(fail, EXIT_ATTACH, "cannot list the tasks by a BPF iterator: %s",
			 caps_explain(-t->err, NULL));
		tasks__free(t);
		return NULL;
	}
	return t;
}

void tasks__free(struct tasks *t)
{
	if (!t)
		return;
	if (t->link >= 0)
		close(t->link);
	free(t);
}

/* By mm; within it the oldest process first, its main thread first. */
static int by_mm(const void *a, const void *b)
{
	const struct task_rec *x = a, *y = b;

	if (x->mm != y->mm)
		return x->mm < y->mm ? -1 : 1;
	if (x->start_ns != y->start_ns)
		return x->start_ns < y->start_ns ? -1 : 1;
	if (x->tgid != y->tgid)
		return x->tgid < y->tgid ? -1 : 1;
	return (y->tid == y->tgid) - (x->tid == x->tgid);
}

static int pinned_first(const void *a, const void *b)
{
	const struct mm_info *x = a, *y = b;

	if (x->has_pinned != y->has_pinned)
		return y->has_pinned - x->has_pinned;
	return x->start_ns < y->start_ns ? -1 : x->start_ns > y->start_ns;
}

static void copy_comm(char to[16], const char from[16])
{
	memcpy(to, from, 16);
	to[15] = '\0';
}

/* One outside of our PID namespace has no PID: the oldest that has one stands for the mm. */
static void add_sharer(struct task_list *list, size_t *cap, struct mm_info *mm,
		       const struct task_rec *r)
{
	struct mm_sharer *sharer;

	if (mm->pid <= 0) {
		mm->pid = r->tgid;
		mm->start_ns = r->start_ns;
		copy_comm(mm->comm, r->comm);
		return;
	}
	sharer = vec_push(list->sharers, list->nr_sharers, *cap);
	sharer->pid = r->tgid;
	copy_comm(sharer->comm, r->comm);
	mm->nr_sharers++;
}

int tasks__list(struct tasks *t, struct task_list *list, struct fail *fail)
{
	struct mm_info *mm = NULL;
	struct recs recs;
	size_t i, cap = 0, sharers_cap = 0;
	int err = read_all(t, &recs);

	memset(list, 0, sizeof(*list));
	if (err) {
		free(recs.r);
		return fail_set(fail, EXIT_ATTACH, "cannot list the tasks: %s", strerror(-err));
	}
	qsort(recs.r, recs.nr, sizeof(*recs.r), by_mm);
	list->has_pinned_known = t->has_pinned;
	list->tasks = xcalloc(recs.nr, sizeof(*list->tasks));
	list->nr_tasks = recs.nr;
	for (i = 0; i < recs.nr; i++) {
		const struct task_rec *r = &recs.r[i];
		bool same = mm && mm->mm == r->mm;

		if (same && r->tgid > 0 && r->tgid != r[-1].tgid)
			add_sharer(list, &sharers_cap, mm, r);
		if (!same) {
			mm = vec_push(list->mms, list->nr, cap);
			*mm = (struct mm_info){
				.mm = r->mm,
				.start_ns = r->start_ns,
				.pid = r->tgid,
				.has_pinned = !t->has_pinned || r->mm_flags & t->has_pinned,
				.tasks = &list->tasks[i],
				.first_sharer = list->nr_sharers,
			};
			copy_comm(mm->comm, r->comm);
		}
		list->tasks[i] = (struct mm_task){ r->tid, r->tgid, r->start_ns, r->files };
		mm->nr_tasks++;
	}
	free(recs.r);
	qsort(list->mms, list->nr, sizeof(*list->mms), pinned_first);
	return 0;
}

void task_list_free(struct task_list *list)
{
	free(list->mms);
	free(list->tasks);
	free(list->sharers);
	memset(list, 0, sizeof(*list));
}
