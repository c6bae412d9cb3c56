// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup_task.h"
#include "cli.h"
#include "procinfo.h"
#include "text.h"
#include "trace_format.h"
#include "trace_filter.h"
#include "user.h"
#include "vec.h"

#define COMM_MAX (sizeof(((struct trace_event *)0)->comm) - 1)

/* --- options ---------------------------------------------------------------------------------- */

static void add_pid(struct call_filter *f, const char *text)
{
	uint64_t pid;

	if (parse_u64(text, 1, INT_MAX, &pid))
		die(EXIT_USAGE, "PID must be a number from 1, not '%s'", text);
	f->pids = xrealloc(f->pids, f->nr_pids + 1, sizeof(*f->pids));
	f->pids[f->nr_pids++] = (pid_t)pid;
}

static void add_pids(struct call_filter *f, const char *arg)
{
	char *list = xstrdup(arg), *rest = list, *pid;

	while ((pid = strsep(&rest, ",")))
		add_pid(f, pid);
	free(list);
}

static void add_pattern(char ***patterns, size_t *nr, const char *option, const char *arg)
{
	if (!*arg)
		die(EXIT_USAGE, "NAME of --%s is empty", option);
	*patterns = xrealloc(*patterns, *nr + 1, sizeof(**patterns));
	(*patterns)[(*nr)++] = xstrdup(arg);
}

/* The kernel keeps 15 bytes of a name: a longer one without wildcards is meant by those. */
static void add_comm(struct call_filter *f, const char *arg)
{
	char *pattern;

	add_pattern(&f->comms, &f->nr_comms, "comm", arg);
	pattern = f->comms[f->nr_comms - 1];
	if (strlen(pattern) > COMM_MAX && !strpbrk(pattern, "*?[\\"))
		pattern[COMM_MAX] = '\0';
}

static void set_text(char **text, const char *arg)
{
	free(*text);
	*text = xstrdup(arg);
}

static void set_size(uint64_t *bytes, const char *option, const char *arg)
{
	if (text_parse_size(arg, bytes))
		die(EXIT_USAGE, "SIZE of --%s must be like 4096, 64K or 2M, not '%s'", option, arg);
}

bool call_filter_option(struct call_filter *f, int key, const char *arg)
{
	switch (key) {
	case 'p':
		add_pids(f, arg);
		return true;
	case CALL_COMM:
		add_comm(f, arg);
		return true;
	case 'd':
		add_pattern(&f->drivers, &f->nr_drivers, "driver", arg);
		return true;
	case CALL_FUNCTION:
		add_pattern(&f->functions, &f->nr_functions, "function", arg);
		return true;
	case 'u':
		if (user_parse(arg, &f->uid))
			die(EXIT_USAGE, "there is no user '%s'", arg);
		f->by_user = true;
		return true;
	case CALL_CGROUP:
		set_text(&f->cgroup, arg);
		return true;
	case CALL_FLAGS:
		set_text(&f->flags, arg);
		return true;
	case 'z':
		set_size(&f->least, "min-size", arg);
		return true;
	case 'Z':
		set_size(&f->most, "max-size", arg);
		return true;
	case CALL_FAILED:
		f->failed = true;
		return true;
	case CALL_HELD:
		if (parse_seconds(arg, 0, 1e9, &f->held))
			die(EXIT_USAGE, "--held must be seconds from 0 to 1000000000, not '%s'",
			    arg);
		return true;
	}
	return false;
}

static void free_patterns(char **patterns, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		free(patterns[i]);
	free(patterns);
}

void call_filter_free(struct call_filter *f)
{
	free_patterns(f->comms, f->nr_comms);
	free_patterns(f->drivers, f->nr_drivers);
	free_patterns(f->functions, f->nr_functions);
	free(f->pids);
	free(f->flags);
	free(f->cgroup);
	memset(f, 0, sizeof(*f));
}

/* --- the kernel's part ------------------------------------------------------------------------ */

static void set_flag(const struct foll_names *names, const char *name, struct trace_filter *kernel)
{
	bool clear = *name == '!';
	uint32_t value = foll_value(names, name + clear);

	if (!value)
		die(EXIT_USAGE, "this kernel has no flag '%s': FLAG is like longterm or !write",
		    name + clear);
	*(clear ? &kernel->flags_clear : &kernel->flags_set) |= value;
}

static void set_flags(const char *flags, const struct foll_names *names, struct trace_filter *kernel)
{
	char *list = xstrdup(flags), *rest = list, *name;

	while ((name = strsep(&rest, ",")))
		set_flag(names, name, kernel);
	free(list);
	if (kernel->flags_set & kernel->flags_clear)
		die(EXIT_USAGE, "--flags %s asks for a flag and for its absence", flags);
}

