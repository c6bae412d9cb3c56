/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loading and attaching programs that look at pin calls: with fentry what can
 * be, with kprobes the rest. The same for the ledger and the tracer.
 */
#ifndef PINSCOPE_GUP_LOAD_H
#define PINSCOPE_GUP_LOAD_H

#include <stdbool.h>

#include "attach.h"
#include "fail.h"

struct gup_object {
	/*
	 * Opens the object, sets it up, leaves out programs by attach_choose(btf,
	 * @plan), loads it. 0 or -errno; then nothing is left open.
	 */
	int (*load)(void *arg, const struct btf *btf, const struct attachment *plan);
	void (*unload)(void *arg);
	struct bpf_object *(*object)(void *arg);
	void *arg;
};

/*
 * Loads @o once, or, where functions are left that fentry cannot reach or whose
 * programs the kernel refuses, again: loading all programs of both kinds would
 * take twice as long on nearly every kernel. Why a function is not seen by
 * fentry stands in its state. @btf_path: NULL for the running kernel's. NULL with
 * @fail filled and nothing loaded when pins or releases can be seen neither way.
 */
struct attachment *gup_load(const struct gup_object *o, const char *btf_path, bool no_fentry,
			    struct fail *fail);

#endif
