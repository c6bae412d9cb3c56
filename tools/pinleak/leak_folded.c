// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <string.h>

#include "leak_folded.h"
#include "leak_frames.h"
#include "leak_view.h"
#include "vec.h"

static int by_stack(const void *a, const void *b)
{
	return strcmp(((const struct folded_stack *)a)->text, ((const struct folded_stack *)b)->text);
}

size_t folded_stacks(const struct leak_model *m, struct folded_stack **stacks)
{
	struct folded_stack *s = xcalloc(m->nr, sizeof(*s));
	size_t i, nr = 0;

	for (i = 0; i < m->nr; i++)
		s[i] = (struct folded_stack){
			.text = frames_folded(m->rows[i].proc->comm, m->rows[i].site),
			.pages = m->rows[i].hold->sum->bytes / m->snap->page_size,
		};
	qsort(s, m->nr, sizeof(*s), by_stack);
	for (i = 0; i < m->nr; i++) {
		if (nr && !strcmp(s[nr - 1].text, s[i].text)) {
			s[nr - 1].pages += s[i].pages;
			free(s[i].text);
		} else {
			s[nr++] = s[i];
		}
	}
	*stacks = s;
	return nr;
}

void folded_stacks_free(struct folded_stack *stacks, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		free(stacks[i].text);
	free(stacks);
}

void leak_view_folded(const struct leak_model *m, FILE *out)
{
	struct folded_stack *stacks;
	size_t nr = folded_stacks(m, &stacks), i;

	for (i = 0; i < nr; i++)
		fprintf(out, "%s %" PRIu64 "\n", stacks[i].text, stacks[i].pages);
	folded_stacks_free(stacks, nr);
}
