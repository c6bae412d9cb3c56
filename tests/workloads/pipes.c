// SPDX-License-Identifier: GPL-2.0
/*
 * One page that pipes refer to more than 1024 times, the kernel's bias for one pin, and no pin:
 * what the scan must not take for a pin, though no page table says whence the references come.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sim.h"

#define COPIES	2053	/* two pins' worth, and a prime */
#define MAX_PIPES	400

static int pipes[MAX_PIPES][2];
static int nr_pipes;

/* Of the size that everybody may have: larger ones take CAP_SYS_RESOURCE. Returns where to write. */
static int new_pipe(void)
{
	if (nr_pipes == MAX_PIPES || pipe2(pipes[nr_pipes], O_CLOEXEC))
		cannot("enough pipes: %s", nr_pipes == MAX_PIPES ? "they are small" : strerror(errno));
	return pipes[nr_pipes++][1];
}

static void close_pipes(void)
{
	while (nr_pipes--) {
		close(pipes[nr_pipes][0]);
		close(pipes[nr_pipes][1]);
	}
}

/* Refers to what the first pipe has, in as many others as that takes. */
static void copy(void)
{
	int i, to = new_pipe();

	for (i = 0; i < COPIES; i++) {
		ssize_t n = tee(pipes[0][0], to, page_size(), SPLICE_F_NONBLOCK);

		if (n == (ssize_t)page_size())
			continue;
		if (n >= 0 || errno != EAGAIN)
			fail("tee: %s", n < 0 ? strerror(errno) : "part of a page");
		to = new_pipe();
		i--;
	}
}

/* A page of the pipe's own: without a file, not mapped, on no LRU list. */
static void put_new_page(int fd)
{
	static const char text[64 * KIB] = "pinsim";

	if (write(fd, text, page_size()) != (ssize_t)page_size())
		fail("write to a pipe: %s", strerror(errno));
}

/* Memory that was never written is the zero page, which the pipe takes as it is. */
static void put_zero_page(int fd)
{
	char *p = mmap(NULL, page_size(), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec iov = { p, page_size() };

	if (p == MAP_FAILED)
		fail("mmap: %s", strerror(errno));
	if (vmsplice(fd, &iov, 1, 0) != (ssize_t)page_size())
		fail("vmsplice: %s", strerror(errno));
	munmap(p, page_size());
}

static int pipes_run(struct sim *s, void (*put)(int fd))
{
	struct outcome *out = s->out;

	s->before = pins_settled();
	put(new_pipe());
	copy();
	out->pid = syscall(SYS_gettid);
	out->tgid = getpid();
	out->known = true;
	out->observed = pins_wait(&s->before, 0, 50);
	/* The page and its copies. */
	report_pinned(s, "\"references\":%d", COPIES + 1);
	wait_end(s, NULL, 0);
	close_pipes();
	report_released(s, NULL);
	return 0;
}

static int page_run(struct sim *s)
{
	return pipes_run(s, put_new_page);
}

static int zero_run(struct sim *s)
{
	return pipes_run(s, put_zero_page);
}

const struct subsystem pipes_subsystems[] = {
	{ .name = "pipe-page", .run = page_run,
	  .help = "a pipe's page that is referred to 2054 times, no pin" },
	{ .name = "pipe-zero", .run = zero_run,
	  .help = "the zero page referred to 2054 times more, no pin" },
	{},
};
