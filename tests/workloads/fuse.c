// SPDX-License-Identifier: GPL-2.0
/*
 * FUSE direct I/O, in flight for as long as we like: the server is a child of ours, which answers a
 * read or a write only when told to. A thread makes the call and waits for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim.h"

#define FILE_NAME	"file"
#define FILE_NODE	2
#define MAX_WRITE	MIB
#define REQUEST_MAX	(MAX_WRITE + 4096)

static int dev = -1, file = -1;
static int talk[2];		/* the server's end, then ours */
static bool writing;
static pthread_t thread;

/* --- the server ------------------------------------------------------------------------------ */

static void answer(const struct fuse_in_header *in, int error, const void *data, size_t len)
{
	static char buf[REQUEST_MAX];
	struct fuse_out_header *out = (void *)buf;

	out->len = sizeof(*out) + len;
	out->error = error;
	out->unique = in->unique;
	if (data)
		memcpy(out + 1, data, len);
	else
		memset(out + 1, 0, len);
	if (write(dev, buf, out->len) < 0 && errno != ENOENT)
		_exit(1);
}

static void attributes(struct fuse_attr *a, uint64_t node)
{
	a->ino = node;
	a->mode = node == FILE_NODE ? S_IFREG | 0600 : S_IFDIR | 0700;
	a->nlink = 1;
	a->size = node == FILE_NODE ? GIB : 0;
	a->blksize = page_size();
}

static void answer_init(const struct fuse_in_header *in)
{
	struct fuse_init_out out = {
		.major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = MAX_WRITE,
		.flags = FUSE_MAX_PAGES | FUSE_BIG_WRITES, .max_pages = MAX_WRITE / page_size(),
	};

	answer(in, 0, &out, sizeof(out));
}

/* Says that it has it, and waits for leave. */
static void hold_back(void)
{
	char c;

	if (write(talk[0], "", 1) != 1 || read(talk[0], &c, 1) != 1)
		_exit(1);
}

static void serve(const struct fuse_in_header *in)
{
	const void *body = in + 1;
	struct fuse_entry_out entry = { .nodeid = FILE_NODE };
	struct fuse_attr_out attr = {};
	struct fuse_open_out opened = { .open_flags = FOPEN_DIRECT_IO };
	struct fuse_write_out written = {};

	switch (in->opcode) {
	case FUSE_INIT:
		answer_init(in);
		break;
	case FUSE_LOOKUP:
		attributes(&entry.attr, FILE_NODE);
		answer(in, 0, &entry, sizeof(entry));
		break;
	case FUSE_GETATTR:
		attributes(&attr.attr, in->nodeid);
		answer(in, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
		answer(in, 0, &opened, sizeof(opened));
		break;
	case FUSE_READ:
		hold_back();
		answer(in, 0, NULL, ((const struct fuse_read_in *)body)->size);
		break;
	case FUSE_WRITE:
		written.size = ((const struct fuse_write_in *)body)->size;
		hold_back();
		answer(in, 0, &written, sizeof(written));
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	case FUSE_FLUSH:
	case FUSE_RELEASE:
		answer(in, 0, NULL, 0);
		break;
	default:
		answer(in, -ENOSYS, NULL, 0);
	}
}

static void server(struct sim *s, struct batch *b)
{
	static char request[REQUEST_MAX];
	ssize_t n;

	close(talk[1]);
	batch_ready(b);
	while ((n = read(dev, request, sizeof(request))) > 0 || errno == EINTR || errno == ENOENT)
		if (n > 0)
			serve((void *)request);
	_exit(0);
}

/* --- its user -------------------------------------------------------------------------------- */

/* Mounted, opened, and out of sight again; before there is memory that the server could share. */
static void fuse_setup(struct sim *s)
{
	static struct batch servers;
	char dir[] = "/tmp/pinsim.XXXXXX", path[64], options[128];

	dev = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (dev < 0)
		cannot("/dev/fuse: %s", strerror(errno));
	if (!mkdtemp(dir) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, talk))
		cannot("FUSE: %s: %s", dir, strerror(errno));
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", dev);
	if (mount("pinsim", dir, "fuse", MS_NOSUID | MS_NODEV, options))
		cannot("FUSE: mount: %s", strerror(errno));
	batch_start(s, &servers, 1, server);
	batch_wait(&servers);
	close(talk[0]);
	snprintf(path, sizeof(path), "%s/" FILE_NAME, dir);
	file = open(path, O_RDWR | O_CLOEXEC);
	if (file < 0)
		fail("%s: %s", path, strerror(errno));
	umount2(dir, MNT_DETACH);
	rmdir(dir);
	/* When the server dies, so does the connection. */
	close(dev);
}

static void *transfer(void *arg)
{
	struct sim *s = arg;
	ssize_t n = writing ? pwrite(file, s->mem.addr, s->mem.len, 0) :
			      pread(file, s->mem.addr, s->mem.len, 0);

	if (n != (ssize_t)s->mem.len)
		fail("FUSE, %zu bytes: %zd (%s)", s->mem.len, n, n < 0 ? strerror(errno) : "less");
	return NULL;
}

static void fuse_take(struct sim *s)
{
	int err = pthread_create(&thread, NULL, transfer, s);
	char c;

	if (err)
		fail("pthread_create: %s", strerror(err));
	if (read(talk[1], &c, 1) != 1)
		fail("FUSE: the server has gone");
}

static void read_take(struct sim *s)
{
	fuse_take(s);
}

static void write_take(struct sim *s)
{
	writing = true;
	fuse_take(s);
}

static void fuse_drop(struct sim *s)
{
	if (write(talk[1], "", 1) != 1)
		fail("FUSE: the server has gone");
	pthread_join(thread, NULL);
}

static const struct pinner reader = {
	.setup = fuse_setup, .take = read_take, .drop = fuse_drop,
	.models = model_held_extracted, .driver = "direct-io",
};

static const struct pinner writer = {
	.setup = fuse_setup, .take = write_take, .drop = fuse_drop,
	.models = model_held_extracted, .driver = "direct-io",
};

/* One request carries no more than MAX_WRITE. */
const struct subsystem fuse_subsystems[] = {
	{ .name = "fuseread", .help = "FUSE direct read, in flight while the server waits",
	  .run = hold_run, .pinner = &reader, .allows = OPTS_FAST | OPT_UNMAP | OPT_ABORT,
	  .kinds = KINDS_SHORT, .pages = 127, .limit = 251 },
	{ .name = "fusewrite", .help = "FUSE direct write, in flight while the server waits",
	  .run = hold_run, .pinner = &writer, .allows = OPTS_FAST | OPT_UNMAP | OPT_ABORT,
	  .kinds = KINDS_SHORT, .pages = 127, .limit = 251 },
	{},
};
