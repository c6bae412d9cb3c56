// SPDX-License-Identifier: GPL-2.0
/* Children: started in batches that report ready, and never left behind. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim.h"

void sleep_for_ever(void)
{
	for (;;)
		pause();
}

/*
 * The death signal is the kernel's own: it reaches the child even if we are SIGKILLed. Between fork
 * and prctl it does not, hence the look at who the parent is now.
 */
pid_t batch_fork(struct sim *s)
{
	pid_t parent = getpid(), pid = fork();
	sigset_t none;

	if (pid < 0)
		fail("fork: %s", strerror(errno));
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	close(s->sigfd);
	return 0;
}

/* Each child calls batch_ready() in its body; the pipe ends when the last one has, or has died. */
void batch_start(struct sim *s, struct batch *b, int nr,
		 void (*body)(struct sim *s, struct batch *b))
{
	int i;

	b->pids = calloc(nr, sizeof(*b->pids));
	if (!b->pids || pipe2(b->pipe, O_CLOEXEC))
		fail("out of memory or files");
	for (i = 0; i < nr; i++) {
		b->pids[i] = batch_fork(s);
		if (!b->pids[i]) {
			close(b->pipe[0]);
			body(s, b);
			_exit(0);
		}
		b->nr++;
	}
	close(b->pipe[1]);
}

void batch_ready(struct batch *b)
{
	if (write(b->pipe[1], "", 1) != 1)
		_exit(1);
	close(b->pipe[1]);
}

/* A child that fails has said why; its exit status becomes ours. The pipe ends a little before. */
static void child_failed(struct batch *b)
{
	double end = now() + 1;
	int i, st;

	for (i = 0; now() < end; i = (i + 1) % b->nr) {
		usleep(1000);
		if (waitpid(b->pids[i], &st, WNOHANG) != b->pids[i])
			continue;
		if (WIFEXITED(st) && WEXITSTATUS(st) == EXIT_CANNOT) {
			hugepages_put_back();
			_exit(EXIT_CANNOT);
		}
		break;
	}
	fail("a child died before it was ready");
}

void batch_wait(struct batch *b)
{
	char buf[256];
	int ready = 0;
	ssize_t n;

	while ((n = read(b->pipe[0], buf, sizeof(buf))) > 0)
		ready += n;
	close(b->pipe[0]);
	if (ready != b->nr)
		child_failed(b);
}

void batch_kill(struct batch *b)
{
	int i;

	for (i = 0; i < b->nr; i++)
		kill(b->pids[i], SIGKILL);
	for (i = 0; i < b->nr; i++)
		waitpid(b->pids[i], NULL, 0);
	free(b->pids);
	*b = (struct batch){};
}
