// SPDX-License-Identifier: GPL-2.0
#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debug_file.h"
#include "kernel_lines.h"
#include "vec.h"

struct kernel_lines {
	Dwfl *dwfl;		/* NULL: not asked yet, or it cannot be had */
	bool asked;
};

struct kernel_lines *kernel_lines__new(void)
{
	return xcalloc(1, sizeof(struct kernel_lines));
}

void kernel_lines__free(struct kernel_lines *k)
{
	if (!k)
		return;
	if (k->dwfl)
		dwfl_end(k->dwfl);
	free(k);
}

/* It asks servers, too, where the environment names some. */
static int find_elf(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base,
		    char **path, Elf **elf)
{
	const char *urls = getenv("DEBUGINFOD_URLS");
	char *saved = urls ? xstrdup(urls) : NULL;
	int fd;

	unsetenv("DEBUGINFOD_URLS");
	fd = dwfl_linux_kernel_find_elf(module, userdata, name, base, path, elf);
	if (saved)
		setenv("DEBUGINFOD_URLS", saved, 1);
	free(saved);
	return fd;
}

static Dwfl *open_dwfl(void)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = find_elf, .find_debuginfo = debug_file_find,
		.section_address = dwfl_linux_kernel_module_section_address,
	};
	Dwfl *dwfl = dwfl_begin(&callbacks);

	if (!dwfl)
		return NULL;
	dwfl_report_begin(dwfl);
	/* Modules are found also where the kernel itself is not. */
	dwfl_linux_kernel_report_kernel(dwfl);
	dwfl_linux_kernel_report_modules(dwfl);
	dwfl_report_end(dwfl, NULL, NULL);
	return dwfl;
}

static Dwfl_Module *module_at(struct kernel_lines *k, uint64_t ip)
{
	Dwfl_Module *module = k->dwfl ? dwfl_addrmodule(k->dwfl, ip) : NULL;

	if (module || k->asked)
		return module;
	k->asked = true;
	k->dwfl = open_dwfl();
	return k->dwfl ? dwfl_addrmodule(k->dwfl, ip) : NULL;
}

bool kernel_lines__of_call(struct kernel_lines *k, uint64_t ip, char *buf, size_t size)
{
	/* The call may be the last that there is of the function. */
	Dwfl_Module *module = module_at(k, ip - 1);
	Dwfl_Line *line = module ? dwfl_module_getsrc(module, ip - 1) : NULL;
	const char *file, *slash;
	int number;

	file = line ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;
	if (!file)
		return false;
	slash = strrchr(file, '/');
	snprintf(buf, size, "%s:%d", slash ? slash + 1 : file, number);
	return true;
}
