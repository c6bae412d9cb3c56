// SPDX-License-Identifier: GPL-2.0
#include <bpf/btf.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "btf_file.h"
#include "fail.h"
#include "follflags.h"
#include "trace_info.h"

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static int read_flags(struct foll_names *flags, const char *path, struct fail *fail)
{
	struct btf *btf = btf_file_load(path, fail);

	if (!btf)
		return -1;
	foll_names_read(flags, btf);
	btf__free(btf);
	return 0;
}

int trace_info__read(struct trace_info *info, struct foll_names *flags, const char *btf,
		     struct fail *fail)
{
	struct utsname name;

	if (read_flags(flags, btf, fail))
		return -1;
	uname(&name);
	snprintf(info->kernel, sizeof(info->kernel), "%s", name.release);
	snprintf(info->machine, sizeof(info->machine), "%s", name.machine);
	info->began_ns = clock_ns(CLOCK_MONOTONIC);
	info->wall_ns = (int64_t)(clock_ns(CLOCK_REALTIME) - info->began_ns);
	info->page_size = sysconf(_SC_PAGESIZE);
	info->flags = flags;
	return 0;
}
