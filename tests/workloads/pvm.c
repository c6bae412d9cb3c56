// SPDX-License-Identifier: GPL-2.0
/* process_vm_readv() and process_vm_writev(): the pages of another process, pinned for the call. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "sim.h"

static char *here;

/* Our side is copied to and from, and not pinned. */
static void copy(struct sim *s, const char *name,
		 ssize_t (*call)(pid_t, const struct iovec *, unsigned long, const struct iovec *,
				 unsigned long, unsigned long))
{
	struct iovec local = { NULL, s->mem.len }, remote = { s->mem.addr, s->mem.len };
	ssize_t n;

	if (!here)
		here = mmap(NULL, s->mem.len, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (here == MAP_FAILED)
		fail("mmap of %zu bytes: %s", s->mem.len, strerror(errno));
	local.iov_base = here;
	n = call(s->out->owner, &local, 1, &remote, 1, 0);
	if (n < 0 && (errno == EPERM || errno == ENOSYS))
		cannot("%s: %s", name, strerror(errno));
	if (n < 0 || (size_t)n != s->mem.len)
		fail("%s of %zu bytes: %zd (%s)", name, s->mem.len, n, strerror(errno));
}

static void read_call(struct sim *s)
{
	copy(s, "process_vm_readv", process_vm_readv);
}

static void write_call(struct sim *s)
{
	copy(s, "process_vm_writev", process_vm_writev);
}

static void cleanup(struct sim *s)
{
	munmap(here, s->mem.len);
	here = NULL;
}

static const struct pinner reader = {
	.call = read_call, .cleanup = cleanup, .models = model_passing,
	.driver = "process_vm", .remote = true,
};

static const struct pinner writer = {
	.call = write_call, .cleanup = cleanup, .models = model_passing,
	.driver = "process_vm", .remote = true,
};

const struct subsystem pvm_subsystems[] = {
	{ .name = "pvmread", .help = "process_vm_readv of another process", .run = fast_run,
	  .pinner = &reader, .allows = OPTS_FAST | OPT_MIX, .kinds = KINDS_SHORT, .pages = 251 },
	{ .name = "pvmwrite", .help = "process_vm_writev to another process", .run = fast_run,
	  .pinner = &writer, .allows = OPTS_FAST | OPT_MIX, .kinds = KINDS_SHORT, .pages = 251 },
	{},
};
