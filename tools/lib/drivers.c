// SPDX-License-Identifier: GPL-2.0
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "drivers.h"
#include "drivers_table.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct frame {
	char function[128];
	const char *module;
	const struct row *row;	/* NULL: not in the table */
};

const char *function_of(const char *symbol, char *buf, size_t size)
{
	const char *prefix = "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(syscall_prefixes); i++) {
		size_t len = strlen(syscall_prefixes[i]);

		if (strncmp(symbol, syscall_prefixes[i], len))
			continue;
		symbol += len;
		prefix = "sys_";
		break;
	}
	snprintf(buf, size, "%s%.*s", prefix, (int)strcspn(symbol, "."), symbol);
	return buf;
}

/* Cuts what is too long: a name of 512 characters (Rust has them) tells as much by its start. */
static void copy(char *dst, const char *src, size_t size)
{
	size_t len = strnlen(src, size - 1);

	memcpy(dst, src, len);
	dst[len] = '\0';
}

bool is_pin_machinery(const char *function, const char *module)
{
	size_t i;

	/* "__builtin__ftrace" and "__builtin__kprobes" are code that the kernel made up. */
	if (!strcmp(module, "bpf") || !strncmp(module, "__builtin__", 11))
		return true;
	for (i = 0; i < ARRAY_SIZE(machinery); i++)
		if (!fnmatch(machinery[i], function, 0))
			return true;
	return false;
}

static const struct row *row_of(const struct frame *f)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (!fnmatch(rows[i].module, f->module, 0) &&
		    !fnmatch(rows[i].function, f->function, 0))
			return &rows[i];
	return NULL;
}

/* false when @addr has no name. */
static bool frame_of(const struct kallsyms *k, uint64_t addr, struct frame *f)
{
	struct ksym sym;

	if (!kallsyms__lookup(k, addr, &sym))
		return false;
	function_of(sym.name, f->function, sizeof(f->function));
	f->module = sym.module;
	f->row = row_of(f);
	return true;
}

/*
 * The filesystem that @f belongs to: its module, or, built in, what its name
 * starts with if that is one of those that filesystems give to the functions
 * which reach the layers of direct I/O. false for none.
 */
static bool filesystem_of(const struct frame *f, char *buf, size_t size)
{
	static const char *const entries[] = {
		"*_read_iter", "*_write_iter", "*_direct_IO*", "*_direct_read*",
		"*_direct_write*", "*_dio_*", "fuse_*",
	};
	const char *name = f->function + strspn(f->function, "_");
	size_t i;

	if (f->module[0]) {
		copy(buf, f->module, size);
		return true;
	}
	if (!strncmp(name, "blkdev_", 7)) {
		copy(buf, "bdev", size);
		return true;
	}
	if (!strncmp(name, "generic_", 8) || !strncmp(name, "vfs_", 4))
		return false;
	for (i = 0; i < ARRAY_SIZE(entries); i++) {
		if (fnmatch(entries[i], name, 0))
			continue;
		snprintf(buf, size, "%.*s", (int)strcspn(name, "_"), name);
		return true;
	}
	return false;
}

static void set_caller(struct site_name *site, const struct frame *f, size_t index)
{
	copy(site->function, f->function, sizeof(site->function));
	copy(site->module, f->module, sizeof(site->module));
	site->frame = (int)index;
	if (!f->row)
		return;
	if (f->row->kind == FS)
		filesystem_of(f, site->detail, sizeof(site->detail));
	else if (f->row->kind == OWN && strcmp(f->module, site->driver))
		copy(site->detail, f->module, sizeof(site->detail));
}

/* Who uses the layer whose innermost function is at @index? Perhaps nobody: it is the caller. */
static void find_user(const struct kallsyms *k, const uint64_t *stack, size_t nr, size_t index,
		      struct site_name *site)
{
	struct frame f;
	size_t i;

	for (i = index + 1; i < nr; i++) {
		bool same;

		if (!frame_of(k, stack[i], &f)) {
			site->missed = true;
			return;
		}
		if (is_pin_machinery(f.function, f.module))
			continue;
		same = f.row && !strcmp(f.row->driver, site->driver);
		if (same && f.row->kind == END)
			return;
		if (same && f.row->kind == LAYER)
			continue;
		if (same) {
			set_caller(site, &f, i);
			return;
		}
		if (f.module[0])
			copy(site->detail, f.module, sizeof(site->detail));
		else if (strcmp(site->driver, "direct-io") ||
			 !filesystem_of(&f, site->detail, sizeof(site->detail)))
			return;
		f.row = NULL;	/* that of another driver says nothing here */
		set_caller(site, &f, i);
		return;
	}
}

bool site_has_driver(const struct site_name *site)
{
	if (site->frame < 0 || !strcmp(site->driver, "unknown"))
		return false;
	return site->module[0] || strcmp(site->driver, site->function);
}

void site_name(const struct kallsyms *k, const uint64_t *stack, size_t nr, struct site_name *site)
{
	bool inside = false;	/* a function with a name, and none of BPF, came before */
	struct frame f;
	size_t i;

	memset(site, 0, sizeof(*site));
	site->frame = -1;
	copy(site->driver, "unknown", sizeof(site->driver));
	for (i = 0; i < nr; i++) {
		if (!frame_of(k, stack[i], &f)) {
			site->missed = true;
			/* Innermost it is a BPF program or trampoline newer than the symbols. */
			if (!inside && i < 2 && i + 1 < nr)
				continue;
			snprintf(site->function, sizeof(site->function), "0x%llx",
				 (unsigned long long)stack[i]);
			site->frame = (int)i;
			return;
		}
		if (!is_pin_machinery(f.function, f.module))
			break;
		inside = inside || strcmp(f.module, "bpf");
	}
	if (i == nr)
		return;
	copy(site->driver, f.row ? f.row->driver : f.module[0] ? f.module : f.function,
	     sizeof(site->driver));
	set_caller(site, &f, i);
	if (f.row && f.row->kind == LAYER)
		find_user(k, stack, nr, i, site);
	/* A layer of direct I/O that is a module is better than nothing. */
	if (!site->detail[0] && !strcmp(site->driver, "direct-io"))
		copy(site->detail, site->module, sizeof(site->detail));
}
