/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's pin and unpin functions, and how each one's calls are seen.
 * What a kernel has is tried, function by function, not told by its version.
 */
#ifndef PINSCOPE_ATTACH_H
#define PINSCOPE_ATTACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_object;
struct btf;
struct ledger_totals;

enum attach_way {
	ATTACH_NONE,
	ATTACH_FENTRY,
	ATTACH_KPROBE,
	ATTACH_ABSENT,		/* the kernel has no such function */
};

struct attach_state {
	const char *function;
	enum attach_way way;
	int err;		/* ATTACH_NONE: -errno of the last attempt */
	int fentry_err;		/* ATTACH_KPROBE: why not by fentry; 0: that was not tried */
};

struct attachment;

/*
 * Before @obj is loaded: leaves out the programs for functions that the kernel
 * (its types: @btf) has not, and those for kprobes; of functions that @plan
 * has as not attached, those for fentry instead.
 */
void attach_choose(struct bpf_object *obj, const struct btf *btf, const struct attachment *plan);

/*
 * After it is loaded by @plan: attaches what can be. Detached and freed with
 * attachment__free(); also by the kernel when the process ends in any way.
 */
struct attachment *attachment__new(struct bpf_object *obj, const struct btf *btf,
				   const struct attachment *plan);
/* For attach_choose(): one where all fentry are to be tried, and one for none, since @err (or 0). */
struct attachment *attachment__all(void);
struct attachment *attachment__none_since(int err);
/* What was to be by fentry in @plan and is not attached in @a is for kprobes now. False: nothing. */
bool attachment__give_up(struct attachment *plan, const struct attachment *a);
/*
 * The kernel refused the fentry program called @program: in @plan its function
 * is for kprobes now. False: it is none of those, or was for kprobes already.
 */
bool attachment__refuse(struct attachment *plan, const char *program, int err);
/* One where nothing could be attached: says only which functions the kernel (@btf) has. */
struct attachment *attachment__untried(const struct btf *btf);
void attachment__free(struct attachment *a);

/* One for each function, in the order of the kernel's sources. */
const struct attach_state *attachment__states(const struct attachment *a, size_t *nr);

/* Functions of each kind that can be seen, and that the kernel has but that cannot. */
struct attach_summary {
	unsigned int fentry, kprobe, missing;
	bool pins, unpins;	/* is at least one of either kind seen? */
};
struct attach_summary attachment__summary(const struct attachment *a);

/*
 * Program runs that the kernel dropped, because the program ran on that CPU
 * already, less those of copies that had nothing to do there (@totals); of
 * kprobes with the calls that did not reach their program. No kernel before
 * v6.7 counts either of a kprobe's.
 */
uint64_t attachment__missed_runs(const struct attachment *a, const struct ledger_totals *totals);

const char *attach_way_name(enum attach_way way);

#endif
