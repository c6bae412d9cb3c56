// SPDX-License-Identifier: GPL-2.0
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "btf_file.h"
#include "cli.h"

#define KERNELS_OWN "/sys/kernel/btf/vmlinux"

static int quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	return 0;
}

static int check_access(const char *path, struct fail *fail)
{
	const char *file = path ? path : KERNELS_OWN;

	if (!access(file, R_OK))
		return 0;
	return fail_set(fail, EXIT_ATTACH,
			"cannot read the kernel's type information %s: %s; a kernel built with "
			"CONFIG_DEBUG_INFO_BTF has it, --btf names another file",
			file, strerror(errno));
}

struct btf *btf_file_load(const char *path, struct fail *fail)
{
	libbpf_print_fn_t before;
	struct btf *btf;
	int err;

	if (check_access(path, fail))
		return NULL;
	/* What libbpf says of a file that is no BTF is about ELF. */
	before = libbpf_set_print(quiet);
	btf = path ? btf__parse(path, NULL) : btf__load_vmlinux_btf();
	err = errno;
	libbpf_set_print(before);
	if (btf)
		return btf;
	if (!path || err == EMFILE || err == ENFILE || err == ENOMEM)
		fail_set(fail, EXIT_ATTACH, "cannot read the kernel's type information %s: %s",
			 path ? path : KERNELS_OWN, strerror(err));
	else
		fail_set(fail, EXIT_ATTACH,
			 "%s is neither BTF, the type information of a kernel, nor an ELF file with "
			 "a section of it", path);
	return NULL;
}

int btf_file_check(const char *path, struct fail *fail)
{
	struct btf *btf;

	if (!path)
		return check_access(path, fail);
	btf = btf_file_load(path, fail);
	if (!btf)
		return -1;
	btf__free(btf);
	return 0;
}
