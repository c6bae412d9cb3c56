// SPDX-License-Identifier: GPL-2.0
/* Lets the module pinlab pin some memory, rightly or wrongly, and says what came of it. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "pinlab.h"

#define EXIT_CANNOT	77
#define HUGE		(2UL << 20)
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const struct op {
	const char	*name;
	unsigned long	cmd;
	const char	*rule;	/* that it breaks, or NULL */
	int		error;	/* it fails with, as it should */
	bool		hole;	/* the second half of the memory is not mapped */
	const char	*help;
} ops[] = {
	{ "hold", PINLAB_HOLD, NULL, 0, false, "pin_user_pages(), long-term" },
	{ "short", PINLAB_SHORT, NULL, 0, false, "pinned, touched, unpinned dirty" },
	{ "fast", PINLAB_FAST, NULL, 0, false, "pin_user_pages_fast(), long-term" },
	{ "remote", PINLAB_REMOTE, NULL, 0, false, "memory of a child, long-term" },
	{ "folios", PINLAB_FOLIOS, NULL, 0, false, "memfd_pin_folios()" },
	{ "range", PINLAB_RANGE, NULL, 0, false, "long-term, unpinned by ranges" },
	{ "error", PINLAB_ERROR, NULL, EIO, false, "an error once pinned, all unpinned" },
	{ "partial-undone", PINLAB_FAST, NULL, EFAULT, true, "fewer than asked, unpinned" },
	{ "leak", PINLAB_LEAK, "leak", 0, false, "never unpinned" },
	{ "leak-on-error", PINLAB_LEAK_ON_ERROR, "leak", EIO, false,
	  "an error once pinned, never unpinned" },
	{ "hold-short", PINLAB_HOLD_SHORT, "hold-without-longterm", 0, false,
	  "held without FOLL_LONGTERM" },
	{ "over-unpin", PINLAB_OVER_UNPIN, "over-unpin", 0, false, "unpinned twice" },
	{ "put-page", PINLAB_PUT_PAGE, "wrong-release", 0, false, "pinned, put_page()" },
	{ "get-unpin", PINLAB_GET_UNPIN, "wrong-release", 0, false,
	  "get_user_pages_fast(), unpinned" },
	{ "movable", PINLAB_MOVABLE, "longterm-in-movable", 0, false,
	  "long-term in ZONE_MOVABLE" },
	{ "not-dirtied", PINLAB_NOT_DIRTIED, "write-not-dirtied", 0, false,
	  "written to, unpinned as if it were not; wants --memory file=" },
	{ "unaccounted", PINLAB_UNACCOUNTED, "unaccounted", 0, false,
	  "long-term, charged to nobody" },
	{ "failed-left", PINLAB_FAILED_LEFT, "failed-call-left-pins", ENOMEM, false,
	  "pin_user_pages() fails, pins stay" },
	{ "partial", PINLAB_PARTIAL, "partial-not-undone", EFAULT, true,
	  "fewer than asked, not unpinned" },
};

static struct {
	size_t		pages;
	const char	*memory;
	const char	*release;
	bool		hold, close_first;
	unsigned int	flags;
} o = { .pages = 13, .memory = "anon", .release = "ioctl", .flags = PINLAB_WRITE };

static const char usage[] =
	"Usage: pinlab OP [OPTION]... | repair | --list\n"
	"  --pages N        how many small pages (13)\n"
	"  --memory KIND    anon, thp, memfd or file=PATH, which is written to (anon)\n"
	"  --read           without FOLL_WRITE\n"
	"  --locked         long-term ones count as VmLck, not as VmPin\n"
	"  --close-first    closes the device once it has pinned, before it holds\n"
	"  --hold           until SIGTERM or SIGINT\n"
	"  --release HOW    then by ioctl, close or exit (ioctl)\n"
	"\"repair\" ends what wrong ones have left. Exits with 77 where an OP cannot be had.\n";

