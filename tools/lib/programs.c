// SPDX-License-Identifier: GPL-2.0
/*
 * Two ways to the same programs. In the first the kernel itself fits them to
 * its types (a light skeleton): it has its BTF at hand, where libbpf reads and
 * searches megabytes of it for longer than a scan takes. In the second libbpf
 * does: for a BTF file of the user's choice, and when the first way fails,
 * because libbpf can say why.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "btf_file.h"
#include "caps.h"
#include "cli.h"
#include "programs.h"
#include "scanner.lskel.h"
#include "scanner.skel.h"
#include "vec.h"

struct programs {
	struct scanner_light *light;
	struct scanner_bpf *full;
	struct program_fds fds;
};

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

static bool load_light(struct programs *p, unsigned int slots, bool direct_loads)
{
	p->light = scanner_light__open();
	if (!p->light)
		return false;
	p->light->maps.slots.max_entries = slots;
	p->light->rodata->direct_loads = direct_loads;
	if (scanner_light__load(p->light)) {
		scanner_light__destroy(p->light);
		p->light = NULL;
		return false;
	}
	p->fds = (struct program_fds){
		.scan_run = p->light->progs.scan_run.prog_fd,
		.scan_setup = p->light->progs.scan_setup.prog_fd,
		.list_tasks = p->light->progs.list_tasks.prog_fd,
		.slots = p->light->maps.slots.map_fd,
		.files = p->light->maps.files.map_fd,
	};
	return true;
}

static int load_full(struct programs *p, unsigned int slots, bool direct_loads, const char *btf,
		     struct fail *fail)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = btf);
	int err;

	first_warning[0] = '\0';
	libbpf_set_print(keep_warning);
	p->full = scanner_bpf__open_opts(&opts);
	if (!p->full)
		return fail_set(fail, EXIT_ATTACH, "cannot open the scan program: %s",
				strerror(errno));
	bpf_map__set_max_entries(p->full->maps.slots, slots);
	p->full->rodata->direct_loads = direct_loads;
	err = scanner_bpf__load(p->full);
	if (err) {
		scanner_bpf__destroy(p->full);
		p->full = NULL;
		return fail_set(fail, EXIT_ATTACH, "cannot load the scan program: %s",
				caps_explain(-err, first_warning));
	}
	p->fds = (struct program_fds){
		.scan_run = bpf_program__fd(p->full->progs.scan_run),
		.scan_setup = bpf_program__fd(p->full->progs.scan_setup),
		.list_tasks = bpf_program__fd(p->full->progs.list_tasks),
		.slots = bpf_map__fd(p->full->maps.slots),
		.files = bpf_map__fd(p->full->maps.files),
	};
	return 0;
}

static bool load(struct programs *p, unsigned int slots, const char *btf, struct fail *fail)
{
	/* The best first: see bpf/read.bpf.h for direct loads. */
	return (!btf && (load_light(p, slots, true) || load_light(p, slots, false))) ||
	       !load_full(p, slots, true, btf, fail) || !load_full(p, slots, false, btf, fail);
}

struct programs *programs__load(unsigned int slots, const char *btf, struct fail *fail)
{
	struct programs *p;

	if (btf_file_check(btf, fail))
		return NULL;
	p = xcalloc(1, sizeof(*p));
	if (!load(p, slots, btf, fail)) {
		programs__free(p);
		return NULL;
	}
	return p;
}

void programs__free(struct programs *p)
{
	if (!p)
		return;
	if (p->light)
		scanner_light__destroy(p->light);
	scanner_bpf__destroy(p->full);
	free(p);
}

const struct program_fds *programs__fds(const struct programs *p)
{
	return &p->fds;
}
