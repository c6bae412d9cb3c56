// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "shares.h"
#include "text.h"
#include "vec.h"

#define LOOK_BACK 8	/* memory that a few share: the same few come with each folio */

void shares_add(struct shares *s, size_t group, uint32_t owner, uint64_t bytes)
{
	size_t i;

	for (i = s->nr; i > 0 && s->nr - i < LOOK_BACK; i--) {
		if (s->list[i - 1].group == group && s->list[i - 1].owner == owner) {
			s->list[i - 1].bytes += bytes;
			return;
		}
	}
	*vec_push(s->list, s->nr, s->cap) = (struct share){ group, owner, bytes };
}

static int by_group_owner(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return x->owner < y->owner ? -1 : x->owner > y->owner;
}

static int by_group_bytes(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return x->owner < y->owner ? -1 : x->owner > y->owner;
}

char *share_text(const struct snapshot *snap, const struct share *share)
{
	char size[16], comm[64];

	text_size(share->bytes, size, sizeof(size));
	if (share->owner == OWNER_UNMAPPED)
		return xasprintf("(unmapped) %s", size);
	if (share->owner >= snap->nr_procs)
		return xasprintf("(not seen) %s", size);
	text_clean(snap->procs[share->owner].comm, comm, sizeof(comm));
	return xasprintf("%s[%d] %s", comm, snap->procs[share->owner].pid, size);
}

/* "qemu[812] 4.0G, vpp[900] 1.0G, +2 more" from the shares of one group, largest first. */
static char *owners_text(const struct snapshot *snap, const struct share *shares, size_t nr)
{
	char *one, *two, *text;

	if (!nr)
		return xstrdup("");
	one = share_text(snap, &shares[0]);
	if (nr == 1)
		return one;
	two = share_text(snap, &shares[1]);
	text = nr == 2 ? xasprintf("%s, %s", one, two) :
			 xasprintf("%s, %s, +%zu more", one, two, nr - 2);
	free(one);
	free(two);
	return text;
}

/* What each owner has in each group, as one share, the largest of a group first. */
static void merge(struct shares *s)
{
	size_t i, n = 0;

	if (!s->nr)
		return;
	qsort(s->list, s->nr, sizeof(*s->list), by_group_owner);
	for (i = 1; i < s->nr; i++) {
		if (!by_group_owner(&s->list[i], &s->list[n]))
			s->list[n].bytes += s->list[i].bytes;
		else
			s->list[++n] = s->list[i];
	}
	s->nr = n + 1;
	qsort(s->list, s->nr, sizeof(*s->list), by_group_bytes);
}

void shares_name_owners(struct shares *s, const struct snapshot *snap, struct group *groups,
			size_t nr)
{
	size_t i, end;

	merge(s);
	for (i = 0; i < s->nr; i = end) {
		for (end = i; end < s->nr; end++)
			if (s->list[end].group != s->list[i].group)
				break;
		groups[s->list[i].group].owners = owners_text(snap, &s->list[i], end - i);
	}
	for (i = 0; i < nr; i++)
		if (!groups[i].owners)
			groups[i].owners = xstrdup("");
}

void shares_free(struct shares *s)
{
	free(s->list);
}
