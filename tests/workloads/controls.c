// SPDX-License-Identifier: GPL-2.0
/* What holds memory and pins nothing: a tool that shows any of it is wrong. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sim.h"

#define REAL_MODE_CODE	0x1000	/* where the guest starts, in its memory and in ours */
#define HLT		0xf4

static int other = -1;	/* the end of it that is not in pin_fd */

static void close_both(struct sim *s)
{
	close(s->pin_fd);
	close(other);
	s->pin_fd = other = -1;
}

/* The pages lie in the pipe until somebody reads them. */
static void vmsplice_take(struct sim *s)
{
	struct iovec iov = { s->mem.addr, s->mem.len };
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		fail("pipe: %s", strerror(errno));
	s->pin_fd = fds[0];
	other = fds[1];
	if (fcntl(other, F_SETPIPE_SZ, s->mem.len) < 0)
		cannot("a pipe of %zu bytes: %s", s->mem.len, strerror(errno));
	if (vmsplice(other, &iov, 1, SPLICE_F_NONBLOCK) != (ssize_t)s->mem.len)
		fail("vmsplice of %zu bytes: %s", s->mem.len, strerror(errno));
}

static void connect_pair(struct sim *s)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	socklen_t len = sizeof(to);

	s->pin_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || s->pin_fd < 0)
		cannot("TCP: %s", strerror(errno));
	if (bind(listener, (void *)&to, sizeof(to)) || listen(listener, 1) ||
	    getsockname(listener, (void *)&to, &len) || connect(s->pin_fd, (void *)&to, len))
		cannot("TCP on the loopback device: %s", strerror(errno));
	other = accept(listener, NULL, NULL);
	close(listener);
	if (setsockopt(s->pin_fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)))
		cannot("SO_ZEROCOPY: %s", strerror(errno));
}

/* As much as the socket takes: nobody reads. */
static void zerocopy_take(struct sim *s)
{
	connect_pair(s);
	if (send(s->pin_fd, s->mem.addr, s->mem.len, MSG_ZEROCOPY | MSG_DONTWAIT) <= 0)
		fail("MSG_ZEROCOPY: %s", strerror(errno));
}

#if defined(__x86_64__)
/* In real mode, at an address below one segment, up to its only instruction. */
static void kvm_execute(int vm)
{
	int cpu = ioctl(vm, KVM_CREATE_VCPU, 0), kvm = other;
	int len = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	struct kvm_regs regs = { .rip = REAL_MODE_CODE, .rflags = 2 };
	struct kvm_sregs sregs;
	struct kvm_run *run;

	if (cpu < 0 || len < 0 || ioctl(cpu, KVM_GET_SREGS, &sregs))
		fail("KVM_CREATE_VCPU: %s", strerror(errno));
	sregs.cs.base = sregs.cs.selector = 0;
	run = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
	if (run == MAP_FAILED || ioctl(cpu, KVM_SET_SREGS, &sregs) ||
	    ioctl(cpu, KVM_SET_REGS, &regs))
		fail("KVM_SET_REGS: %s", strerror(errno));
	if (ioctl(cpu, KVM_RUN, 0) || run->exit_reason != KVM_EXIT_HLT)
		fail("KVM_RUN: %s, exit %u", strerror(errno), run->exit_reason);
	munmap(run, len);
	close(cpu);
}
#else
static void kvm_execute(int vm)
{
	cannot("code for a guest of this architecture");
}
#endif

static void kvm_take(struct sim *s)
{
	struct kvm_userspace_memory_region region = {
		.memory_size = s->mem.len,
		.userspace_addr = (uintptr_t)s->mem.addr,
	};

	other = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (other < 0)
		cannot("/dev/kvm: %s", strerror(errno));
	s->pin_fd = ioctl(other, KVM_CREATE_VM, 0);
	if (s->pin_fd < 0)
		cannot("KVM_CREATE_VM: %s", strerror(errno));
	s->mem.addr[REAL_MODE_CODE] = HLT;
	if (ioctl(s->pin_fd, KVM_SET_USER_MEMORY_REGION, &region))
		fail("KVM_SET_USER_MEMORY_REGION: %s", strerror(errno));
	kvm_execute(s->pin_fd);
}

static int nothing(const struct sim *s, const struct layout *l, struct model *models)
{
	models[0] = (struct model){ 0, 0 };
	return 1;
}

static const struct pinner spliced = {
	.take = vmsplice_take, .drop = close_both, .models = nothing, .driver = "",
};

static const struct pinner zerocopy = {
	.take = zerocopy_take, .drop = close_both, .models = nothing, .driver = "",
};

static const struct pinner kvm = {
	.take = kvm_take, .drop = close_both, .models = nothing, .driver = "",
};

const struct subsystem controls_subsystems[] = {
	{ .name = "vmsplice", .help = "no pin: pages in a pipe", .run = hold_run,
	  .pinner = &spliced, .allows = OPTS_FAST | OPT_UNMAP | OPT_ABORT,
	  .kinds = KINDS_LONG & ~KIND(PARTIAL_THP), .pages = 127, .limit = 128 },
	{ .name = "zerocopy", .help = "no pin: TCP with MSG_ZEROCOPY", .run = hold_run,
	  .pinner = &zerocopy, .allows = OPTS_FAST | OPT_UNMAP | OPT_ABORT, .kinds = KINDS_LONG,
	  .pages = 127 },
	{ .name = "kvm", .help = "no pin: a virtual machine", .run = hold_run, .pinner = &kvm,
	  .allows = OPTS_FAST | OPT_ABORT, .kinds = KINDS_LONG & ~KIND(PARTIAL_THP),
	  .pages = 251 },
	{},
};
