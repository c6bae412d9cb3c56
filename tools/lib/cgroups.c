// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroups.h"
#include "vec.h"

/* A file handle of kernfs is the node's 64-bit id: v5.5, include/linux/exportfs.h */
#define FILEID_KERNFS 0xfe

struct kernfs_handle {
	struct file_handle head;
	unsigned char id[8];
};

/* Where the memory controller is mounted: version 1 if it is there, else version 2. */
static char *memory_mount(void)
{
	FILE *f = setmntent("/proc/self/mounts", "re");
	struct mntent *m;
	char *dir = NULL;

	if (!f)
		return NULL;
	while ((m = getmntent(f))) {
		bool v1 = !strcmp(m->mnt_type, "cgroup") && hasmntopt(m, "memory");

		if (!v1 && (dir || strcmp(m->mnt_type, "cgroup2")))
			continue;
		free(dir);
		dir = xstrdup(m->mnt_dir);
		if (v1)
			break;
	}
	endmntent(f);
	return dir;
}

/* @path less the directory @mount before it; NULL when it does not lie there. */
static char *below_mount(const char *path, const char *mount)
{
	size_t len = strlen(mount);

	if (strncmp(path, mount, len) || (path[len] != '/' && path[len]))
		return NULL;
	return xstrdup(path[len] ? path + len : "/");
}

/* The path of the open directory @fd, less that of the mount. */
static char *path_of(int fd, const char *mount)
{
	char link[64], path[PATH_MAX], *below;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return NULL;
	path[n] = '\0';
	below = below_mount(path, mount);
	return below ? below : xstrdup(path);
}

char *cgroup_path(uint64_t id)
{
	struct kernfs_handle h = {
		.head = { .handle_bytes = sizeof(id), .handle_type = FILEID_KERNFS },
	};
	char *mount = memory_mount(), *path = NULL;
	bool removed = false;
	int dir, fd;

	if (!mount)
		return xasprintf("#%llu", (unsigned long long)id);
	memcpy(h.head.f_handle, &id, sizeof(id));
	dir = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		fd = open_by_handle_at(dir, &h.head, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		removed = fd < 0 && errno == ESTALE;
		if (fd >= 0) {
			path = path_of(fd, mount);
			close(fd);
		}
		close(dir);
	}
	free(mount);
	return path ? path : xasprintf("#%llu%s", (unsigned long long)id,
				       removed ? " (removed)" : "");
}

/* The real path of directory @dir, without links, dots and slashes too many. */
static int real_directory(const char *dir, char real[PATH_MAX])
{
	struct stat st;

	if (!realpath(dir, real) || stat(real, &st))
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int cgroup_find(const char *text, char **path)
{
	char *mount = memory_mount(), *dir, real[PATH_MAX];
	int err;

	*path = NULL;
	if (!mount)
		return -ENODEV;
	dir = xasprintf("%s/%s", mount, text);
	err = *text ? real_directory(dir, real) : -ENOENT;
	if (!err)
		*path = below_mount(real, mount);
	/* Where both exist, it is the one that the tools show by that name. */
	if (!*path && *text == '/' && !real_directory(text, real))
		*path = below_mount(real, mount);
	free(dir);
	free(mount);
	return *path ? 0 : err ? err : -ENOENT;
}
