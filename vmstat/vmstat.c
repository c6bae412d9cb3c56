// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmstat.h"

#define NODE_DIR "/sys/devices/system/node"

/* What stands before /proc and /sys: "" or a folder. */
static char root[PATH_MAX];

int vmstat_set_root(const char *dir)
{
	struct stat st;

	if (!dir)
		dir = "";
	if (strlen(dir) >= sizeof(root))
		return -ENAMETOOLONG;
	if (*dir) {
		if (stat(dir, &st))
			return -errno;
		if (!S_ISDIR(st.st_mode))
			return -ENOTDIR;
	}
	strcpy(root, dir);
	return 0;
}

__attribute__((format(printf, 2, 3)))
static int make_path(char path[PATH_MAX], const char *fmt, ...)
{
	size_t len = strlen(root);
	va_list ap;
	int n;

	memcpy(path, root, len);
	va_start(ap, fmt);
	n = vsnprintf(path + len, PATH_MAX - len, fmt, ap);
	va_end(ap);
	return n < 0 || (size_t)n >= PATH_MAX - len ? -ENAMETOOLONG : 0;
}

/* A missing file is -ENODEV: -ENOENT is kept for missing counters. */
static int open_error(void)
{
	return errno == ENOENT || errno == ENOTDIR ? -ENODEV : -errno;
}

int vmstat_refresh(void)
{
	char path[PATH_MAX];
	int fd, err;
	char c;

	err = make_path(path, "/proc/sys/vm/stat_refresh");
	if (err)
		return err;
	/* Reading does what writing does, and works where /proc/sys is read-only. */
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return open_error();
	if (read(fd, &c, 1) < 0)
		err = -errno;
	close(fd);
	/*
	 * On older kernels (5.10) -EINVAL says that some counter of the kernel is
	 * negative; that is looked at after everything was folded.
	 */
	return err == -EINVAL ? 0 : err;
}

/* Decimal digits up to the end of the line. */
static int parse_value(const char *s, uint64_t *out)
{
	unsigned long long v;
	char *end;

	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	errno = 0;
	v = strtoull(s, &end, 10);
	if (*end && *end != '\n')
		return -EINVAL;
	if (errno || v > INT64_MAX)
		return -ERANGE;
	*out = v;
	return 0;
}

static int parse_line(const char *line, const char *name, bool *seen, uint64_t *out)
{
	size_t len = strlen(name);

	if (strncmp(line, name, len) || line[len] != ' ')
		return 0;
	if (*seen)
		return -EINVAL;
	*seen = true;
	return parse_value(line + len + 1, out);
}

int vmstat_parse(FILE *f, struct vmstat_pins *out)
{
	bool acquired = false, released = false;
	struct vmstat_pins p = { 0 };
	char *line = NULL;
	size_t size = 0;
	int err = 0;

	errno = 0;
	while (!err && getline(&line, &size, f) > 0) {
		err = parse_line(line, "nr_foll_pin_acquired", &acquired, &p.acquired);
		if (!err)
			err = parse_line(line, "nr_foll_pin_released", &released, &p.released);
	}
	if (!err && !feof(f))
		err = errno ? -errno : -EIO;
	free(line);
	if (err)
		return err;
	if (!acquired || !released)
		return -ENOENT;
	p.in_flight = (int64_t)p.acquired - (int64_t)p.released;
	*out = p;
	return 0;
}

static int parse_path(const char *path, struct vmstat_pins *out)
{
	FILE *f = fopen(path, "re");
	int err;

	if (!f)
		return open_error();
	err = vmstat_parse(f, out);
	fclose(f);
	return err;
}

int vmstat_read(struct vmstat_pins *out)
{
	char path[PATH_MAX];
	int err = make_path(path, "/proc/vmstat");

	return err ? err : parse_path(path, out);
}

/* "node12" -> 12; -1 for anything else, such as "has_cpu" or "node12x". */
static int node_id(const char *name)
{
	char *end;
	long id;

	if (strncmp(name, "node", 4) || !isdigit((unsigned char)name[4]))
		return -1;
	errno = 0;
	id = strtol(name + 4, &end, 10);
	return *end || errno || id > INT_MAX ? -1 : (int)id;
}

static int add_node(struct vmstat_node **nodes, size_t *n, int id)
{
	struct vmstat_node *more;
	struct vmstat_pins pins;
	char path[PATH_MAX];
	int err;

	err = make_path(path, NODE_DIR "/node%d/vmstat", id);
	if (!err)
		err = parse_path(path, &pins);
	if (err)
		return err == -ENODEV ? 0 : err;	/* went offline meanwhile */
	more = realloc(*nodes, (*n + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	more[*n] = (struct vmstat_node){ .id = id, .pins = pins };
	*nodes = more;
	++*n;
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const struct vmstat_node *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int add_nodes(DIR *dir, struct vmstat_node **nodes, size_t *n)
{
	struct dirent *d;
	int err, id;

	while (errno = 0, (d = readdir(dir))) {
		id = node_id(d->d_name);
		err = id < 0 ? 0 : add_node(nodes, n, id);
		if (err)
			return err;
	}
	if (errno)
		return -errno;
	return *n ? 0 : -ENODEV;
}

int vmstat_read_nodes(struct vmstat_node **nodes, size_t *n)
{
	struct vmstat_node *list = NULL;
	char path[PATH_MAX];
	size_t count = 0;
	DIR *dir;
	int err;

	err = make_path(path, NODE_DIR);
	if (err)
		return err;
	dir = opendir(path);
	if (!dir)
		return open_error();
	err = add_nodes(dir, &list, &count);
	closedir(dir);
	if (err) {
		free(list);
		return err;
	}
	qsort(list, count, sizeof(*list), by_id);
	*nodes = list;
	*n = count;
	return 0;
}

int vmstat_uptime(double *seconds)
{
	char path[PATH_MAX];
	double up;
	FILE *f;
	int err;

	err = make_path(path, "/proc/uptime");
	if (err)
		return err;
	f = fopen(path, "re");
	if (!f)
		return open_error();
	if (fscanf(f, "%lf", &up) != 1 || !(up >= 0 && up <= 1e12))
		err = -EINVAL;
	else
		*seconds = up;
	fclose(f);
	return err;
}

bool vmstat_rates(const struct vmstat_pins *before, const struct vmstat_pins *now,
		  double seconds, struct vmstat_rates *out)
{
	if (!(seconds > 0) || now->acquired < before->acquired || now->released < before->released)
		return false;
	out->acquired = (now->acquired - before->acquired) / seconds;
	out->released = (now->released - before->released) / seconds;
	out->net = out->acquired - out->released;
	return true;
}

const char *vmstat_strerror(int err)
{
	switch (-err) {
	case ENOENT:
		return "the kernel does not count pins (Linux 5.7 and later do)";
	case ENODEV:
		return "no such file or folder";
	case EINVAL:
		return "not what the kernel writes there";
	case ERANGE:
		return "a counter is out of range";
	default:
		return strerror(-err);
	}
}
