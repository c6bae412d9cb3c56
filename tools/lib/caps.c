// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "caps.h"

/* include/uapi/linux/capability.h; include/linux/proc_ns.h */
#define CAP_DAC_READ_SEARCH 2
#define CAP_SYS_PTRACE 19
#define CAP_SYS_ADMIN 21
#define CAP_PERFMON 38
#define CAP_BPF 39
#define PROC_PID_INIT_INO 0xEFFFFFFCU

static uint64_t effective(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	unsigned long long caps = 0;
	char line[256];

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "CapEff: %llx", &caps) == 1)
			break;
	fclose(f);
	return caps;
}

static bool has(unsigned int cap)
{
	return effective() >> cap & 1;
}

bool caps_have(enum caps_need need)
{
	switch (need) {
	case CAPS_FOR_PFNS:
		return has(CAP_SYS_ADMIN);
	case CAPS_FOR_OTHERS:
		return has(CAP_SYS_PTRACE);
	case CAPS_FOR_NAMES:
		return has(CAP_DAC_READ_SEARCH);
	}
	return false;
}

const char *caps_missing(void)
{
	static char names[128];

	snprintf(names, sizeof(names), "%s%s%s%s%s",
		 has(CAP_BPF) || has(CAP_SYS_ADMIN) ? "" : " CAP_BPF",
		 has(CAP_PERFMON) || has(CAP_SYS_ADMIN) ? "" : " CAP_PERFMON",
		 has(CAP_SYS_ADMIN) ? "" : " CAP_SYS_ADMIN",
		 has(CAP_SYS_PTRACE) ? "" : " CAP_SYS_PTRACE",
		 has(CAP_DAC_READ_SEARCH) ? "" : " CAP_DAC_READ_SEARCH");
	return names[0] ? names + 1 : names;
}

const char *caps_explain(int err)
{
	static char text[256];

	/*
	 * libbpf itself wants CAP_SYS_ADMIN, to look through the modules' BTF. What else is
	 * missing stands there as well, but is not why anything was refused.
	 */
	if ((err == EPERM || err == EACCES) && !has(CAP_SYS_ADMIN))
		snprintf(text, sizeof(text), "%s: missing %s; run as root", strerror(err),
			 caps_missing());
	else if (err == EPERM)
		snprintf(text, sizeof(text),
			 "%s although the capabilities are there: the kernel is locked down or a "
			 "security module refuses",
			 strerror(err));
	else
		snprintf(text, sizeof(text), "%s", strerror(err));
	return text;
}

bool in_pid_namespace(void)
{
	struct stat st;

	return !stat("/proc/self/ns/pid", &st) && st.st_ino != PROC_PID_INIT_INO;
}
