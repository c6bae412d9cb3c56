// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "trace_names.h"
#include "ustack.h"
#include "vec.h"

/* As many as the kernel's programs remember: the map "sites". */
#define BUCKETS 4096

struct known_site {
	struct named_site site;
	struct known_site *next;
};

struct trace_names {
	const struct tracer *tracer;
	struct kallsyms *syms;
	struct fail trouble;
	struct named_site none;
	struct known_site *sites[BUCKETS];
	struct ustacks *ustacks;	/* NULL: not asked for */
};

struct trace_names *trace_names__new(const struct tracer *t, bool user_stacks)
{
	struct trace_names *n = xcalloc(1, sizeof(*n));

	n->tracer = t;
	n->ustacks = user_stacks ? ustacks__new() : NULL;
	n->syms = kallsyms__load(KALLSYMS_PATH, MODULES_PATH, &n->trouble);
	site_name(n->syms, NULL, 0, &n->none.name);
	return n;
}

void trace_names__free(struct trace_names *n)
{
	struct known_site *known, *next;
	size_t i;

	if (!n)
		return;
	for (i = 0; i < BUCKETS; i++) {
		for (known = n->sites[i]; known; known = next) {
			next = known->next;
			sitename_clear(&known->site);
			free(known);
		}
	}
	ustacks__free(n->ustacks);
	kallsyms__free(n->syms);
	free(n);
}

const struct named_site *trace_names__site(struct trace_names *n, uint64_t id)
{
	struct known_site *known, **bucket = &n->sites[id % BUCKETS];
	struct pin_site stack;

	if (!id)
		return &n->none;
	for (known = *bucket; known; known = known->next)
		if (known->site.id == id)
			return &known->site;
	if (tracer__site(n->tracer, id, &stack))
		return &n->none;
	known = xcalloc(1, sizeof(*known));
	sitename_fill(&known->site, id, &stack, n->syms, &n->trouble);
	known->next = *bucket;
	*bucket = known;
	return &known->site;
}

void trace_names__met(struct trace_names *n, const struct trace_event *ev)
{
	if (n->ustacks && ev->ustack)
		ustacks__met(n->ustacks, ev->ustack, ev->tgid, ev->start_ns);
}

void trace_names__see(struct trace_names *n, pid_t pid)
{
	if (n->ustacks)
		ustacks__see(n->ustacks, pid, 0);
}

const struct named_ustack *trace_names__ustack(struct trace_names *n, uint64_t id)
{
	const struct named_ustack *known;
	struct pin_ustack stack;

	if (!n->ustacks || !id)
		return NULL;
	known = ustacks__find(n->ustacks, id);
	if (known || tracer__ustack(n->tracer, id, &stack))
		return known;
	return ustacks__name(n->ustacks, id, &stack);
}

const char *trace_names__trouble(const struct trace_names *n)
{
	return n->trouble.msg[0] ? n->trouble.msg : NULL;
}
