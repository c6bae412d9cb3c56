// SPDX-License-Identifier: GPL-2.0
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <elfutils/libdwfl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

#include "debug_file.h"
#include "elf_file.h"
#include "vec.h"

/* Code, as a program header describes it. */
struct segment {
	uint64_t offset, size;	/* in the file */
	uint64_t address;
};

struct elf_file {
	char *path;
	void *image;		/* NULL: it is a file */
	int fd;			/* with the ELF handle the Dwfl's, once there is one */
	Elf *elf;
	uint8_t id[ELF_ID_SIZE];
	bool has_id;
	struct segment *segments;
	size_t nr, cap;
	uint64_t low, high;	/* addresses of all segments */
	Dwfl *dwfl;
	Dwfl_Module *module;	/* NULL: not looked at yet, or it could not be */
	GElf_Addr bias;
};

/* --- what there is ---------------------------------------------------------------------------- */

static int read_segments(struct elf_file *f)
{
	size_t i, nr;

	if (elf_getphdrnum(f->elf, &nr))
		return -1;
	f->low = UINT64_MAX;
	for (i = 0; i < nr; i++) {
		GElf_Phdr ph;

		if (!gelf_getphdr(f->elf, (int)i, &ph))
			return -1;
		if (ph.p_type != PT_LOAD)
			continue;
		if (f->low == UINT64_MAX)
			f->low = ph.p_vaddr & -ph.p_align;	/* as libdwfl does it */
		if (ph.p_vaddr + ph.p_memsz > f->high)
			f->high = ph.p_vaddr + ph.p_memsz;
		if (ph.p_flags & PF_X)
			*vec_push(f->segments, f->nr, f->cap) = (struct segment){
				.offset = ph.p_offset, .size = ph.p_filesz, .address = ph.p_vaddr,
			};
	}
	return f->low < f->high ? 0 : -1;
}

static void read_id(struct elf_file *f)
{
	const void *id;
	ssize_t len = dwelf_elf_gnu_build_id(f->elf, &id);

	if (len <= 0 || len > ELF_ID_SIZE)
		return;
	memcpy(f->id, id, (size_t)len);
	f->has_id = true;
}

static struct elf_file *open_elf(struct elf_file *f)
{
	if (!f->elf || elf_kind(f->elf) != ELF_K_ELF || read_segments(f)) {
		elf_file__free(f);
		return NULL;
	}
	read_id(f);
	return f;
}

struct elf_file *elf_file__open(int fd, const char *path)
{
	struct elf_file *f = xcalloc(1, sizeof(*f));

	elf_version(EV_CURRENT);
	f->path = xstrdup(path);
	f->fd = fd;
	/* Not mapped: who makes a mapped file shorter would end us. */
	f->elf = elf_begin(fd, ELF_C_READ, NULL);
	return open_elf(f);
}

struct elf_file *elf_file__open_image(void *image, size_t size, const char *name)
{
	struct elf_file *f = xcalloc(1, sizeof(*f));

	elf_version(EV_CURRENT);
	f->path = xstrdup(name);
	f->fd = -1;
	f->image = image;
	f->elf = elf_memory(image, size);
	return open_elf(f);
}

void elf_file__free(struct elf_file *f)
{
	if (!f)
		return;
	if (f->dwfl)
		dwfl_end(f->dwfl);
	if (f->elf)
		elf_end(f->elf);
	if (f->fd >= 0)
		close(f->fd);
	free(f->image);
	free(f->segments);
	free(f->path);
	free(f);
}

const uint8_t *elf_file__id(const struct elf_file *f)
{
	return f->has_id ? f->id : NULL;
}

const char *elf_file__path(const struct elf_file *f)
{
	return f->path;
}

bool elf_file__address(const struct elf_file *f, uint64_t offset, uint64_t *address)
{
	size_t i;

	for (i = 0; i < f->nr; i++) {
		const struct segment *s = &f->segments[i];

		if (offset < s->offset || offset - s->offset >= s->size)
			continue;
		*address = s->address + (offset - s->offset);
		return true;
	}
	return false;
}

/* --- what it is called ------------------------------------------------------------------------ */

/* Gives the file to its Dwfl, that closes it from now on. */
static int give_elf(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base,
		    char **path, Elf **elf)
{
	struct elf_file *f = *userdata;
	int fd = f->fd;

	*path = xstrdup(f->path);
	*elf = f->elf;
	f->elf = NULL;
	f->fd = -1;
	return fd;
}

static Dwfl_Module *report(struct elf_file *f)
{
	Dwfl_Module *module;
	void **userdata;

	dwfl_report_begin(f->dwfl);
	module = dwfl_report_module(f->dwfl, f->path, f->low, f->high);
	if (dwfl_report_end(f->dwfl, NULL, NULL) || !module)
		return NULL;
	if (!dwfl_module_info(module, &userdata, NULL, NULL, NULL, NULL, NULL, NULL))
		return NULL;
	*userdata = f;
	return dwfl_module_getelf(module, &f->bias) ? module : NULL;
}

static Dwfl_Module *module_of(struct elf_file *f)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = give_elf, .find_debuginfo = debug_file_find,
	};

	if (f->dwfl)
		return f->module;
	f->dwfl = dwfl_begin(&callbacks);
	if (f->dwfl)
		f->module = report(f);
	return f->module;
}

/*
 * The compilation unit that has @address. The index by address is optional:
 * clang writes none.
 */
static Dwarf_Die *unit_at(Dwfl_Module *module, Dwarf_Addr address, Dwarf_Addr *bias)
{
	Dwarf_Die *unit = dwfl_module_addrdie(module, address, bias);

	if (unit)
		return unit;
	while ((unit = dwfl_module_nextcu(module, unit, bias)))
		if (dwarf_haspc(unit, address - *bias) == 1)
			break;
	return unit;
}

static void find_line(Dwfl_Module *module, Dwarf_Addr address, struct elf_symbol *sym)
{
	Dwarf_Addr bias;
	Dwarf_Die *unit = unit_at(module, address, &bias);
	Dwarf_Line *line = unit ? dwarf_getsrc_die(unit, address - bias) : NULL;

	if (line && !dwarf_lineno(line, &sym->line))
		sym->source = dwarf_linesrc(line, NULL, NULL);
}

bool elf_file__symbol(struct elf_file *f, uint64_t address, bool caller, struct elf_symbol *sym)
{
	Dwfl_Module *module = module_of(f);
	GElf_Sym elf_sym;

	memset(sym, 0, sizeof(*sym));
	if (!module)
		return false;
	address += f->bias - caller;
	sym->name = dwfl_module_addrinfo(module, address, &sym->offset, &elf_sym, NULL, NULL, NULL);
	if (!sym->name)
		return false;
	sym->offset += caller;
	find_line(module, address, sym);
	return true;
}
