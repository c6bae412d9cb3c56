// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "sitename.h"
#include "stackname.h"
#include "vec.h"

void sitename_fill(struct named_site *s, uint64_t id, const struct pin_site *stack,
		   struct kallsyms *syms, struct fail *trouble)
{
	uint64_t ip[SITE_FRAMES];
	size_t all = stack->nr < SITE_FRAMES ? stack->nr : SITE_FRAMES, nr = 0, i;
	char frame[256];
	struct ksym sym;

	memset(s, 0, sizeof(*s));
	s->id = id;
	/* Without our own programs, through which the call was seen. */
	for (i = 0; i < all; i++)
		if (nr || !kallsyms__lookup(syms, stack->ip[i], &sym) ||
		    strcmp(sym.module, "bpf"))
			ip[nr++] = stack->ip[i];
	site_name(syms, ip, nr, &s->name);
	if (s->name.missed && syms && !kallsyms__reload(syms, trouble))
		site_name(syms, ip, nr, &s->name);
	stackname_summary(syms, ip, nr, s->name.frame < 0 ? 0 : s->name.frame, SITENAME_SUMMARY,
			  s->summary, sizeof(s->summary));
	s->truncated = stack->truncated;
	s->nr_frames = nr;
	s->frames = xcalloc(nr, sizeof(*s->frames));
	for (i = 0; i < nr; i++)
		s->frames[i] = xstrdup(stackname_frame(syms, ip[i], frame, sizeof(frame)));
}

void sitename_clear(struct named_site *s)
{
	size_t i;

	for (i = 0; i < s->nr_frames; i++)
		free(s->frames[i]);
	free(s->frames);
	memset(s, 0, sizeof(*s));
}
