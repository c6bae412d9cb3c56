// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "attach_print.h"
#include "tui_features.h"

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
		printf("%-*s %s\n", FEATURE_WIDTH, "struct page", way_of_reading(snap->scan.read));
	else
		printf("%-*s cannot be read: %s\n", FEATURE_WIDTH, "struct page", fail->msg);
}

static void print_contexts(const struct snap_live *live)
{
	printf("%-*s %s\n", FEATURE_WIDTH, "interrupts",
	       live->sees_contexts ? "told from tasks, preempt_count" :
		"cannot be told from tasks: preempt_count is not found");
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
	if (events && snap && snap->live) {
		attach_print(snap->live->probes, snap->live->nr_probes);
		print_contexts(snap->live);
	} else {
		attach_print_untried(opts->scan.btf);
	}
	print_reading(snap, &trouble);
	source__free(src);
	return events ? 0 : -1;
}
