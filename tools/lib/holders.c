// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <dirent.h>
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

struct list {
	struct snap_holder *h;
	size_t nr, cap;
};

static struct snap_holder *holder_of(struct list *list, size_t first, const struct mm_info *mm,
				     const char *what)
{
	struct snap_holder *h;
	size_t i;

	for (i = first; i < list->nr; i++)
		if (!strcmp(list->h[i].what, what))
			return &list->h[i];
	h = vec_push(list->h, list->nr, list->cap);
	memset(h, 0, sizeof(*h));
	h->pid = mm->pid;
	h->uid = (uid_t)-1;
	h->what = xstrdup(what);
	memcpy(h->comm, mm->comm, sizeof(h->comm));
	return h;
}

/* The open files of one thread; false when they could not be listed. */
static bool look_through(struct list *list, const struct mm_info *mm, pid_t tid)
{
	size_t first = list->nr;
	char dir[64], path[NAME_MAX + 80], target[PATH_MAX];
	struct dirent *de;
	bool any = false;
	DIR *d;

	snprintf(dir, sizeof(dir), "/proc/%d/fd", tid);
	d = opendir(dir);
	if (!d)
		return false;
	while ((de = readdir(d))) {
		const char *what;
		ssize_t n;

		if (!isdigit((unsigned char)de->d_name[0]))
			continue;
		any = true;
		snprintf(path, sizeof(path), "%s/%s", dir, de->d_name);
		n = readlink(path, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = '\0';
		what = strncmp(target, "socket:", 7) ? holder_kind(target) : socket_kind(path);
		if (what) {
			struct snap_holder *h = holder_of(list, first, mm, what);

			h->fds++;
			if (!strcmp(what, "io_uring"))
				add_fdinfo(h, tid, de->d_name);
		}
	}
	closedir(d);
	return any;
}

static int largest_first(const void *a, const void *b)
{
	const struct snap_holder *x = a, *y = b;

	if (x->buffer_bytes != y->buffer_bytes)
		return x->buffer_bytes > y->buffer_bytes ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

void holders_find(const struct task_list *tasks, struct snap_holder **holders, size_t *nr)
{
	struct list list = {};
	size_t i, k;

	for (i = 0; i < tasks->nr; i++) {
		const struct mm_info *mm = &tasks->mms[i];

		/* The main thread may have exited and given up its files: try the others. */
		for (k = 0; k < mm->nr_tids; k++)
			if (mm->pid > 0 && mm->tids[k] > 0 && look_through(&list, mm, mm->tids[k]))
				break;
	}
	if (list.nr)
		qsort(list.h, list.nr, sizeof(*list.h), largest_first);
	for (i = 0; i < list.nr; i++) {
		struct procinfo info;

		if (!procinfo_read(list.h[i].pid, &info))
			list.h[i].uid = info.euid;
	}
	*holders = list.h;
	*nr = list.nr;
}
