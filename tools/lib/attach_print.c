// SPDX-License-Identifier: GPL-2.0
#include <bpf/btf.h>
#include <stdio.h>
#include <string.h>

#include "attach_print.h"
#include "btf_file.h"

#define ENOTSUPP 524	/* the kernel's own, without a text in user space */

static const char *reason(int err)
{
	return err == -ENOTSUPP ? "Not supported" : strerror(-err);
}

void attach_print(const struct attach_state *states, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		printf("%-*s %s", FEATURE_WIDTH, states[i].function, attach_way_name(states[i].way));
		if (states[i].way == ATTACH_NONE && states[i].err)
			printf(": %s", reason(states[i].err));
		else if (states[i].way == ATTACH_KPROBE && states[i].fentry_err)
			printf(" (fentry: %s)", reason(states[i].fentry_err));
		putchar('\n');
	}
}

void attach_print_untried(const char *path)
{
	const struct attach_state *states;
	struct attachment *a;
	struct fail unsaid;
	struct btf *btf = btf_file_load(path, &unsaid);
	size_t nr;

	if (!btf)
		return;
	a = attachment__untried(btf);
	states = attachment__states(a, &nr);
	attach_print(states, nr);
	attachment__free(a);
	btf__free(btf);
}
