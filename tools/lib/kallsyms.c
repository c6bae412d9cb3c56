// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "kallsyms.h"
#include "vec.h"

/* No function is that long: beyond it there is something that has no symbol. */
#define MAX_OFFSET (1u << 20)

/* @name is an offset into the pool; 0 for what is no function but ends the one before. */
struct entry {
	uint64_t addr;
	uint32_t name;
	uint32_t module;
};

/* What one reading of the file gives. */
struct table {
	struct entry *entries;	/* by address, then in the order of the file */
	size_t nr, cap;
	char *pool;		/* names, each with its NUL; starts with an empty one */
	size_t used, size;
	char **modules;		/* the first is "" */
	size_t nr_modules, cap_modules;
	uint32_t *by_name;	/* indices of entries with a name; made when first needed */
	size_t nr_names;
	uint64_t loaded;	/* what modules_hash() gave */
};

struct kallsyms {
	char *path, *modules_path;
	struct table t;
};

static void table_free(struct table *t)
{
	size_t i;

	for (i = 0; i < t->nr_modules; i++)
		free(t->modules[i]);
	free(t->modules);
	free(t->entries);
	free(t->pool);
	free(t->by_name);
	memset(t, 0, sizeof(*t));
}

/* --- reading ---------------------------------------------------------------------------------- */

static uint32_t pool_add(struct table *t, const char *s, size_t len)
{
	uint32_t at = t->used;

	if (t->used + len + 1 > t->size) {
		t->size = t->size ? t->size * 2 : 1 << 20;
		t->pool = xrealloc(t->pool, t->size, 1);
	}
	memcpy(t->pool + at, s, len);
	t->pool[at + len] = '\0';
	t->used += len + 1;
	return at;
}

/* The symbols of one module stand together: the last one seen is nearly always the one. */
static uint32_t module_index(struct table *t, const char *name, size_t len)
{
	size_t i = t->nr_modules;

	while (i--)
		if (!strncmp(t->modules[i], name, len) && !t->modules[i][len])
			return i;
	*vec_push(t->modules, t->nr_modules, t->cap_modules) = xasprintf("%.*s", (int)len, name);
	return t->nr_modules - 1;
}

/*
 * The padding before each function has a symbol of its own since v6.2
 * (arch/x86, CONFIG_PREFIX_SYMBOLS). Nothing runs there.
 */
static bool is_function(char type, const char *name)
{
	return strchr("tTwW", type) && strncmp(name, "__pfx_", 6);
}

/* "ffffffff81000000 T _stext" and perhaps "\t[module]". False for what is no such line. */
static bool parse_line(struct table *t, const char *line)
{
	uint64_t addr;
	const char *s, *end;
	struct entry *e;
	char *type;

	addr = strtoull(line, &type, 16);
	if (type == line || type - line > 16 || type[0] != ' ' || !type[1] || type[2] != ' ')
		return false;
	s = type + 3;
	end = s + strcspn(s, "\t\n");
	if (end == s)
		return false;
	e = vec_push(t->entries, t->nr, t->cap);
	*e = (struct entry){ .addr = addr };
	if (!is_function(type[1], s))
		return true;
	e->name = pool_add(t, s, end - s);
	if (end[0] == '\t' && end[1] == '[')
		e->module = module_index(t, end + 2, strcspn(end + 2, "]\n"));
	return true;
}

/* By address; functions in the order of the file (that of the pool) before what is none. */
static int by_addr(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->name - 1 < y->name - 1 ? -1 : x->name - 1 > y->name - 1;
}

/* Of what is no function only the first after one is of use. Returns the number of functions. */
static size_t compact(struct table *t)
{
	size_t i, n = 0, functions = 0;

	for (i = 0; i < t->nr; i++) {
		if (t->entries[i].name)
			functions++;
		else if (!n || !t->entries[n - 1].name)
			continue;
		else if (t->entries[i].addr == t->entries[n - 1].addr)
			continue;
		t->entries[n++] = t->entries[i];
	}
	t->nr = n;
	t->cap = n;
	t->entries = xrealloc(t->entries, n, sizeof(*t->entries));
	t->size = t->used;
	t->pool = xrealloc(t->pool, t->size, 1);
	return functions;
}

/* FNV-1a */
static uint64_t hash_add(uint64_t hash, const char *s)
{
	while (*s)
		hash = (hash ^ (unsigned char)*s++) * 1099511628211u;
	return hash;
}

