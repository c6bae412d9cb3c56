// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "holders.h"
#include "procinfo.h"
#include "vec.h"

const char *holder_kind(const char *target)
{
	/* Devices whose drivers pin, or whose descriptors keep pins alive; see docs. */
	static const char *const devices[] = {
		"/dev/vfio/", "/dev/iommu", "/dev/infiniband/", "/dev/nvidia", "/dev/udmabuf",
		"/dev/dri/", "/dev/accel/", "/dev/kfd", "/dev/habanalabs", "/dev/hl",
		"/dev/video", "/dev/vhost", "/dev/vduse", "/dev/tee", "/dev/pvfs2-req",
		"/dev/acrn", "/dev/mshv", "/dev/sev", "/dev/ublk", "/dmabuf:",
	};
	size_t i;

	if (!strcmp(target, "anon_inode:[io_uring]"))
		return "io_uring";
	if (!strncmp(target, "anon_inode:[vfio", 16) || !strncmp(target, "anon_inode:vfio", 15))
		return "vfio";
	if (!strcmp(target, "anon_inode:kvm-vm"))
		return "kvm-vm";
	for (i = 0; i < sizeof(devices) / sizeof(*devices); i++)
		if (!strncmp(target, devices[i], strlen(devices[i])))
			return target[1] == 'd' && target[2] == 'm' ? "dma-buf" : target;
	return NULL;
}

/*
 * A socket's link has only its number; what protocol it speaks is an attribute
 * of the open file (net/socket.c: sockfs_xattr_get()), to be had without taking
 * the file from its process.
 */
static const char *socket_kind(const char *path)
{
	char name[32] = "";

	if (getxattr(path, "system.sockprotoname", name, sizeof(name) - 1) < 0)
		return NULL;
	return strcmp(name, "XDP") ? NULL : "AF_XDP";
}

void holder_parse_fdinfo(FILE *f, uint64_t *buffers, uint64_t *bytes)
{
	unsigned long long addr, len;
	bool inside = false;
	char line[256];
	unsigned int nr;

	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "UserBufs:", 9)) {
			inside = true;
		} else if (inside && sscanf(line, " %u: 0x%llx/%llu", &nr, &addr, &len) == 3) {
			(*buffers)++;
			*bytes += len;
		} else if (inside && isalpha((unsigned char)line[0])) {
			break;
		}
	}
}

static void add_fdinfo(struct snap_holder *h, pid_t tid, const char *fd)
{
	char path[NAME_MAX + 80];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%s", tid, fd);
	f = fopen(path, "re");
	if (!f)
		return;
	holder_parse_fdinfo(f, &h->buffers, &h->buffer_bytes);
	fclose(f);
}

struct search {
	const struct task_list *tasks;
	const struct mm_info *mm;	/* that is being looked at */
	size_t first;			/* of its lines */
	struct snap_holder *h;
	size_t nr, cap;
	uint64_t denied;
};

static const char *comm_of(const struct search *s, pid_t pid)
{
	const struct mm_sharer *sharers = s->tasks->sharers + s->mm->first_sharer;
	size_t i;

	for (i = 0; i < s->mm->nr_sharers; i++)
		if (sharers[i].pid == pid)
			return sharers[i].comm;
	return s->mm->comm;
}

static struct snap_holder *holder_of(struct search *s, pid_t pid, const char *what)
{
	struct snap_holder *h;
	size_t i;

	for (i = s->first; i < s->nr; i++)
		if (s->h[i].pid == pid && !strcmp(s->h[i].what, what))
			return &s->h[i];
	h = vec_push(s->h, s->nr, s->cap);
	memset(h, 0, sizeof(*h));
	h->pid = pid;
	h->uid = (uid_t)-1;
	h->what = xstrdup(what);
	memcpy(h->comm, comm_of(s, pid), sizeof(h->comm));
	return h;
}

static bool refused(int err)
{
	return err == EACCES || err == EPERM;
}

/* The open files of one thread. 0; -errno when they cannot be listed, or are there no more. */
static int look_through(struct search *s, const struct mm_task *task)
{
	char dir[64], path[NAME_MAX + 80], target[PATH_MAX];
	struct dirent *de;
	int err = -ENOENT;
	DIR *d;

	snprintf(dir, sizeof(dir), "/proc/%d/fd", task->tid);
	d = opendir(dir);
	if (!d)
		return -errno;
	while ((de = readdir(d))) {
		const char *what;
		ssize_t n;

		if (!isdigit((unsigned char)de->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, de->d_name);
		n = readlink(path, target, sizeof(target) - 1);
		if (n < 0 && refused(errno)) {
			err = -errno;
			break;
		}
		err = 0;
		if (n < 0)
			continue;
		target[n] = '\0';
		what = strncmp(target, "socket:", 7) ? holder_kind(target) : socket_kind(path);
		if (what) {
			struct snap_holder *h = holder_of(s, task->pid, what);

			h->fds++;
			if (!strcmp(what, "io_uring"))
				add_fdinfo(h, task->tid, de->d_name);
		}
	}
	closedir(d);
	return err;
}

/*
 * Each table of open files that the mm's threads have, once: processes that
 * share their memory need not share that, nor do the threads of one. A thread
 * that is exiting may have given it up already; then another shows it.
 */
static void look_at(struct search *s, uint64_t *seen)
{
	const struct mm_info *mm = s->mm;
	size_t i, k, nr = 0;
	bool denied = false;

	s->first = s->nr;
	for (i = 0; i < mm->nr_tasks; i++) {
		const struct mm_task *task = &mm->tasks[i];
		int err;

		for (k = nr; k > 0 && seen[k - 1] != task->files; k--)
			;
		if (task->tid <= 0 || k)
			continue;
		err = look_through(s, task);
		denied |= refused(-err);
		if (!err || refused(-err))
			seen[nr++] = task->files;
	}
	s->denied += denied;
}

uint64_t holders_find(const struct task_list *tasks, struct snap_holder **holders, size_t *nr)
{
	struct search s = { .tasks = tasks };
	uint64_t *seen = xcalloc(tasks->nr_tasks, sizeof(*seen));
	size_t i;

	for (i = 0; i < tasks->nr; i++) {
		s.mm = &tasks->mms[i];
		look_at(&s, seen);
	}
	free(seen);
	for (i = 0; i < s.nr; i++) {
		struct procinfo info;

		if (!procinfo_read(s.h[i].pid, &info))
			s.h[i].uid = info.euid;
	}
	*holders = s.h;
	*nr = s.nr;
	return s.denied;
}
