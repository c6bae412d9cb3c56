// SPDX-License-Identifier: GPL-2.0
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caps.h"

/* include/linux/proc_ns.h */
#define PROC_USER_INIT_INO 0xEFFFFFFDU
#define PROC_PID_INIT_INO 0xEFFFFFFCU

/* Programs, their maps and what they are loaded with take fewer open files than this. */
#define FILES_ENOUGH 64

/* Not by /proc/self/status: that /proc is there is not said. */
static uint64_t effective(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	if (syscall(SYS_capget, &head, data))
		return 0;
	return data[0].effective | (uint64_t)data[1].effective << 32;
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

static bool in_namespace(const char *path, ino_t initial)
{
	struct stat st;

	return !stat(path, &st) && st.st_ino != initial;
}

/* Could so few files be opened that this alone makes loading fail? */
static bool short_of_files(void)
{
	int fds[FILES_ENOUGH], n = 0;
	bool out = false;

	while (n < FILES_ENOUGH && !out) {
		fds[n] = dup(STDERR_FILENO);
		out = fds[n] < 0 && errno == EMFILE;
		if (fds[n++] < 0)
			break;
	}
	while (n--)
		if (fds[n] >= 0)
			close(fds[n]);
	return out;
}

/* The cause of @err, or NULL where all that is known is its name. */
static const char *cause(int err)
{
	static char text[256];
	struct rlimit files;

	if ((err == EPERM || err == EACCES) &&
	    in_namespace("/proc/self/ns/user", PROC_USER_INIT_INO))
		return "inside a user namespace, whose capabilities count for nothing here; run as "
		       "root outside of it";
	/*
	 * libbpf itself wants CAP_SYS_ADMIN, to look through the modules' BTF. What else is
	 * missing stands there as well, but is not why anything was refused.
	 */
	if ((err == EPERM || err == EACCES) && !has(CAP_SYS_ADMIN)) {
		snprintf(text, sizeof(text), "missing %s; run as root", caps_missing());
		return text;
	}
	/* libbpf takes a map that could not be made for one that need not be. */
	if ((err == EMFILE || err == EINVAL) && short_of_files() &&
	    !getrlimit(RLIMIT_NOFILE, &files)) {
		snprintf(text, sizeof(text), "no more than %llu may be open (ulimit -n)",
			 (unsigned long long)files.rlim_cur);
		return text;
	}
	return NULL;
}

const char *caps_explain(int err, const char *libbpf)
{
	static char text[640];
	const char *why = cause(err);
	char name[128];

	if (why && err == EINVAL)
		err = EMFILE;
	libbpf_strerror(err, name, sizeof(name));
	if (why)
		snprintf(text, sizeof(text), "%s: %s", name, why);
	else
		snprintf(text, sizeof(text), "%s%s%s%s%s", name,
			 err != EPERM ? "" :
			 " although the capabilities are there: the kernel is locked down or a "
			 "security module refuses",
			 libbpf && *libbpf ? " (" : "", libbpf ? libbpf : "",
			 libbpf && *libbpf ? ")" : "");
	return text;
}

bool in_pid_namespace(void)
{
	return in_namespace("/proc/self/ns/pid", PROC_PID_INIT_INO);
}
