// SPDX-License-Identifier: GPL-2.0
/* The kernel's own count of pins. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim.h"

/*
 * Folds the per-CPU rests into /proc/vmstat, which otherwise hide changes of some dozens of pages.
 * The write folds first and then fails with EINVAL where any counter is below zero.
 */
static bool refresh(void)
{
	int fd = open("/proc/sys/vm/stat_refresh", O_WRONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, "1", 1) == 1 || errno == EINVAL;
	close(fd);
	return ok;
}

static bool value(const char *text, const char *name, long long *v)
{
	const char *p = strstr(text, name);

	if (!p)
		return false;
	*v = strtoll(p + strlen(name), NULL, 10);
	return true;
}

static bool others_pin;

/* From now on nobody knows what the kernel counts of this program's pins alone. */
void pins_among_others(void)
{
	others_pin = true;
}

struct pincount pins_read(void)
{
	static char buf[64 * KIB];
	struct pincount c = {};
	size_t len = 0;
	ssize_t n;
	int fd;

	if (others_pin || !refresh())
		return c;
	fd = open("/proc/vmstat", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return c;
	while ((n = read(fd, buf + len, sizeof(buf) - 1 - len)) > 0)
		len += n;
	close(fd);
	buf[len] = 0;
	c.ok = value(buf, "\nnr_foll_pin_acquired ", &c.acquired) &&
	       value(buf, "\nnr_foll_pin_released ", &c.released);
	return c;
}

/* Pins of somebody who has just gone may still be on their way back in a kernel worker: wait. */
struct pincount pins_settled(void)
{
	struct pincount last = pins_read(), c = last;
	int i;

	for (i = 0; i < 10 && c.ok; i++) {
		usleep(2000);
		c = pins_read();
		if (c.acquired == last.acquired && c.released == last.released)
			break;
		last = c;
	}
	return c;
}

/* How many more are in flight now than then. */
long long pins_since(const struct pincount *before)
{
	struct pincount c;

	if (!before->ok)
		return UNKNOWN;
	c = pins_read();
	return c.acquired - c.released - (before->acquired - before->released);
}

/* The same, once it is as wanted or after so long. */
long long pins_wait(const struct pincount *before, long long wanted, int ms)
{
	double end = now() + ms / 1e3;
	long long n;

	while ((n = pins_since(before)) != wanted && before->ok && now() < end)
		usleep(2000);
	return n;
}
