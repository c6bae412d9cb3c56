// SPDX-License-Identifier: GPL-2.0
/* What this kernel is made of. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim.h"

/* Of /sys files, whose size is not always said. */
static char *read_all(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t room = 16 * MIB;
	char *buf = NULL;
	ssize_t n = 1;

	*len = 0;
	while (fd >= 0 && n > 0) {
		buf = realloc(buf, room);
		if (!buf)
			fail("out of memory");
		n = read(fd, buf + *len, room - *len);
		*len += n > 0 ? n : 0;
		if (*len == room)
			room *= 2;
	}
	if (fd >= 0)
		close(fd);
	return buf;
}

/*
 * Is there such a function in the kernel proper? From its BTF, whose strings are names between
 * zeros: 6 MiB to look through, where /proc/kallsyms would have to be printed first.
 */
bool kernel_has(const char *function)
{
	static char *btf;
	static size_t len;
	char name[128] = "";	/* begins with a zero, as ends the string before it */

	if (!btf)
		btf = read_all("/sys/kernel/btf/vmlinux", &len);
	if (!btf)
		cannot("to know what this kernel has: no /sys/kernel/btf/vmlinux");
	snprintf(name + 1, sizeof(name) - 1, "%s", function);
	return memmem(btf, len, name, strlen(function) + 2);
}

/* Negative: there is none to read. */
long file_number(const char *path)
{
	FILE *f = fopen(path, "re");
	long v = -1;

	if (f && fscanf(f, "%ld", &v) != 1)
		v = -1;
	if (f)
		fclose(f);
	return v;
}
