// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <errno.h>
#include <unistd.h>

#include "grace.h"

int grace_open(struct grace *g)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	int err = 0;

	g->outer = -1;
	g->inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "grace_inner", 4, 8, 1, NULL);
	if (g->inner >= 0) {
		opts.inner_map_fd = g->inner;
		g->outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "grace", 4, 4, 1, &opts);
	}
	err = g->outer < 0 ? -errno : grace_wait(g);
	if (err)
		grace_close(g);
	return err;
}

void grace_close(struct grace *g)
{
	if (g->inner >= 0)
		close(g->inner);
	if (g->outer >= 0)
		close(g->outer);
}

int grace_wait(const struct grace *g)
{
	int zero = 0;

	return bpf_map_update_elem(g->outer, &zero, &g->inner, BPF_ANY) ? -errno : 0;
}
