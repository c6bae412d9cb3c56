// SPDX-License-Identifier: GPL-2.0
/* pinsim: takes pins on purpose and says what it took. See --help. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sim.h"

static void complain(const char *what, const char *fmt, va_list ap)
{
	fprintf(stderr, "pinsim: %s", what);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain("", fmt, ap);
	va_end(ap);
	hugepages_put_back();
	_exit(1);
}

void cannot(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain("cannot be had here: ", fmt, ap);
	va_end(ap);
	hugepages_put_back();
	_exit(EXIT_CANNOT);
}

void note(const struct sim *s, const char *fmt, ...)
{
	va_list ap;

	if (s->o.quiet)
		return;
	va_start(ap, fmt);
	complain("", fmt, ap);
	va_end(ap);
}

/* Pins count against it for those without CAP_IPC_LOCK. If it cannot be raised, then so be it. */
static void raise_memlock(void)
{
	struct rlimit max = { RLIM_INFINITY, RLIM_INFINITY };
	struct rlimit now;

	if (!setrlimit(RLIMIT_MEMLOCK, &max) || getrlimit(RLIMIT_MEMLOCK, &now))
		return;
	now.rlim_cur = now.rlim_max;
	setrlimit(RLIMIT_MEMLOCK, &now);
}

static bool main_thread_is_zombie(pid_t tgid)
{
	char path[64], buf[256], *state;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", tgid, tgid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail("%s: %s", path, strerror(errno));
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n <= 0)
		return false;
	buf[n] = 0;
	state = strrchr(buf, ')');
	return state && state[1] == ' ' && state[2] == 'Z';
}

static void *second_thread(void *arg)
{
	struct sim *s = arg;

	while (!main_thread_is_zombie(s->main_tgid))
		usleep(1000);
	exit(s->sc.sub->run(s));
}

/*
 * Ends the main thread as pthread_exit() does, which in a dynamic program wants libgcc_s loaded to
 * unwind: a small guest may not have it.
 */
static void run_in_second_thread(struct sim *s)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, second_thread, s);

	if (err)
		fail("pthread_create: %s", strerror(err));
	syscall(SYS_exit, 0);
}

int main(int argc, char **argv)
{
	static struct sim sim;	/* outlives the main thread's stack frame */
	struct sim *s = &sim;

	options_parse(s, argc, argv);
	s->main_tgid = getpid();
	s->pin_fd = -1;
	s->mem.fd = -1;
	s->out = mmap(NULL, sizeof(*s->out), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (s->out == MAP_FAILED)
		fail("mmap: %s", strerror(errno));
	raise_memlock();
	wait_start(s);
	if (s->o.thread)
		run_in_second_thread(s);
	return s->sc.sub->run(s);
}
