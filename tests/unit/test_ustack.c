// SPDX-License-Identifier: GPL-2.0
/* User stacks in words: by build id, by address, after the process has gone, of stripped files. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <link.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "elf_file.h"
#include "procinfo.h"
#include "ustack.h"
#include "vec.h"

#define HERE 1009	/* the id of a stack */

/* --- functions to be named -------------------------------------------------------------------- */

void *named_here(void);
void *named_caller(void);

static int named_line = __LINE__ + 2;
__attribute__((noinline))
void *named_here(void) { return __builtin_return_address(0); }

static int call_line = __LINE__ + 6;
__attribute__((noinline))
void *named_caller(void)
{
	void *at;

	at = named_here();
	/* No tail call. */
	__asm__ volatile("" : "+r"(at));
	return at;
}

/* --- what the dynamic linker knows ------------------------------------------------------------ */

struct place {
	uintptr_t ip;
	struct bpf_stack_build_id frame;
};

static void take_id(const struct dl_phdr_info *info, const ElfW(Phdr) *ph,
		    struct bpf_stack_build_id *frame)
{
	const char *at = (const char *)info->dlpi_addr + ph->p_vaddr, *end = at + ph->p_memsz;

	while (at < end) {
		const ElfW(Nhdr) *note = (const void *)at;
		const char *desc = at + sizeof(*note) + ((note->n_namesz + 3) & ~3U);

		if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
		    note->n_descsz <= sizeof(frame->build_id)) {
			memcpy(frame->build_id, desc, note->n_descsz);
			frame->status = BPF_STACK_BUILD_ID_VALID;
		}
		at = desc + ((note->n_descsz + 3) & ~3U);
	}
}

static int find_place(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct place *p = arg;
	bool found = false;
	int i;

	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + ph->p_vaddr;

		if (ph->p_type != PT_LOAD || p->ip < start || p->ip - start >= ph->p_memsz)
			continue;
		p->frame.offset = p->ip - start + ph->p_offset;
		found = true;
	}
	for (i = 0; found && i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_NOTE)
			take_id(info, &info->dlpi_phdr[i], &p->frame);
	return found;
}

/* What the kernel would say of @ip in this process. */
static struct bpf_stack_build_id frame_of(uintptr_t ip)
{
	struct place p = { .ip = ip };

	assert_true(dl_iterate_phdr(find_place, &p));
	assert_int_equal(p.frame.status, BPF_STACK_BUILD_ID_VALID);
	return p.frame;
}

static struct bpf_stack_build_id address(uint64_t ip)
{
	return (struct bpf_stack_build_id){ .status = BPF_STACK_BUILD_ID_IP, .ip = ip };
}

static struct pin_ustack one(struct bpf_stack_build_id frame)
{
	return (struct pin_ustack){
		.tgid = (uint32_t)getpid(), .start_ns = procinfo_start(getpid()), .nr = 1,
		.frames = { frame },
	};
}

/* --- helpers ---------------------------------------------------------------------------------- */

static void frame_is(const char *frame, const char *function, const char *file, int line)
{
	char *wanted = xasprintf("%s (%s, test_ustack.c:%d)", function, file, line);

	assert_string_equal(frame, wanted);
	free(wanted);
}

static void name_is(struct ustacks *u, const struct pin_ustack *stack, const char *wanted)
{
	const struct named_ustack *words = ustacks__name(u, HERE, stack);

	assert_int_equal(words->nr_frames, 1);
	assert_string_equal(words->frames[0], wanted);
}

static void starts_with(const char *s, const char *start)
{
	if (strncmp(s, start, strlen(start)))
		fail_msg("'%s' does not start with '%s'", s, start);
}

static const char *own_name(void)
{
	static char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	assert_true(n > 0);
	path[n] = '\0';
	return strrchr(path, '/') + 1;
}

