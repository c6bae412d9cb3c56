// SPDX-License-Identifier: GPL-2.0
/* User stacks as the kernel gives them, of system calls: pin calls may not be looked at here. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "model.h"
#include "../../bpf/ledger.h"
#include "model.skel.h"
#include "procinfo.h"
#include "ustack.h"

#ifdef __x86_64__

/* getppid(2), by code that ends the stack with itself (rbp is 0). */
extern const char lonely[], lonely_end[];
__asm__(".pushsection .text\n"
	".globl lonely, lonely_end\n"
	".type lonely, @function\n"
	"lonely: push %rbp\n"
	"xor %ebp, %ebp\n"
	"mov $110, %eax\n"
	"syscall\n"
	"pop %rbp\n"
	"ret\n"
	"lonely_end:\n"
	".size lonely, . - lonely\n"
	".popsection\n");
#define AFTER_SYSCALL 10

static struct model_bpf *skel;

static int load(void **state)
{
	struct bpf_program *prog;

	skel = model_bpf__open();
	assert_non_null(skel);
	bpf_object__for_each_program(prog, skel->obj)
		bpf_program__set_autoload(prog, prog == skel->progs.model_ustack);
	skel->rodata->user_stacks = true;
	assert_int_equal(bpf_map__set_max_entries(skel->maps.ustacks, 2), 0);
	assert_int_equal(model_bpf__load(skel), 0);
	skel->bss->ustack_call = SYS_getppid;
	assert_int_equal(model_bpf__attach(skel), 0);
	return 0;
}

static int unload(void **state)
{
	model_bpf__destroy(skel);
	return 0;
}

/* The id of the stack when @code calls. */
static uint64_t id_of(const void *code)
{
	void (*call)(void) = (void (*)(void))(uintptr_t)code;
	uint64_t runs = skel->bss->ustack_runs;

	skel->bss->ustack_tid = (uint32_t)gettid();
	call();
	skel->bss->ustack_tid = 0;
	assert_int_equal(skel->bss->ustack_runs, runs + 1);
	return skel->bss->ustack_id;
}

static uint64_t id_in_child(const void *code)
{
	pid_t pid = fork();

	if (!pid)
		_exit(!id_of(code));
	assert_true(pid > 0 && waitpid(pid, NULL, 0) == pid);
	return skel->bss->ustack_id;
}

static void get(uint64_t id, struct pin_ustack *s)
{
	assert_int_equal(bpf_map__lookup_elem(skel->maps.ustacks, &id, sizeof(id), s, sizeof(*s),
					      0), 0);
	assert_int_equal(s->tgid, getpid());
	assert_int_equal(procinfo_rounded(s->start_ns), procinfo_start(getpid()));
	assert_int_equal(s->nr, 1);
	assert_int_equal(s->truncated, 0);
}

/* One stack, whichever process has it. */
static void code_of_a_file(void **state)
{
	struct ustacks *u = ustacks__new();
	const struct named_ustack *words;
	struct pin_ustack s;
	uint64_t id = id_of(lonely);
	char wanted[64];

	assert_int_not_equal(id, 0);
	assert_int_equal(skel->bss->ustack_fresh, 1);
	assert_int_equal(id_of(lonely), id);
	assert_int_equal(id_in_child(lonely), id);
	assert_int_equal(skel->bss->ustack_fresh, 1);
	get(id, &s);
	assert_int_equal(s.frames[0].status, BPF_STACK_BUILD_ID_VALID);
	words = ustacks__name(u, id, &s);
	snprintf(wanted, sizeof(wanted), "lonely+0x%x (", AFTER_SYSCALL);
	assert_memory_equal(words->frames[0], wanted, strlen(wanted));
	ustacks__free(u);
}

/* An address says something only of its process. */
static void code_of_no_file(void **state)
{
	char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct pin_ustack s;
	uint64_t id;

	assert_ptr_not_equal(code, MAP_FAILED);
	memcpy(code, lonely, (size_t)(lonely_end - lonely));
	assert_int_equal(mprotect(code, 4096, PROT_READ | PROT_EXEC), 0);
	id = id_of(code);
	assert_int_not_equal(id, 0);
	assert_int_equal(id_of(code), id);
	get(id, &s);
	assert_int_equal(s.frames[0].status, BPF_STACK_BUILD_ID_IP);
	assert_int_equal(s.frames[0].ip, (uintptr_t)code + AFTER_SYSCALL);
	assert_int_equal(skel->bss->ustack_fresh, 2);
	/* The child's would be the third, for which there is no room. */
	assert_int_equal(skel->bss->totals.lost[LOST_NO_SITE], 0);
	assert_int_equal(id_in_child(code), 0);
	assert_int_equal(skel->bss->totals.lost[LOST_NO_SITE], 1);
	assert_int_equal(skel->bss->ustack_fresh, 2);
	munmap(code, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_of_a_file),
		cmocka_unit_test(code_of_no_file),
	};

	return cmocka_run_group_tests(tests, load, unload);
}

#else

int main(void)
{
	return 0;	/* its code is x86's */
}

#endif
