// SPDX-License-Identifier: GPL-2.0
/*
 * Pins that outlive their owner: one child pins and exits, another one holds what keeps the pins.
 *
 * Kernels since 6.7 (and stable ones) refuse to send a ring over a socket, so where SCM_RIGHTS
 * fails the holder takes the file with pidfd_getfd() instead.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim.h"

struct note {
	pid_t	pid;
	int	fd;	/* number in the sender's table */
};

union control {
	struct cmsghdr	align;
	char		buf[CMSG_SPACE(sizeof(int))];
};

static int sock[2];
static struct batch pinner, holder;

static ssize_t send_note(struct note *n, bool with_fd)
{
	struct iovec iov = { n, sizeof(*n) };
	union control c = {};
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *h;

	if (with_fd) {
		msg.msg_control = c.buf;
		msg.msg_controllen = sizeof(c.buf);
		h = CMSG_FIRSTHDR(&msg);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(h), &n->fd, sizeof(int));
	}
	return sendmsg(sock[0], &msg, MSG_NOSIGNAL);
}

static int fetch_fd(const struct note *n)
{
	int pidfd = syscall(SYS_pidfd_open, n->pid, 0);
	int fd = pidfd < 0 ? -1 : syscall(SYS_pidfd_getfd, pidfd, n->fd, 0);

	if (fd < 0)
		cannot("passing the ring: neither SCM_RIGHTS nor pidfd_getfd: %s", strerror(errno));
	close(pidfd);
	return fd;
}

static int receive_fd(struct sim *s)
{
	struct note n;
	struct iovec iov = { &n, sizeof(n) };
	union control c;
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = c.buf,
			      .msg_controllen = sizeof(c.buf) };
	struct cmsghdr *h;
	int fd;

	if (recvmsg(sock[1], &msg, MSG_CMSG_CLOEXEC) != sizeof(n))
		_exit(1);	/* the pinning child said why */
	h = CMSG_FIRSTHDR(&msg);
	strcpy(s->out->passed_by, h ? "SCM_RIGHTS" : "pidfd_getfd");
	if (!h)
		return fetch_fd(&n);
	memcpy(&fd, CMSG_DATA(h), sizeof(int));
	return fd;
}

static void hold_body(struct sim *s, struct batch *b)
{
	close(sock[0]);
	s->pin_fd = receive_fd(s);
	if (write(sock[1], "", 1) != 1)
		_exit(1);
	close(sock[1]);
	batch_ready(b);
	sleep_for_ever();
}

static void pin_body(struct sim *s, struct batch *b)
{
	struct note n = { .pid = getpid() };
	char ack;

	close(sock[1]);
	/* So that a sibling may take the ring with pidfd_getfd() without being root. */
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	mem_get(s);
	hold_take(s);
	n.fd = s->pin_fd;
	if (send_note(&n, true) < 0 && send_note(&n, false) < 0)
		fail("sendmsg: %s", strerror(errno));
	if (read(sock[0], &ack, 1) != 1)
		_exit(1);	/* the holder said why */
	batch_ready(b);
}

void pass_take(struct sim *s)
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sock))
		fail("socketpair: %s", strerror(errno));
	batch_start(s, &holder, 1, hold_body);
	batch_start(s, &pinner, 1, pin_body);
	close(sock[0]);
	close(sock[1]);
	batch_wait(&pinner);
	batch_wait(&holder);
	waitpid(pinner.pids[0], NULL, 0);
	s->holder = holder.pids[0];
}

void pass_drop(struct sim *s)
{
	batch_kill(&holder);
	s->holder = 0;
}