/* A child that holds still until it is killed. @path: runs that file (main() below). */
static pid_t still_child(const char *path)
{
	int ready[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		if (path)
			execl(path, path, "still", NULL);
		close(ready[1]);
		close(ready[0]);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 0);
	close(ready[0]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* Not so where an emulator shows its own memory (qemu-aarch64-static), not what it emulates. */
static bool shows_code(pid_t pid)
{
	char path[64], line[4352];
	bool shown = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (!shown && fgets(line, sizeof(line), f))
		shown = strstr(line, " r-xp ") && strstr(line, own_name());
	fclose(f);
	return shown;
}

static int copy_of_self(const char *path)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to;
	struct stat st;

	to = path ? open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0700) :
		    memfd_create("elf", MFD_CLOEXEC);
	assert_true(from >= 0 && to >= 0 && !fstat(from, &st));
	while (lseek(to, 0, SEEK_CUR) < st.st_size)
		assert_true(sendfile(to, from, NULL, (size_t)st.st_size) > 0);
	close(from);
	return to;
}

/* --- the tests -------------------------------------------------------------------------------- */

static void names_by_build_id(void **state)
{
	struct ustacks *u = ustacks__new();
	struct pin_ustack stack = one(frame_of((uintptr_t)named_here));
	uintptr_t back = (uintptr_t)named_caller();
	char *caller = xasprintf("named_caller+0x%" PRIxPTR, back - (uintptr_t)named_caller);
	const struct named_ustack *words;

	stack.frames[1] = frame_of(back);
	stack.frames[2] = frame_of((uintptr_t)getenv + 4);
	stack.nr = 3;
	assert_null(ustacks__find(u, HERE));
	words = ustacks__name(u, HERE, &stack);
	assert_ptr_equal(words, ustacks__find(u, HERE));
	assert_int_equal(words->nr_frames, 3);
	frame_is(words->frames[0], "named_here+0x0", own_name(), named_line);
	frame_is(words->frames[1], caller, own_name(), call_line);
	free(caller);
	starts_with(words->frames[2], "getenv+0x4 (libc.so.6");
	ustacks__free(u);
}

static void names_by_address(void **state)
{
	struct pin_ustack stack = one(address((uintptr_t)named_here));
	struct ustacks *u = ustacks__new();

	frame_is(ustacks__name(u, HERE, &stack)->frames[0], "named_here+0x0", own_name(),
		 named_line);
	stack.frames[0] = address(4099);
	assert_string_equal(ustacks__name(u, HERE + 1, &stack)->frames[0], "0x1003");
	/* The same address of a process that had the number before. */
	stack.frames[0] = address((uintptr_t)named_here);
	stack.start_ns += 1000000000;
	starts_with(ustacks__name(u, HERE + 2, &stack)->frames[0], "0x");
	ustacks__free(u);
}

static void names_the_vdso(void **state)
{
	void *vdso = dlopen("linux-vdso.so.1", RTLD_NOLOAD | RTLD_LAZY);
	const char *name = "__vdso_gettimeofday";
	void *function = vdso ? dlsym(vdso, name) : NULL;
	struct pin_ustack stack;
	struct ustacks *u;
	char *wanted;

	if (vdso && !function) {
		name = "__kernel_gettimeofday";
		function = dlsym(vdso, name);
	}
	if (vdso)
		dlclose(vdso);
	if (!function)
		skip();		/* valgrind and emulators hide it */
	u = ustacks__new();
	stack = one(address((uintptr_t)function + 2));
	wanted = xasprintf("%s+0x2 ([vdso])", name);
	name_is(u, &stack, wanted);
	free(wanted);
	ustacks__free(u);
}

