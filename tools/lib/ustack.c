// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <string.h>

#include "procinfo.h"
#include "text.h"
#include "ustack.h"
#include "ustack_files.h"
#include "vec.h"

/* Only the last ones are remembered: only for addresses without build id it takes the process. */
#define PROCESSES_MOST 1024

struct code {
	uint64_t start, end, offset;
	char *name;
	struct elf_file *file;	/* NULL: cannot be read */
};

struct process {
	uint32_t tgid;
	uint64_t start;		/* see procinfo_start() */
	struct code *code;
	size_t nr, cap;
};

struct known {
	uint64_t id;
	bool seen;		/* a process that had it was looked at while it lived */
	bool named;
	struct named_ustack words;
};

struct ustacks {
	struct ustack_files *files;
	struct process *processes;
	size_t nr, next;
	void *known;		/* tsearch(3) */
};

struct ustacks *ustacks__new(void)
{
	struct ustacks *u = xcalloc(1, sizeof(*u));

	u->files = ustack_files__new();
	u->processes = xcalloc(PROCESSES_MOST, sizeof(*u->processes));
	return u;
}

static void forget(struct process *p)
{
	size_t i;

	for (i = 0; i < p->nr; i++)
		free(p->code[i].name);
	free(p->code);
	memset(p, 0, sizeof(*p));
}

static void free_known(void *node)
{
	struct known *k = node;
	size_t i;

	for (i = 0; i < k->words.nr_frames; i++)
		free(k->words.frames[i]);
	free(k->words.frames);
	free(k);
}

void ustacks__free(struct ustacks *u)
{
	size_t i;

	if (!u)
		return;
	for (i = 0; i < u->nr; i++)
		forget(&u->processes[i]);
	free(u->processes);
	tdestroy(u->known, free_known);
	ustack_files__free(u->files);
	free(u);
}

/* --- processes -------------------------------------------------------------------------------- */

/* @start: exact, or as /proc has it. */
static struct process *find_process(const struct ustacks *u, uint32_t tgid, uint64_t start)
{
	uint64_t shown = procinfo_rounded(start);
	size_t i;

	for (i = 0; i < u->nr; i++)
		if (u->processes[i].tgid == tgid && u->processes[i].start == shown)
			return &u->processes[i];
	return NULL;
}

static struct process *process_for(struct ustacks *u, uint32_t tgid, uint64_t start)
{
	struct process *p = find_process(u, tgid, start);

	if (!p && u->nr < PROCESSES_MOST)
		p = &u->processes[u->nr++];
	else if (!p)
		p = &u->processes[u->next++ % PROCESSES_MOST];
	forget(p);
	p->tgid = tgid;
	p->start = start;
	return p;
}

static int read_vmas(uint32_t tgid, struct vma **vmas, size_t *nr)
{
	char path[32];
	FILE *f;
	int err;

	snprintf(path, sizeof(path), "/proc/%u/maps", tgid);
	f = fopen(path, "re");
	if (!f)
		return -1;
	err = vmas_parse(f, vmas, nr);
	fclose(f);
	/* What exits has none any more. */
	if (!err && *nr)
		return 0;
	vmas_free(*vmas, *nr);
	return -1;
}

bool ustacks__see(struct ustacks *u, uint32_t tgid, uint64_t start_ns)
{
	uint64_t start;
	struct process *p;
	struct vma *vmas;
	size_t i, nr;

	if (read_vmas(tgid, &vmas, &nr))
		return false;
	/* After it, so that the number is not another process's by now. */
	start = procinfo_start((pid_t)tgid);
	if (!start || (start_ns && start != procinfo_rounded(start_ns))) {
		vmas_free(vmas, nr);
		return false;
	}
	p = process_for(u, tgid, start);
	for (i = 0; i < nr; i++)
		if (vmas[i].perms[2] == 'x')
			*vec_push(p->code, p->nr, p->cap) = (struct code){
				.start = vmas[i].start, .end = vmas[i].end,
				.offset = vmas[i].offset, .name = xstrdup(vmas[i].name),
				.file = ustack_files__of_vma(u->files, (pid_t)tgid, &vmas[i]),
			};
	vmas_free(vmas, nr);
	return true;
}

static const struct code *code_at(const struct process *p, uint64_t ip)
{
	size_t i;

	for (i = 0; p && i < p->nr; i++)
		if (ip >= p->code[i].start && ip < p->code[i].end)
			return &p->code[i];
	return NULL;
}