/* Names and addresses of the modules, not how often each is in use. 0 when unknown. */
static uint64_t modules_hash(const char *path)
{
	FILE *f = path ? fopen(path, "re") : NULL;
	uint64_t hash = 14695981039346656037u;
	char name[128], addr[32], *line = NULL;
	size_t size = 0;

	if (!f)
		return 0;
	while (getline(&line, &size, f) > 0)
		if (sscanf(line, "%127s %*s %*s %*s %*s %31s", name, addr) == 2)
			hash = hash_add(hash_add(hash, name), addr);
	fclose(f);
	free(line);
	return hash;
}

/* 0 or the error that ended it. */
static int parse(struct table *t, FILE *f)
{
	size_t size = 0;
	char *line = NULL;
	int err;

	pool_add(t, "", 0);
	module_index(t, "", 0);
	errno = 0;
	while (getline(&line, &size, f) > 0)
		parse_line(t, line);
	err = ferror(f) ? errno : 0;
	free(line);
	return err;
}

/* The index of a module's name, 0 when it has no symbol. */
static uint32_t module_find(const struct table *t, const char *name)
{
	uint32_t i = t->nr_modules;

	while (--i && strcmp(t->modules[i], name))
		;
	return i;
}

/*
 * Where a module's init functions were, other code may be by now: with ftrace in
 * use the kernel names them even so (kernel/trace/ftrace.c, ftrace_mod_get_kallsym()).
 * They are no functions any more, and what lies there has no name.
 */
static void drop_freed(struct table *t, const char *modules)
{
	struct range { uint64_t base, size; } *ranges = xcalloc(t->nr_modules, sizeof(*ranges));
	FILE *f = modules ? fopen(modules, "re") : NULL;
	char name[128], *line = NULL;
	unsigned long long size, base;
	size_t len = 0, i;

	while (f && getline(&line, &len, f) > 0)
		if (sscanf(line, "%127s %llu %*s %*s %*s %llx", name, &size, &base) == 3)
			ranges[module_find(t, name)] = (struct range){ base, size };
	for (i = 0; i < t->nr; i++) {
		struct entry *e = &t->entries[i];
		const struct range *r = &ranges[e->module];

		/* No address: what is not listed ("bpf"), or may not be seen. */
		if (e->module && r->base && e->addr - r->base >= r->size) {
			e->name = 0;
			e->module = 0;
		}
	}
	if (f)
		fclose(f);
	free(line);
	free(ranges);
}

static int table_read(struct table *t, const char *path, const char *modules, struct fail *fail)
{
	FILE *f = fopen(path, "re");
	int err;

	memset(t, 0, sizeof(*t));
	if (!f)
		return fail_set(fail, EXIT_USAGE, "cannot read the kernel's symbols from %s: %s",
				path, strerror(errno));
	/* Before the symbols: what is loaded in between then shows as a change. */
	t->loaded = modules_hash(modules);
	err = parse(t, f);
	fclose(f);
	if (err)
		return fail_set(fail, EXIT_USAGE, "cannot read the kernel's symbols from %s: %s",
				path, strerror(err));
	drop_freed(t, modules);
	if (t->nr)
		qsort(t->entries, t->nr, sizeof(*t->entries), by_addr);
	/* One address that is not 0 is enough: per-CPU data of x86 starts there. */
	if (t->nr && !t->entries[t->nr - 1].addr)
		return fail_set(fail, EXIT_USAGE,
				"%s hides the addresses of the kernel's functions: it takes "
				"CAP_SYSLOG and kernel.kptr_restrict below 2 to see them",
				path);
	t->nr_names = compact(t);
	if (!t->nr_names)
		return fail_set(fail, EXIT_USAGE, "%s names no function", path);
	return 0;
}

struct kallsyms *kallsyms__load(const char *path, const char *modules, struct fail *fail)
{
	struct kallsyms *k = xcalloc(1, sizeof(*k));

	k->path = xstrdup(path);
	k->modules_path = modules ? xstrdup(modules) : NULL;
	if (kallsyms__reload(k, fail)) {
		kallsyms__free(k);
		return NULL;
	}
	return k;
}

int kallsyms__reload(struct kallsyms *k, struct fail *fail)
{
	struct table t;

	if (table_read(&t, k->path, k->modules_path, fail)) {
		table_free(&t);
		return -1;
	}
	table_free(&k->t);
	k->t = t;
	return 0;
}

