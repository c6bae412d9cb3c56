// SPDX-License-Identifier: GPL-2.0
#include <bpf/btf.h>
#include <stdio.h>
#include <string.h>

#include "tui_features.h"

#define WIDTH 34	/* of names */

static void print_probes(const struct attach_state *probes, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		printf("%-*s %s", WIDTH, probes[i].function, attach_way_name(probes[i].way));
		if (probes[i].way == ATTACH_NONE && probes[i].err)
			printf(": %s", strerror(-probes[i].err));
		putchar('\n');
	}
}

/* Nothing can be attached; still, what is there to attach to? */
static void print_untried(const char *path)
{
	struct btf *btf = path ? btf__parse(path, NULL) : btf__load_vmlinux_btf();
	const struct attach_state *probes;
	struct attachment *a;
	size_t nr;

	if (!btf)
		return;
	a = attachment__untried(btf);
	probes = attachment__states(a, &nr);
	print_probes(probes, nr);
	attachment__free(a);
	btf__free(btf);
}

static const char *way_of_reading(enum scan_read read)
{
	switch (read) {
	case SCAN_READ_CAST:
		return "direct loads, bpf_rdonly_cast()";
	case SCAN_READ_BULK:
		return "copied 64 at a time, bpf_probe_read_kernel()";
	default:
		return "copied one by one, bpf_probe_read_kernel()";
	}
}

static void print_reading(const struct snapshot *snap, const struct fail *fail)
{
	if (snap)
		printf("%-*s %s\n", WIDTH, "struct page", way_of_reading(snap->scan.read));
	else
		printf("%-*s cannot be read: %s\n", WIDTH, "struct page", fail->msg);
}

int features_print(const struct source_opts *opts, struct fail *fail)
{
	struct source *events = source_open_events(opts, fail), *src = events;
	const struct snapshot *snap = NULL;
	struct fail trouble = {};

	if (!events)
		src = source_open_scan(opts, &trouble);
	if (src)
		snap = source__poll(src, false, &trouble);
	if (events && snap && snap->live)
		print_probes(snap->live->probes, snap->live->nr_probes);
	else
		print_untried(opts->scan.btf);
	print_reading(snap, &trouble);
	source__free(src);
	return events ? 0 : -1;
}