static void set_cgroup(const char *cgroup, struct trace_filter *kernel)
{
	uint64_t id = 0;
	uint32_t level = 0;
	int err = cgroup_task_find(cgroup, &id, &level);

	if (err == -ENODEV)
		die(EXIT_USAGE,
		    "cannot look for cgroup '%s': no cgroup2 is mounted, or not its root", cgroup);
	if (err)
		die(EXIT_USAGE, "cannot find cgroup '%s' below the mount of cgroup2: %s", cgroup,
		    strerror(-err));
	kernel->cgroup = id;
	kernel->cgroup_level = level;
}

void call_filter_kernel(const struct call_filter *f, const struct foll_names *names,
			struct trace_filter *kernel)
{
	uint64_t page = sysconf(_SC_PAGESIZE);

	memset(kernel, 0, sizeof(*kernel));
	kernel->followed = f->nr_pids > 0;
	kernel->by_uid = f->by_user;
	kernel->uid = f->uid;
	kernel->failed = f->failed;
	kernel->least = (f->least + page - 1) / page;
	kernel->most = f->most / page;
	if (f->most && !kernel->most)
		die(EXIT_USAGE, "--max-size is less than a page: no call asks for so little");
	if (f->flags)
		set_flags(f->flags, names, kernel);
	if (f->cgroup)
		set_cgroup(f->cgroup, kernel);
}

void call_filter_check_replay(const struct call_filter *f)
{
	if (f->cgroup)
		die(EXIT_USAGE, "--cgroup cannot be told from a recording: give it with --record");
}

bool call_filter_is_set(const struct call_filter *f)
{
	return f->nr_pids || f->nr_comms || f->nr_drivers || f->nr_functions || f->flags ||
	       f->cgroup || f->by_user || f->failed || f->least || f->most || f->held >= 0;
}

bool call_filter_takes_all(const struct call_filter *f)
{
	return !(f->nr_comms || f->nr_drivers || f->nr_functions || f->flags || f->failed ||
		 f->least || f->most || f->held >= 0);
}

/* --- one call --------------------------------------------------------------------------------- */

static bool matches(char *const *patterns, size_t nr, const char *name)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (!fnmatch(patterns[i], name, 0))
			return true;
	return false;
}

/* A frame is "function+0x12/0x90 [module]", a compiler's suffix perhaps included. */
static bool has_function(const struct call_filter *f, const struct named_site *site)
{
	char name[256];
	size_t i, len;

	for (i = 0; i < site->nr_frames; i++) {
		len = strcspn(site->frames[i], "+ ");
		snprintf(name, sizeof(name), "%.*s", (int)len, site->frames[i]);
		if (matches(f->functions, f->nr_functions, name))
			return true;
		name[strcspn(name, ".")] = '\0';
		if (matches(f->functions, f->nr_functions, name))
			return true;
	}
	return false;
}

static bool is_of_pids(const struct call_filter *f, const struct trace_event *ev)
{
	size_t i;

	for (i = 0; i < f->nr_pids; i++)
		if (f->pids[i] == (pid_t)ev->tgid || f->pids[i] == (pid_t)ev->owner)
			return true;
	return false;
}

/* What is_wanted() of bpf/trace.bpf.c asks, for calls that it did not see. */
static bool passes_kernel(const struct call_filter *f, const struct trace_filter *kernel,
			  const struct trace_event *ev)
{
	if (kernel->followed && !is_of_pids(f, ev))
		return false;
	if (kernel->by_uid && ev->uid != kernel->uid)
		return false;
	if (kernel->failed && !call_failed(ev) && !call_was_partial(ev))
		return false;
	if ((ev->flags & kernel->flags_set) != kernel->flags_set ||
	    ev->flags & kernel->flags_clear)
		return false;
	return ev->wanted >= kernel->least && (!kernel->most || ev->wanted <= kernel->most);
}

bool call_filter_wants(const struct call_filter *f, const struct trace_filter *kernel,
		       bool replayed, const struct trace_event *ev, const struct named_site *site)
{
	if (replayed && !passes_kernel(f, kernel, ev))
		return false;
	if (f->nr_comms && !matches(f->comms, f->nr_comms, ev->comm) &&
	    !matches(f->comms, f->nr_comms, ev->owner_comm))
		return false;
	if (f->nr_drivers && !matches(f->drivers, f->nr_drivers, site->name.driver) &&
	    !matches(f->drivers, f->nr_drivers, site->name.module) &&
	    !matches(f->drivers, f->nr_drivers, site->name.detail))
		return false;
	return !f->nr_functions || has_function(f, site);
}