bool kallsyms__is_stale(const struct kallsyms *k)
{
	return modules_hash(k->modules_path) != k->t.loaded;
}

void kallsyms__free(struct kallsyms *k)
{
	if (!k)
		return;
	table_free(&k->t);
	free(k->path);
	free(k->modules_path);
	free(k);
}

/* --- by address ------------------------------------------------------------------------------- */

/* Index of the first entry beyond @addr. */
static size_t after(const struct table *t, uint64_t addr)
{
	size_t lo = 0, hi = t->nr;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->entries[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void fill(const struct table *t, size_t i, uint64_t addr, struct ksym *sym)
{
	const struct entry *e = &t->entries[i];
	size_t next = i + 1;

	while (next < t->nr && t->entries[next].addr == e->addr)
		next++;
	*sym = (struct ksym){
		.addr = e->addr,
		.offset = addr - e->addr,
		.size = next < t->nr ? t->entries[next].addr - e->addr : 0,
		.name = t->pool + e->name,
		.module = t->modules[e->module],
	};
}

bool kallsyms__lookup(const struct kallsyms *k, uint64_t addr, struct ksym *sym)
{
	const struct table *t = k ? &k->t : NULL;
	size_t i = t ? after(t, addr) : 0;

	if (!i)
		return false;
	i--;
	while (i && t->entries[i - 1].addr == t->entries[i].addr)
		i--;
	if (!t->entries[i].name || addr - t->entries[i].addr >= MAX_OFFSET)
		return false;
	fill(t, i, addr, sym);
	return true;
}

/* --- by name ---------------------------------------------------------------------------------- */

static const char *name_at(const struct table *t, size_t i)
{
	return t->pool + t->entries[t->by_name[i]].name;
}

/* Entries stand by address, so that of one name the lowest address comes first. */
static int by_name(const void *a, const void *b, void *arg)
{
	const struct table *t = arg;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int diff = strcmp(t->pool + t->entries[x].name, t->pool + t->entries[y].name);

	return diff ? diff : x < y ? -1 : x > y;
}

static void sort_names(struct table *t)
{
	size_t i, n = 0;

	t->by_name = xcalloc(t->nr_names, sizeof(*t->by_name));
	for (i = 0; i < t->nr; i++)
		if (t->entries[i].name)
			t->by_name[n++] = i;
	qsort_r(t->by_name, n, sizeof(*t->by_name), by_name, t);
}

/* Index of the first name that is not below @name. */
static size_t first_name(const struct table *t, const char *name)
{
	size_t lo = 0, hi = t->nr_names;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(name_at(t, mid), name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The halves that gcc splits off a function are not the function. */
static bool is_split_off(const char *suffix)
{
	return strstr(suffix, ".cold") || strstr(suffix, ".part.");
}

int kallsyms__find(struct kallsyms *k, const char *name, struct ksym *sym)
{
	struct table *t = &k->t;
	char *variant = NULL;
	bool found = false;
	size_t i, len = strlen(name);
	int err = 0;

	if (!t->by_name)
		sort_names(t);
	i = first_name(t, name);
	if (i == t->nr_names || strcmp(name_at(t, i), name)) {
		variant = xasprintf("%s.", name);
		i = first_name(t, variant);
		len++;
	}
	for (; i < t->nr_names && !strncmp(name_at(t, i), variant ? variant : name, len); i++) {
		const struct entry *e = &t->entries[t->by_name[i]];

		if (variant ? is_split_off(name_at(t, i) + len - 1) : name_at(t, i)[len] != '\0')
			continue;
		if (found && e->addr != sym->addr)
			err = -ENOTUNIQ;
		if (!found || e->addr < sym->addr)
			fill(t, t->by_name[i], e->addr, sym);
		found = true;
	}
	free(variant);
	return found ? err : -ENOENT;
}

/* --- what it costs ---------------------------------------------------------------------------- */

size_t kallsyms__count(const struct kallsyms *k)
{
	return k->t.nr_names;
}

size_t kallsyms__memory(const struct kallsyms *k)
{
	const struct table *t = &k->t;

	return sizeof(*k) + t->cap * sizeof(*t->entries) + t->size +
	       t->cap_modules * sizeof(*t->modules) +
	       (t->by_name ? t->nr_names * sizeof(*t->by_name) : 0);
}
