// SPDX-License-Identifier: GPL-2.0
/* O_DIRECT, of files and of block devices: waited for (fast) or not (held as long as it takes). */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "sim.h"

static int file = -1;
static char fs[32];		/* type of the filesystem; empty for a block device */
static aio_context_t aio;

/* By its device number: what statfs() says of 9p is the server's. */
static void find_fs(dev_t dev)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	unsigned int major, minor;
	char line[1024], *type;

	fs[0] = 0;
	while (f && !fs[0] && fgets(line, sizeof(line), f)) {
		type = strstr(line, " - ");
		if (type && sscanf(line, "%*d %*d %u:%u", &major, &minor) == 2 &&
		    makedev(major, minor) == dev)
			sscanf(type, " - %31s", fs);
	}
	if (f)
		fclose(f);
}

static bool fs_is(const char *type)
{
	return !strcmp(fs, type);
}

/*
 * A file of our own, written before: its blocks shall be there when O_DIRECT comes. That may pin as
 * well, where there is no page cache to go through (9p).
 */
static void make_file(struct sim *s, char path[PATH_MAX])
{
	size_t left = s->mem.len, n;

	file = mem_new_file(s->o.dir, path);
	for (; left; left -= n) {
		n = left < MIB ? left : MIB;
		if (write(file, s->mem.addr, n) != (ssize_t)n)
			break;
	}
	if (!left && !fsync(file) && !fcntl(file, F_SETFL, O_DIRECT))
		return;
	unlink(path);
	cannot("a file of %zu bytes with O_DIRECT in %s: %s", s->mem.len, s->o.dir,
	       strerror(errno));
}

/* Its name goes once it has been looked at: 9p cannot do that without. */
static void get_file(struct sim *s)
{
	const char *name = s->o.file ?: s->o.dir;
	char path[PATH_MAX] = "";
	struct stat st;
	bool known;

	if (s->o.file)
		file = open(s->o.file, O_RDWR | O_DIRECT | O_CLOEXEC);
	else
		make_file(s, path);
	known = file >= 0 && !fstat(file, &st);
	if (path[0])
		unlink(path);
	if (!known)
		cannot("%s with O_DIRECT: %s", name, strerror(errno));
	fs[0] = 0;
	if (!S_ISBLK(st.st_mode))
		find_fs(st.st_dev);
	if (fs_is("tmpfs") || fs_is("ramfs") || fs_is("rootfs"))
		cannot("O_DIRECT in %s: it has no disk behind it", name);
	if (lseek(file, 0, SEEK_END) < (off_t)s->mem.len)
		fail("%s: shorter than %zu bytes", name, s->mem.len);
}

static void transfer(struct sim *s, ssize_t (*call)(struct sim *s, size_t at))
{
	size_t at = 0;
	ssize_t n;

	for (; at < s->mem.len; at += n) {
		n = call(s, at);
		if (n <= 0)
			fail("O_DIRECT at %zu of %zu: %s", at, s->mem.len,
			     n ? strerror(errno) : "no more");
	}
}

static ssize_t read_at(struct sim *s, size_t at)
{
	return pread(file, s->mem.addr + at, s->mem.len - at, at);
}

static ssize_t write_at(struct sim *s, size_t at)
{
	return pwrite(file, s->mem.addr + at, s->mem.len - at, at);
}

static void read_call(struct sim *s)
{
	transfer(s, read_at);
}

static void write_call(struct sim *s)
{
	transfer(s, write_at);
}

/* Pages whose blocks on disk do not follow each other: they go there in more than one piece. */
static long long breaks(size_t len)
{
	int size = 0, block, last = 0;
	long long n = 0;
	size_t i;

	if (ioctl(file, FIGETBSZ, &size) || size <= 0)
		fail("FIGETBSZ: %s", strerror(errno));
	for (i = 0; i < len / size; i++, last = block) {
		block = i;
		if (ioctl(file, FIBMAP, &block))
			fail("FIBMAP: %s", strerror(errno));
		if (i * size % page_size() && block != last + 1)
			n++;
	}
	return n;
}