/* --- words ------------------------------------------------------------------------------------ */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static char *clean(const char *frame)
{
	size_t size = strlen(frame) + 1;
	char *buf = xcalloc(1, size);

	text_clean(frame, buf, size);
	return buf;
}

/* @offset in @file */
static char *name_in_file(struct elf_file *file, uint64_t offset, bool caller)
{
	const char *path = base_name(elf_file__path(file));
	struct elf_symbol sym;
	uint64_t address;

	/* A call may be the last that there is of the code. */
	if (!elf_file__address(file, offset - caller, &address))
		return NULL;
	address += caller;
	if (!elf_file__symbol(file, address, caller, &sym))
		return xasprintf("0x%" PRIx64 " (%s)", address, path);
	if (!sym.source)
		return xasprintf("%s+0x%" PRIx64 " (%s)", sym.name, sym.offset, path);
	return xasprintf("%s+0x%" PRIx64 " (%s, %s:%d)", sym.name, sym.offset, path,
			 base_name(sym.source), sym.line);
}

static char *name_by_id(const struct ustacks *u, const struct bpf_stack_build_id *frame,
			bool caller)
{
	struct elf_file *file = ustack_files__by_id(u->files, frame->build_id);
	char *name = file ? name_in_file(file, frame->offset, caller) : NULL;
	char id[17] = "";
	int i;

	for (i = 0; i < 8; i++)
		snprintf(id + 2 * i, 3, "%02x", frame->build_id[i]);
	return name ? name : xasprintf("[build id %s...+0x%llx]", id, frame->offset);
}

static char *name_by_ip(const struct process *p, uint64_t ip, bool caller)
{
	const struct code *code = code_at(p, ip - caller);
	char *name = NULL;

	if (!code)
		return xasprintf("0x%" PRIx64, ip);
	if (code->file)
		name = name_in_file(code->file, ip - code->start + code->offset, caller);
	if (!name && code->name[0])
		name = xasprintf("0x%" PRIx64 " (%s)", ip, code->name);
	return name ? name : xasprintf("0x%" PRIx64, ip);
}

static void fill(struct ustacks *u, const struct pin_ustack *stack, struct named_ustack *words)
{
	const struct process *p = find_process(u, stack->tgid, stack->start_ns);
	size_t i, nr = stack->nr < USTACK_FRAMES ? stack->nr : USTACK_FRAMES;

	words->frames = xcalloc(nr + 1, sizeof(*words->frames));
	for (i = 0; i < nr; i++) {
		const struct bpf_stack_build_id *frame = &stack->frames[i];
		char *name;

		if (frame->status == BPF_STACK_BUILD_ID_VALID)
			name = name_by_id(u, frame, i > 0);
		else
			name = name_by_ip(p, frame->ip, i > 0);
		words->frames[words->nr_frames++] = clean(name);
		free(name);
	}
	if (stack->truncated)
		words->frames[words->nr_frames++] = xstrdup("...");
}

/* --- stacks ----------------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
	uint64_t x = ((const struct known *)a)->id, y = ((const struct known *)b)->id;

	return x < y ? -1 : x > y;
}

static struct known *known_for(struct ustacks *u, uint64_t id)
{
	struct known key = { .id = id }, *k;
	struct known **node = tfind(&key, &u->known, by_id);

	if (node)
		return *node;
	k = xcalloc(1, sizeof(*k));
	k->id = id;
	if (!tsearch(k, &u->known, by_id))
		abort();
	return k;
}

void ustacks__met(struct ustacks *u, uint64_t id, uint32_t tgid, uint64_t start_ns)
{
	struct known *k = known_for(u, id);

	if (!k->seen)
		k->seen = ustacks__see(u, tgid, start_ns);
}

const struct named_ustack *ustacks__find(const struct ustacks *u, uint64_t id)
{
	struct known key = { .id = id };
	struct known **node = tfind(&key, &u->known, by_id);

	return node && (*node)->named ? &(*node)->words : NULL;
}

const struct named_ustack *ustacks__name(struct ustacks *u, uint64_t id,
					 const struct pin_ustack *stack)
{
	struct known *k = known_for(u, id);

	ustacks__met(u, id, stack->tgid, stack->start_ns);
	if (!k->named)
		fill(u, stack, &k->words);
	k->named = true;
	return &k->words;
}
