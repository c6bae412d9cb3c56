// SPDX-License-Identifier: GPL-2.0
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "btf_file.h"
#include "caps.h"
#include "cli.h"
#include "gup_load.h"

/* libbpf's first warning, kept for the error message. */
static char first_warning[256];

static int keep_warning(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	if (getenv("PINSCOPE_LIBBPF_DEBUG"))
		return vfprintf(stderr, fmt, ap);
	if (level == LIBBPF_WARN && !first_warning[0]) {
		vsnprintf(first_warning, sizeof(first_warning), fmt, ap);
		first_warning[strcspn(first_warning, "\n")] = '\0';
	}
	return 0;
}

static int load(const struct gup_object *o, const struct btf *btf, const struct attachment *plan)
{
	libbpf_print_fn_t before = libbpf_set_print(keep_warning);
	int err;

	first_warning[0] = '\0';
	err = o->load(o->arg, btf, plan);
	libbpf_set_print(before);
	return err;
}

static struct attachment *attach(const struct gup_object *o, const struct btf *btf,
				 const struct attachment *plan)
{
	libbpf_print_fn_t before = libbpf_set_print(keep_warning);
	struct attachment *a = attachment__new(o->object(o->arg), btf, plan);

	libbpf_set_print(before);
	return a;
}

/* So many programs may be refused, one after the other, before fentry is taken for impossible. */
#define MOST_REFUSED 3

/* "libbpf: prog 'NAME': BPF program load failed: ..." */
static bool refused_one(struct attachment *plan, int err)
{
	char name[96] = "";

	if (err == -EPERM)	/* no fentry at all: lockdown, or no privilege */
		return false;
	return sscanf(first_warning, "libbpf: prog '%95[^']'", name) == 1 &&
	       attachment__refuse(plan, name, err);
}

/* Loads by @plan, in which what the kernel refuses by fentry becomes one for kprobes. */
static int load_what_goes(const struct gup_object *o, const struct btf *btf,
			  struct attachment **plan, bool no_fentry)
{
	int err, refused = 0, first;

	for (err = first = load(o, btf, *plan); err; err = load(o, btf, *plan)) {
		if (no_fentry)
			return err;
		if (refused++ < MOST_REFUSED && refused_one(*plan, err))
			continue;
		attachment__free(*plan);
		*plan = attachment__none_since(first);
		no_fentry = true;
	}
	return 0;
}

static int load_and_attach(const struct gup_object *o, const struct btf *btf, bool no_fentry,
			   struct attachment **attachment)
{
	struct attachment *plan = no_fentry ? attachment__none_since(0) : attachment__all();
	int err = load_what_goes(o, btf, &plan, no_fentry);

	if (!err)
		*attachment = attach(o, btf, plan);
	/* What was loaded but not attached is for kprobes as well. */
	if (!err && attachment__summary(*attachment).missing &&
	    attachment__give_up(plan, *attachment)) {
		attachment__free(*attachment);
		*attachment = NULL;
		o->unload(o->arg);
		err = load(o, btf, plan);
		if (!err)
			*attachment = attach(o, btf, plan);
	}
	attachment__free(plan);
	return err;
}

struct attachment *gup_load(const struct gup_object *o, const char *btf_path, bool no_fentry,
			    struct fail *fail)
{
	struct btf *btf = btf_file_load(btf_path, fail);
	struct attachment *a = NULL;
	struct attach_summary sum;
	int err;

	if (!btf)
		return NULL;
	err = load_and_attach(o, btf, no_fentry, &a);
	btf__free(btf);
	if (err) {
		fail_set(fail, EXIT_ATTACH,
			 "the kernel refuses the programs that see pin calls: %s",
			 caps_explain(-err, first_warning));
		return NULL;
	}
	sum = attachment__summary(a);
	if (!sum.pins || !sum.unpins) {
		fail_set(fail, EXIT_ATTACH,
			 "nothing can be attached to the kernel's %s functions: neither fentry nor kprobe",
			 sum.pins ? "unpin" : "pin");
		attachment__free(a);
		o->unload(o->arg);
		return NULL;
	}
	return a;
}