/*
 * The old direct-io.c, which fat still uses, takes two pins more for each piece of a page. They
 * come from folio_add_pin(), which no counter sees; their release is counted.
 */
static int dio_models(const struct sim *s, const struct layout *l, struct model *models)
{
	int nr = model_passing_extracted(s, l, models);

	if ((fs_is("vfat") || fs_is("msdos")) && kernel_has("folio_add_pin"))
		models[0].released += 2 * (l->pages + breaks(s->mem.len));
	return nr;
}

static void submit(struct sim *s, int opcode)
{
	struct iocb cb = {
		.aio_lio_opcode = opcode,
		.aio_fildes = file,
		.aio_buf = (uintptr_t)s->mem.addr,
		.aio_nbytes = s->mem.len,
	}, *cbs = &cb;

	if (syscall(SYS_io_setup, 1, &aio))
		cannot("io_setup: %s", strerror(errno));
	if (syscall(SYS_io_submit, aio, 1, &cbs) != 1)
		fail("io_submit: %s", strerror(errno));
}

static void aio_read_take(struct sim *s)
{
	get_file(s);
	submit(s, IOCB_CMD_PREAD);
}

static void aio_write_take(struct sim *s)
{
	get_file(s);
	submit(s, IOCB_CMD_PWRITE);
}

static void close_file(struct sim *s)
{
	close(file);
	file = -1;
}

/* The device lets go when it is done. */
static void aio_drop(struct sim *s)
{
	struct io_event ev;

	if (syscall(SYS_io_getevents, aio, 1, 1, &ev, NULL) != 1 || (long)ev.res < 0)
		fail("io_getevents: %s", strerror(ev.res < 0 ? -ev.res : errno));
	if (ev.res != (long long)s->mem.len)
		fail("io_getevents: %lld bytes of %zu", (long long)ev.res, s->mem.len);
	syscall(SYS_io_destroy, aio);
	aio = 0;
	close_file(s);
}

static const struct pinner reader = {
	.prepare = get_file, .call = read_call, .cleanup = close_file,
	.models = dio_models, .driver = "direct-io",
};

static const struct pinner writer = {
	.prepare = get_file, .call = write_call, .cleanup = close_file,
	.models = dio_models, .driver = "direct-io",
};

static const struct pinner aio_reader = {
	.take = aio_read_take, .drop = aio_drop, .models = model_held_extracted,
	.driver = "direct-io",
};

static const struct pinner aio_writer = {
	.take = aio_write_take, .drop = aio_drop, .models = model_held_extracted,
	.driver = "direct-io",
};

#define ALLOWS_AIO	(OPTS_FAST | OPT_FILE | OPT_NEEDS_FILE | OPT_UNMAP | OPT_ABORT)

const struct subsystem dio_subsystems[] = {
	{ .name = "dioread", .help = "O_DIRECT read of --file, or of a file in --dir",
	  .run = fast_run, .pinner = &reader, .allows = OPTS_FAST | OPT_FILE | OPT_MIX,
	  .kinds = KINDS_SHORT, .pages = 251 },
	{ .name = "diowrite", .help = "O_DIRECT write to --file, or to a file in --dir",
	  .run = fast_run, .pinner = &writer, .allows = OPTS_FAST | OPT_FILE | OPT_MIX,
	  .kinds = KINDS_SHORT, .pages = 251 },
	{ .name = "aioread", .help = "O_DIRECT read, in flight as long as the slow --file takes",
	  .run = hold_run, .pinner = &aio_reader, .allows = ALLOWS_AIO, .kinds = KINDS_SHORT,
	  .pages = 251 },
	{ .name = "aiowrite", .help = "O_DIRECT write, in flight as long as the slow --file takes",
	  .run = hold_run, .pinner = &aio_writer, .allows = ALLOWS_AIO, .kinds = KINDS_SHORT,
	  .pages = 251 },
	{},
};