static void says_what_is_not_known(void **state)
{
	struct pin_ustack stack = one((struct bpf_stack_build_id){
		.status = BPF_STACK_BUILD_ID_VALID, .offset = 0x1a2b,
		.build_id = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x11 },
	});
	struct ustacks *u = ustacks__new();

	name_is(u, &stack, "[build id 0123456789abcdef...+0x1a2b]");
	stack.frames[0] = frame_of((uintptr_t)named_here);
	stack.frames[0].offset = 1ULL << 40;
	assert_non_null(strstr(ustacks__name(u, HERE + 1, &stack)->frames[0],
			       "...+0x10000000000]"));
	ustacks__free(u);
}

static void says_that_it_was_deeper(void **state)
{
	struct pin_ustack stack = one(address(4099));
	struct ustacks *u = ustacks__new();
	const struct named_ustack *words;
	size_t i;

	for (i = 0; i < USTACK_FRAMES; i++)
		stack.frames[i] = address(4099);
	stack.nr = USTACK_FRAMES;
	stack.truncated = 1;
	words = ustacks__name(u, HERE, &stack);
	assert_int_equal(words->nr_frames, USTACK_FRAMES + 1);
	assert_string_equal(words->frames[USTACK_FRAMES - 1], "0x1003");
	assert_string_equal(words->frames[USTACK_FRAMES], "...");
	ustacks__free(u);
}

static void remembers_who_has_gone(void **state)
{
	struct pin_ustack stack = one(address((uintptr_t)named_here));
	struct ustacks *u = ustacks__new(), *late = ustacks__new();
	pid_t pid = still_child(NULL);
	bool shown = shows_code(pid);

	stack.tgid = (uint32_t)pid;
	stack.start_ns = procinfo_start(pid) + 1;
	assert_false(ustacks__see(u, stack.tgid, stack.start_ns + 1000000000));
	ustacks__met(u, HERE, stack.tgid, stack.start_ns);
	end(pid);
	assert_false(ustacks__see(u, stack.tgid, stack.start_ns));
	if (shown)
		frame_is(ustacks__name(u, HERE, &stack)->frames[0], "named_here+0x0", own_name(),
			 named_line);
	starts_with(ustacks__name(late, HERE, &stack)->frames[0], "0x");
	ustacks__free(late);
	ustacks__free(u);
	if (!shown)
		skip();
}

static void remembers_what_was_deleted(void **state)
{
	struct pin_ustack stack = one(frame_of((uintptr_t)named_here));
	char dir[] = "/tmp/test_ustackXXXXXX";
	struct ustacks *u = ustacks__new();
	char *copy;
	pid_t pid;
	bool seen;

	assert_non_null(mkdtemp(dir));
	copy = xasprintf("%s/de\nleted", dir);
	close(copy_of_self(copy));
	pid = still_child(copy);
	unlink(copy);
	rmdir(dir);
	free(copy);
	/* map_files is for root. */
	seen = !geteuid() && shows_code(pid);
	assert_true(ustacks__see(u, (uint32_t)pid, 0));
	end(pid);
	stack.tgid = 0;
	stack.start_ns = 0;
	if (seen)
		frame_is(ustacks__name(u, HERE, &stack)->frames[0], "named_here+0x0",
			 "de?leted", named_line);
	ustacks__free(u);
	if (!seen)
		skip();
}

