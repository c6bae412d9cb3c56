// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "sitename.h"
#include "stackname.h"
#include "trace_format.h"
#include "vec.h"

/* The stack without our own programs, through which the call was seen. */
static size_t without_ours(const struct pin_site *stack, const struct kallsyms *syms,
			   uint64_t ip[SITE_FRAMES])
{
	size_t all = stack->nr < SITE_FRAMES ? stack->nr : SITE_FRAMES, nr = 0, i;
	struct ksym sym;

	for (i = 0; i < all; i++)
		if (nr || !kallsyms__lookup(syms, stack->ip[i], &sym) ||
		    strcmp(sym.module, "bpf"))
			ip[nr++] = stack->ip[i];
	return nr;
}

/*
 * Does the stack lack the function that was called? Where a trampoline calls it
 * for fentry and fexit, the innermost address may be its caller's (v7.x).
 */
static bool lacks_function(const struct kallsyms *syms, const uint64_t *ip, size_t nr,
			   const char *function)
{
	char name[128];
	struct ksym sym;
	size_t i;

	for (i = 0; i < nr; i++)
		if (kallsyms__lookup(syms, ip[i], &sym) &&
		    !strcmp(function_of(sym.name, name, sizeof(name)), function))
			return false;
	return true;
}

void sitename_fill(struct named_site *s, uint64_t id, const struct pin_site *stack,
		   struct kallsyms *syms, struct fail *trouble)
{
	uint64_t ip[SITE_FRAMES];
	size_t nr = without_ours(stack, syms, ip), i;
	const char *function = format_function(stack->function);
	char frame[256];

	memset(s, 0, sizeof(*s));
	s->id = id;
	site_name(syms, ip, nr, &s->name);
	if (s->name.missed && syms && !kallsyms__reload(syms, trouble))
		site_name(syms, ip, nr, &s->name);
	stackname_summary(syms, ip, nr, s->name.frame < 0 ? 0 : s->name.frame, SITENAME_SUMMARY,
			  s->summary, sizeof(s->summary));
	s->truncated = stack->truncated;
	s->frames = xcalloc(nr + 1, sizeof(*s->frames));
	if (nr && lacks_function(syms, ip, nr, function)) {
		s->frames[s->nr_frames++] = xstrdup(function);
		s->name.frame += s->name.frame >= 0;
	}
	for (i = 0; i < nr; i++)
		s->frames[s->nr_frames++] =
			xstrdup(stackname_frame(syms, ip[i], frame, sizeof(frame)));
}

void sitename_add_lines(struct named_site *s, const struct pin_site *stack,
			const struct kallsyms *syms, struct kernel_lines *lines)
{
	uint64_t ip[SITE_FRAMES];
	size_t nr = without_ours(stack, syms, ip), i;
	char line[256], *frame, **frames;
	struct ksym sym;

	/* The function that was called may stand before the others. */
	if (s->nr_frames < nr)
		return;
	frames = s->frames + (s->nr_frames - nr);
	for (i = 0; i < nr; i++) {
		/* The function's first byte: nothing was called there. */
		if (kallsyms__lookup(syms, ip[i], &sym) && !sym.offset)
			continue;
		if (!kernel_lines__of_call(lines, ip[i], line, sizeof(line)))
			continue;
		frame = xasprintf("%s (%s)", frames[i], line);
		free(frames[i]);
		frames[i] = frame;
	}
}

void sitename_clear(struct named_site *s)
{
	size_t i;

	for (i = 0; i < s->nr_frames; i++)
		free(s->frames[i]);
	free(s->frames);
	memset(s, 0, sizeof(*s));
}
