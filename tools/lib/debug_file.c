// SPDX-License-Identifier: GPL-2.0
#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "debug_file.h"
#include "vec.h"

static bool has_id(int fd, const void *id, size_t len)
{
	Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
	const void *its;
	bool same = elf && dwelf_elf_gnu_build_id(elf, &its) == (ssize_t)len &&
		    !memcmp(its, id, len);

	elf_end(elf);
	return same;
}

/* In the folders in which gdb looks as well. */
static int by_link(const char *path, const char *link, const void *id, size_t len, char **found)
{
	static const char *const formats[] = { "%.*s/%s", "%.*s/.debug/%s",
					       "/usr/lib/debug%.*s/%s" };
	const char *slash = strrchr(path, '/');
	size_t i;

	if (path[0] != '/' || strchr(link, '/'))
		return -1;
	for (i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		char *file = xasprintf(formats[i], (int)(slash - path), path, link);
		int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

		if (fd >= 0 && has_id(fd, id, len)) {
			*found = file;
			return fd;
		}
		if (fd >= 0)
			close(fd);
		free(file);
	}
	return -1;
}

int debug_file_find(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base,
		    const char *path, const char *link, GElf_Word crc, char **found)
{
	const unsigned char *id;
	GElf_Addr at;
	int fd, len = dwfl_module_build_id(module, &id, &at);

	/* Also for what dwz(1) took out of several files' debug info: that link has no checksum. */
	fd = dwfl_build_id_find_debuginfo(module, NULL, NULL, 0, NULL, NULL, 0, found);
	if (fd >= 0 || !path || !link || !crc)
		return fd;
	if (len > 0)
		return by_link(path, link, id, (size_t)len, found);
	/* It asks servers for build ids only. */
	return dwfl_standard_find_debuginfo(module, userdata, name, base, path, link, crc, found);
}
