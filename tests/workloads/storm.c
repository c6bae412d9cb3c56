// SPDX-License-Identifier: GPL-2.0
/*
 * Releases in interrupts while the same CPU releases in a task: on each CPU one thread registers
 * and unregisters buffers all the time, another has the slow --file read by the dozen, whose reads
 * end in interrupts there. What looks at each release is interrupted in looking.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sim.h"

#define READS	31	/* at a time, of a page each */

static atomic_bool stop;
static atomic_llong registered, reads;

struct worker {
	struct sim	*s;
	int		cpu;
	pthread_t	thread;
};

static char *buffer(size_t len)
{
	char *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		fail("mmap: %s", strerror(errno));
	madvise(p, len, MADV_NOHUGEPAGE);
	memset(p, 1, len);
	return p;
}

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		fail("CPU %d: %s", cpu, strerror(errno));
}

static void *register_thread(void *arg)
{
	struct worker *w = arg;
	size_t len = (w->s->o.pages ?: w->s->sc.sub->pages) * page_size();
	struct iovec iov = { buffer(len), len };
	struct io_uring_params p = {};
	int fd = syscall(SYS_io_uring_setup, 1, &p);

	stay_on(w->cpu);
	if (fd < 0)
		cannot("io_uring: %s", strerror(errno));
	while (!stop) {
		if (syscall(SYS_io_uring_register, fd, IORING_REGISTER_BUFFERS, &iov, 1) ||
		    syscall(SYS_io_uring_register, fd, IORING_UNREGISTER_BUFFERS, NULL, 0))
			fail("registering buffers: %s", strerror(errno));
		registered++;
	}
	close(fd);
	return NULL;
}

static void *read_thread(void *arg)
{
	struct worker *w = arg;
	int i, fd = open(w->s->o.file, O_RDONLY | O_DIRECT | O_CLOEXEC);
	char *buf = buffer(READS * page_size());
	struct iocb cb[READS] = {}, *cbs[READS];
	struct io_event ev[READS];
	aio_context_t aio = 0;

	stay_on(w->cpu);
	if (fd < 0 || syscall(SYS_io_setup, READS, &aio))
		cannot("%s with O_DIRECT: %s", w->s->o.file, strerror(errno));
	while (!stop) {
		for (i = 0; i < READS; i++) {
			cb[i] = (struct iocb){
				.aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = fd,
				.aio_buf = (uintptr_t)buf + i * page_size(),
				.aio_nbytes = page_size(), .aio_offset = i * page_size(),
			};
			cbs[i] = &cb[i];
		}
		if (syscall(SYS_io_submit, aio, READS, cbs) != READS ||
		    syscall(SYS_io_getevents, aio, READS, READS, ev, NULL) != READS)
			fail("%s: %s", w->s->o.file, strerror(errno));
		reads += READS;
	}
	syscall(SYS_io_destroy, aio);
	close(fd);
	return NULL;
}

static int storm_run(struct sim *s)
{
	int cpus = sysconf(_SC_NPROCESSORS_ONLN), i;
	struct worker *w = calloc(2 * cpus, sizeof(*w));
	struct pincount after;

	s->before = pins_settled();
	for (i = 0; w && i < 2 * cpus; i++) {
		w[i] = (struct worker){ .s = s, .cpu = i / 2 };
		if (pthread_create(&w[i].thread, NULL, i % 2 ? read_thread : register_thread,
				   &w[i]))
			fail("pthread_create: %s", strerror(errno));
	}
	while (!registered || !reads)
		usleep(1000);
	s->out->pid = syscall(SYS_gettid);
	s->out->tgid = getpid();
	s->out->known = true;
	s->out->expected = s->out->observed = UNKNOWN;	/* never the same twice */
	report_pinned(s, NULL);
	wait_end(s, NULL, 0);
	stop = true;
	for (i = 0; w && i < 2 * cpus; i++)
		pthread_join(w[i].thread, NULL);
	after = pins_settled();
	report_released(s, "\"registered\":%lld,\"reads\":%lld,\"acquired\":%lld,\"released\":%lld",
			(long long)registered, (long long)reads,
			after.acquired - s->before.acquired, after.released - s->before.released);
	free(w);
	return 0;
}

const struct subsystem storm_subsystems[] = {
	{ .name = "storm", .help = "releases in interrupts that interrupt releases, with --file",
	  .run = storm_run, .allows = OPT_SIZE | OPT_FILE | OPT_NEEDS_FILE, .pages = 251 },
	{},
};
