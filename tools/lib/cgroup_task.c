// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cgroup_task.h"
#include "vec.h"

#define PROC_CGROUP_INIT_INO 0xEFFFFFFBU	/* include/linux/proc_ns.h */

/* In a namespace of its own the root is somewhere below the kernel's: nobody says how deep. */
static bool in_initial_namespace(void)
{
	struct stat st;

	return !stat("/proc/self/ns/cgroup", &st) && st.st_ino == PROC_CGROUP_INIT_INO;
}

/* The mount of cgroup2, and which of its directories it shows: proc(5), mountinfo. */
static int find_mount(char *mount, char *root)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[PATH_MAX * 2 + 256], *type;
	int err = -ENODEV;

	if (!f)
		return -errno;
	while (err && fgets(line, sizeof(line), f)) {
		type = strstr(line, " - ");
		if (type && !strncmp(type + 3, "cgroup2 ", 8) &&
		    sscanf(line, "%*s %*s %*s %4095s %4095s", root, mount) == 2)
			err = 0;
	}
	fclose(f);
	return err;
}

static uint32_t depth_of(const char *path)
{
	uint32_t depth = 0;

	for (; *path; path++)
		depth += *path == '/' && path[1] && path[1] != '/';
	return depth;
}

/* What cgroup_task_find() says, and the path below the kernel's root. */
static int find(const char *text, uint64_t *id, char **below)
{
	char mount[PATH_MAX], root[PATH_MAX], path[PATH_MAX * 2], real[PATH_MAX];
	int err = find_mount(mount, root);
	size_t len;
	struct stat st;

	if (err)
		return err;
	len = strlen(mount);
	if (!in_initial_namespace() || strstr(root, "/.."))
		return -ENODEV;
	if (!strncmp(text, mount, len) && (text[len] == '/' || !text[len]))
		text += len;
	snprintf(path, sizeof(path), "%s/%s", mount, text);
	if (!realpath(path, real) || stat(real, &st))
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (strncmp(real, mount, len) || (real[len] && real[len] != '/'))
		return -EINVAL;
	/* A kernfs node's id is its inode number where that has 64 bits (v5.5). */
	*id = st.st_ino;
	*below = xasprintf("%s%s", strcmp(root, "/") ? root : "", real + len);
	return 0;
}

int cgroup_task_find(const char *text, uint64_t *id, uint32_t *level)
{
	char *below;
	int err = find(text, id, &below);

	if (err)
		return err;
	*level = depth_of(below);
	free(below);
	return 0;
}

char *cgroup_task_path(const char *text)
{
	uint64_t id;
	char *below;

	return find(text, &id, &below) ? NULL : below;
}

bool cgroup_task_is_in(FILE *f, const char *path)
{
	size_t len = strlen(path);
	char line[PATH_MAX + 8];
	bool in = false;

	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		in |= !strncmp(line, "0::", 3) && !strncmp(line + 3, path, len) &&
		      (!line[3 + len] || line[3 + len] == '/');
	}
	return in;
}

bool cgroup_task_has(const char *path, pid_t pid)
{
	char name[32];
	bool has;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%d/cgroup", pid);
	f = fopen(name, "re");
	if (!f)
		return false;
	has = cgroup_task_is_in(f, path);
	fclose(f);
	return has;
}
