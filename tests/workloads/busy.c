// SPDX-License-Identifier: GPL-2.0
/* Short pins, taken and given back all the time: none is held, the machine is just busy. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sim.h"

static atomic_bool stop;
static atomic_llong calls, bytes;

static void count(ssize_t n)
{
	atomic_fetch_add(&bytes, n);
	atomic_fetch_add(&calls, 1);
}

/* Page-aligned, and written: the zero page is never pinned. */
static char *buffer(size_t len)
{
	char *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		fail("mmap: %s", strerror(errno));
	memset(p, 1, len);
	return p;
}

static void *pvm_thread(void *arg)
{
	struct sim *s = arg;
	struct iovec here = { buffer(s->out->length), s->out->length };
	struct iovec there = { (void *)s->out->address, s->out->length };
	pid_t target = s->holder;

	while (!stop) {
		ssize_t n = process_vm_readv(target, &here, 1, &there, 1, 0);

		if (n < 0 && (errno == EPERM || errno == ENOSYS))
			cannot("process_vm_readv: %s", strerror(errno));
		if (n < 0 && !stop)
			fail("process_vm_readv: %s", strerror(errno));
		if (n > 0)
			count(n);
	}
	return NULL;
}

static void *odirect_thread(void *arg)
{
	struct sim *s = arg;
	char *buf = buffer(s->out->length);
	int fd = open(s->o.file, O_RDONLY | O_DIRECT | O_CLOEXEC);
	off_t at = 0;

	if (fd < 0)
		cannot("%s with O_DIRECT: %s", s->o.file, strerror(errno));
	while (!stop) {
		ssize_t n = pread(fd, buf, s->out->length, at);

		if (n < 0 || (!n && !at))
			fail("%s: %s", s->o.file, n ? strerror(errno) : "is empty");
		at = (size_t)n < s->out->length ? 0 : at + n;	/* a short read is the file's end */
		if (n > 0)
			count(n);
	}
	close(fd);
	return NULL;
}

static void report_busy(struct sim *s, pthread_t *threads, int nr)
{
	struct pincount after;
	int i;

	stop = true;
	for (i = 0; i < nr; i++)
		pthread_join(threads[i], NULL);
	after = pins_settled();
	report_released(s, "\"calls\":%lld,\"bytes\":%lld,\"acquired\":%lld,\"released\":%lld",
			(long long)calls, (long long)bytes, after.acquired - s->before.acquired,
			after.released - s->before.released);
}

/* Says so only when the first call has been through. */
static void busy(struct sim *s, void *(*body)(void *), const char *what, long long value)
{
	int i, err, nr = s->o.threads ?: 2;
	pthread_t *threads = calloc(nr, sizeof(*threads));

	for (i = 0; i < nr && threads; i++) {
		err = pthread_create(&threads[i], NULL, body, s);
		if (err)
			fail("pthread_create: %s", strerror(err));
	}
	while (!calls)
		usleep(1000);
	s->out->pid = syscall(SYS_gettid);
	s->out->tgid = getpid();
	s->out->known = true;
	s->out->expected = 0;
	s->out->observed = UNKNOWN;	/* never the same twice */
	report_pinned(s, "\"threads\":%d,\"%s\":%lld", nr, what, value);
	wait_end(s, NULL, 0);
	report_busy(s, threads, nr);
	free(threads);
}

/* The memory that is read is another process's, as a debugger's would be. */
static void target_body(struct sim *s, struct batch *b)
{
	mem_get(s);
	s->out->address = (uintptr_t)s->mem.addr;
	s->out->length = s->mem.len;
	batch_ready(b);
	sleep_for_ever();
}

static int pvm_run(struct sim *s)
{
	struct batch target = {};

	s->before = pins_settled();
	batch_start(s, &target, 1, target_body);
	batch_wait(&target);
	s->holder = target.pids[0];
	busy(s, pvm_thread, "target", s->holder);
	batch_kill(&target);
	return 0;
}

static int odirect_run(struct sim *s)
{
	s->before = pins_settled();
	s->out->length = s->o.size ?: (s->o.pages ?: s->sc.sub->pages) * page_size();
	busy(s, odirect_thread, "block", s->out->length);
	return 0;
}

const struct subsystem busy_subsystems[] = {
	{ .name = "pvm", .help = "process_vm_readv of another process in a loop: short pins",
	  .run = pvm_run, .allows = OPT_THREADS | OPT_SIZE, .pages = 251, .mem = MEM_ANON },
	{ .name = "odirect", .help = "O_DIRECT reads of --file in a loop: short pins",
	  .run = odirect_run, .allows = OPT_THREADS | OPT_SIZE | OPT_FILE | OPT_NEEDS_FILE,
	  .pages = 251 },
	{},
};