static void uses_separate_debug_info(void **state)
{
	char dir[] = "/tmp/test_ustackXXXXXX", *cmd, *debug, *file;
	struct bpf_stack_build_id frame = frame_of((uintptr_t)named_here);
	struct elf_symbol sym;
	struct elf_file *f;
	uint64_t at;
	int i, done;

	assert_non_null(mkdtemp(dir));
	file = xasprintf("%s/full", dir);
	close(copy_of_self(file));
	free(file);
	file = xasprintf("%s/stripped", dir);
	cmd = xasprintf("cd %s && objcopy --only-keep-debug full stripped.debug 2>/dev/null && "
			"objcopy --strip-all --add-gnu-debuglink=stripped.debug full stripped; "
			"done=$?; rm full; exit $done", dir);
	debug = xasprintf("%s.debug", file);
	done = !system(cmd);
	free(cmd);
	/* With it, then without. */
	for (i = 0; done && i < 2; i++) {
		f = elf_file__open(open(file, O_RDONLY | O_CLOEXEC), file);
		assert_non_null(f);
		assert_memory_equal(elf_file__id(f), frame.build_id, ELF_ID_SIZE);
		assert_true(elf_file__address(f, frame.offset, &at));
		assert_int_equal(elf_file__symbol(f, at, false, &sym), !i);
		if (!i) {
			assert_string_equal(sym.name, "named_here");
			assert_int_equal(sym.line, named_line);
		}
		elf_file__free(f);
		unlink(debug);
	}
	unlink(file);
	unlink(debug);
	rmdir(dir);
	free(debug);
	free(file);
	if (!done)
		skip();		/* no objcopy, or none for this processor */
}

/* Whatever stands in it: no crash, no leak. */
static void survives_broken_files(void **state)
{
	static const size_t sizes[] = { 0, 3, 17, 64, 101, 997 };
	uint64_t offset = frame_of((uintptr_t)named_here).offset, at;
	struct elf_symbol sym;
	struct elf_file *f;
	size_t i;
	int fd;

	assert_null(elf_file__open(open("/proc/self/maps", O_RDONLY | O_CLOEXEC), "maps"));
	assert_null(elf_file__open(-1, "nothing"));
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		fd = copy_of_self(NULL);
		assert_int_equal(ftruncate(fd, (off_t)sizes[i]), 0);
		f = elf_file__open(fd, "short");
		if (f && elf_file__address(f, offset, &at))
			assert_false(elf_file__symbol(f, at, false, &sym));
		elf_file__free(f);
	}
	for (i = 0; i < 900; i += 29) {
		fd = copy_of_self(NULL);
		assert_int_equal(pwrite(fd, "\xff\xff\xff", 3, (off_t)i), 3);
		f = elf_file__open(fd, "broken");
		if (f && elf_file__address(f, offset, &at))
			elf_file__symbol(f, at, false, &sym);
		elf_file__free(f);
	}
}

static void asks_no_server(void **state)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	/* Of a stripped library whose debug info is hardly installed. */
	struct pin_ustack stack = one(frame_of((uintptr_t)_cmocka_run_group_tests));
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct ustacks *u = ustacks__new();
	socklen_t len = sizeof(addr);
	char url[64], dir[] = "/tmp/test_ustackXXXXXX";

	assert_int_equal(bind(fd, (struct sockaddr *)&addr, len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	assert_non_null(mkdtemp(dir));
	snprintf(url, sizeof(url), "http://127.0.0.1:%d", ntohs(addr.sin_port));
	setenv("DEBUGINFOD_URLS", url, 1);
	setenv("DEBUGINFOD_TIMEOUT", "1", 1);
	/* Where it would remember what it was not given. */
	setenv("DEBUGINFOD_CACHE_PATH", dir, 1);
	starts_with(ustacks__name(u, HERE, &stack)->frames[0],
		    "_cmocka_run_group_tests+0x0 (libcmocka.so");
	unsetenv("DEBUGINFOD_URLS");
	assert_int_equal(accept(fd, NULL, NULL), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(rmdir(dir), 0);
	close(fd);
	ustacks__free(u);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_by_build_id),
		cmocka_unit_test(names_by_address),
		cmocka_unit_test(names_the_vdso),
		cmocka_unit_test(says_what_is_not_known),
		cmocka_unit_test(says_that_it_was_deeper),
		cmocka_unit_test(remembers_who_has_gone),
		cmocka_unit_test(remembers_what_was_deleted),
		cmocka_unit_test(uses_separate_debug_info),
		cmocka_unit_test(survives_broken_files),
		cmocka_unit_test(asks_no_server),
	};

	while (argc > 1)
		pause();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