static void __attribute__((noreturn, format(printf, 2, 3))) quit(int status, const char *fmt, ...)
{
	va_list ap;

	fputs("pinlab: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(status);
}

static void list(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		printf("%-16s%-8s%-24s%s\n", ops[i].name, ops[i].rule ? "wrong" : "right",
		       ops[i].rule ?: "-", ops[i].help);
}

static char *map(size_t len, int flags, int fd)
{
	char *p = mmap(NULL, len, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		quit(errno == EOPNOTSUPP ? EXIT_CANNOT : 1, "mmap of %zu bytes: %s", len,
		     strerror(errno));
	return p;
}

static char *map_huge(size_t len)
{
	char *p = map(len + 2 * HUGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	p += -(unsigned long)p & (HUGE - 1);
	if (madvise(p, len + HUGE, MADV_HUGEPAGE))
		quit(EXIT_CANNOT, "huge pages: %s", strerror(errno));
	return p;
}

/* Of new blocks, so that writing to it is more than writing to a hole. */
static char *map_file(const char *path, size_t len)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	char *p;

	if (fd < 0 || posix_fallocate(fd, 0, len))
		quit(1, "%s: %s", path, strerror(errno));
	p = map(len, MAP_SHARED, fd);
	close(fd);
	return p;
}

static int new_memfd(size_t len)
{
	int fd = memfd_create("pinlab", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, len))
		quit(1, "memfd of %zu bytes: %s", len, strerror(errno));
	return fd;
}

/* The memory that an op is about, all of it written to; sets what the op needs to know of it. */
static char *get_memory(const struct op *op, int lab, struct pinlab *a)
{
	size_t len = o.pages * getpagesize(), i;
	char *p;

	if (op->cmd == PINLAB_MOVABLE)
		p = map(len, MAP_SHARED, lab);
	else if (op->cmd == PINLAB_FOLIOS || !strcmp(o.memory, "memfd"))
		p = map(len, MAP_SHARED, a->target = new_memfd(len));
	else if (!strncmp(o.memory, "file=", 5))
		p = map_file(o.memory + 5, len);
	else if (op->cmd == PINLAB_NOT_DIRTIED)
		quit(1, "%s: wants --memory file=PATH", op->name);
	else if (!strcmp(o.memory, "thp"))
		p = map_huge(len);
	else if (!strcmp(o.memory, "anon")) {
		p = map(len, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		madvise(p, len, MADV_NOHUGEPAGE);
	} else
		quit(1, "no memory '%s' (anon, thp, memfd, file=PATH)", o.memory);
	for (i = 0; i < len; i += getpagesize())
		p[i] = 1;
	if (op->hole)
		munmap(p + o.pages / 2 * getpagesize(), len - o.pages / 2 * getpagesize());
	return p;
}

/* A child with pages of its own where ours are; it lives no longer than this process. */
static pid_t start_child(char *p)
{
	pid_t parent = getpid(), pid;
	int ready[2];
	size_t i;
	char c;

	if (pipe2(ready, O_CLOEXEC))
		quit(1, "pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		quit(1, "fork: %s", strerror(errno));
	if (pid) {
		if (close(ready[1]) || read(ready[0], &c, 1) != 1)
			quit(1, "the child did not start");
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	for (i = 0; i < o.pages; i++)
		p[i * getpagesize()] = 2;
	if (write(ready[1], "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void report(const struct op *op, const struct pinlab *a, const char *p, pid_t owner)
{
	printf("{\"event\":\"pinned\",\"op\":\"%s\",\"rule\":", op->name);
	printf(op->rule ? "\"%s\"" : "null", op->rule);
	printf(",\"pid\":%d,\"owner\":%d,\"address\":\"0x%lx\",\"pages\":%llu", getpid(), owner,
	       (unsigned long)p, (unsigned long long)a->pages);
	printf(",\"pins\":%lld,\"seen\":%lld,\"error\":", (long long)a->pins, (long long)a->seen);
	printf(a->error ? "\"%s\"" : "null", strerrorname_np(a->error));
	puts("}");
	fflush(stdout);
}

static void repair(int lab)
{
	int n = ioctl(lab, PINLAB_REPAIR);

	if (n < 0)
		quit(1, "repair: %s", strerror(errno));
	printf("{\"event\":\"repaired\",\"repaired\":%d}\n", n);
}

static void end(const struct op *op, int lab)
{
	if (o.close_first || !strcmp(o.release, "exit"))
		return;
	if (!strcmp(o.release, "close"))
		close(lab);
	else if (ioctl(lab, PINLAB_RELEASE) < 0)
		quit(1, "release: %s", strerror(errno));
	printf("{\"event\":\"released\",\"op\":\"%s\",\"pid\":%d}\n", op->name, getpid());
}

static void run(const struct op *op, int lab)
{
	struct pinlab a = { .pages = o.pages, .flags = o.flags, .target = -1 };
	sigset_t signals;
	pid_t owner = getpid();
	char *p;
	int sig;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	p = get_memory(op, lab, &a);
	if (op->cmd == PINLAB_REMOTE)
		a.target = owner = start_child(p);
	a.address = op->cmd == PINLAB_FOLIOS ? 0 : (unsigned long)p;
	if (ioctl(lab, op->cmd, &a) < 0 && errno != (int)a.error)
		quit(1, "%s: %s", op->name, strerror(errno));
	if (a.error == EOPNOTSUPP)
		quit(EXIT_CANNOT, "%s: this kernel has no way to do it", op->name);
	if (a.error != op->error)
		quit(1, "%s: %s", op->name, a.error ? strerror(a.error) : "no error");
	report(op, &a, p, owner);
	if (o.close_first)
		close(lab);
	if (o.hold)
		sigwait(&signals, &sig);
	end(op, lab);
}

static void parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "pages", required_argument, NULL, 'p' },
		{ "memory", required_argument, NULL, 'm' },
		{ "read", no_argument, NULL, 'r' },
		{ "locked", no_argument, NULL, 'l' },
		{ "close-first", no_argument, NULL, 'c' },
		{ "hold", no_argument, NULL, 'h' },
		{ "release", required_argument, NULL, 'R' },
		{ "list", no_argument, NULL, 'L' },
		{ "help", no_argument, NULL, 'H' },
		{}
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'p': o.pages = strtoul(optarg, NULL, 10); break;
		case 'm': o.memory = optarg; break;
		case 'r': o.flags &= ~PINLAB_WRITE; break;
		case 'l': o.flags |= PINLAB_LOCKED; break;
		case 'c': o.close_first = true; break;
		case 'h': o.hold = true; break;
		case 'R': o.release = optarg; break;
		case 'L': list(); exit(0);
		case 'H': fputs(usage, stdout); exit(0);
		default: exit(1);
		}
	}
}

int main(int argc, char **argv)
{
	const char *name;
	size_t i;
	int lab;

	parse(argc, argv);
	if (optind != argc - 1) {
		fputs(usage, stderr);
		return 1;
	}
	name = argv[optind];
	lab = open(PINLAB_DEVICE, O_RDWR | O_CLOEXEC);
	if (lab < 0)
		quit(EXIT_CANNOT, "%s: %s (is the module loaded?)", PINLAB_DEVICE, strerror(errno));
	if (!strcmp(name, "repair")) {
		repair(lab);
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(ops) && strcmp(ops[i].name, name); i++)
		;
	if (i == ARRAY_SIZE(ops))
		quit(1, "no op '%s' (--list)", name);
	run(&ops[i], lab);
	return 0;
}
