// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "procinfo.h"
#include "vec.h"

#define CAP_IPC_LOCK 14

/* The name stands escaped in status (\n, \\): undo it, the view cleans what is left. */
static void copy_name(const char *from, char *to, size_t size)
{
	size_t n = 0;

	for (; *from && *from != '\n' && n < size - 1; from++) {
		if (*from == '\\' && from[1] == 'n') {
			to[n++] = '\n';
			from++;
		} else if (*from == '\\' && from[1] == '\\') {
			to[n++] = '\\';
			from++;
		} else {
			to[n++] = *from;
		}
	}
	to[n] = '\0';
}

int procinfo_parse_status(FILE *f, struct procinfo *info)
{
	unsigned long long v;
	char line[256];
	unsigned int id;
	bool any = false;
	int tgid;

	info->vm_pin = info->vm_lck = PROCINFO_UNKNOWN;
	info->euid = (uid_t)-1;
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "Name:\t", 6))
			copy_name(line + 6, info->comm, sizeof(info->comm));
		else if (sscanf(line, "Tgid: %d", &tgid) == 1)
			info->tgid = tgid, any = true;
		else if (sscanf(line, "Uid: %*u %u", &id) == 1)
			info->euid = id;
		else if (sscanf(line, "VmPin: %llu", &v) == 1)
			info->vm_pin = v * 1024;
		else if (sscanf(line, "VmLck: %llu", &v) == 1)
			info->vm_lck = v * 1024;
		else if (sscanf(line, "CapEff: %llx", &v) == 1)
			info->cap_ipc_lock = v >> CAP_IPC_LOCK & 1;
	}
	return any ? 0 : -EINVAL;
}

static uint64_t limit_of(const char *word)
{
	return strcmp(word, "unlimited") ? strtoull(word, NULL, 10) : RLIM_INFINITY;
}

int procinfo_parse_limits(FILE *f, struct procinfo *info)
{
	char line[256], soft[32], hard[32];

	info->memlock_soft = info->memlock_hard = PROCINFO_UNKNOWN;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Max locked memory %31s %31s", soft, hard) != 2)
			continue;
		info->memlock_soft = limit_of(soft);
		info->memlock_hard = limit_of(hard);
		return 0;
	}
	return -EINVAL;
}

static int read_one(pid_t pid, const char *name, int (*parse)(FILE *, struct procinfo *),
		    struct procinfo *info)
{
	char path[64];
	FILE *f;
	int err;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	err = parse(f, info);
	fclose(f);
	return err;
}

/*
 * A main thread that has exited no longer has the memory of its process: what
 * is declared, and by whose leave, one of the others shows.
 */
static void ask_live_thread(pid_t pid, struct procinfo *info)
{
	struct procinfo thread;
	struct dirent *de;
	char path[64];
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	d = opendir(path);
	if (!d)
		return;
	while (info->vm_pin == PROCINFO_UNKNOWN && (de = readdir(d))) {
		if (!isdigit((unsigned char)de->d_name[0]) || atoi(de->d_name) == pid)
			continue;
		memset(&thread, 0, sizeof(thread));
		if (read_one(atoi(de->d_name), "status", procinfo_parse_status, &thread) ||
		    thread.vm_pin == PROCINFO_UNKNOWN)
			continue;
		info->vm_pin = thread.vm_pin;
		info->vm_lck = thread.vm_lck;
		info->euid = thread.euid;
		info->cap_ipc_lock = thread.cap_ipc_lock;
	}
	closedir(d);
}

int procinfo_read(pid_t pid, struct procinfo *info)
{
	int err;

	memset(info, 0, sizeof(*info));
	err = read_one(pid, "status", procinfo_parse_status, info);
	if (!err && info->vm_pin == PROCINFO_UNKNOWN)
		ask_live_thread(pid, info);
	if (!err)
		err = read_one(pid, "limits", procinfo_parse_limits, info);
	return err;
}

static uint64_t tick_ns(void)
{
	return 1000000000ULL / (uint64_t)sysconf(_SC_CLK_TCK);
}

uint64_t procinfo_start(pid_t pid)
{
	unsigned long long ticks = 0;
	char path[32], buf[1024], *p;
	size_t n;
	FILE *f;
	int i;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	n = fread(buf, 1, sizeof(buf) - 1, f);
	fclose(f);
	buf[n] = '\0';
	/* The name may have anything in it. After it come state and 18 numbers. */
	p = strrchr(buf, ')');
	for (i = 0; p && i < 20; i++)
		p = strchr(p + 1, ' ');
	if (p)
		ticks = strtoull(p, NULL, 10);
	return ticks * tick_ns();
}

uint64_t procinfo_rounded(uint64_t start_ns)
{
	return start_ns / tick_ns() * tick_ns();
}

bool procinfo_lives(pid_t pid, uint64_t start_ns)
{
	uint64_t start = procinfo_start(pid);

	return start && start == procinfo_rounded(start_ns);
}

static int by_number(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return x < y ? -1 : x > y;
}

int procinfo_pids(pid_t **pids, size_t *nr)
{
	DIR *d = opendir("/proc");
	struct dirent *de;
	size_t cap = 0;

	*pids = NULL;
	*nr = 0;
	if (!d)
		return -errno;
	while ((de = readdir(d)))
		if (isdigit((unsigned char)de->d_name[0]))
			*vec_push(*pids, *nr, cap) = atoi(de->d_name);
	closedir(d);
	qsort(*pids, *nr, sizeof(**pids), by_number);
	return 0;
}

bool procinfo_is_dead(pid_t pid)
{
	char path[32], buf[1024], *p;
	long threads = 0;
	size_t n;
	FILE *f;
	int i;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(buf, 1, sizeof(buf) - 1, f);
	fclose(f);
	buf[n] = '\0';
	p = strrchr(buf, ')');
	if (!p || (strncmp(p, ") Z", 3) && strncmp(p, ") X", 3)))
		return false;
	for (i = 0; p && i < 18; i++)
		p = strchr(p + 1, ' ');
	if (p)
		threads = strtol(p, NULL, 10);
	return threads <= 1;
}
