// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <string.h>

#include "cgroups.h"
#include "cli.h"
#include "filter.h"
#include "procinfo.h"
#include "text.h"
#include "user.h"
#include "vec.h"

#define COMM_MAX (sizeof(((struct snap_proc *)0)->comm) - 1)

static void add_pid(struct filter *f, const char *text)
{
	struct procinfo info;
	uint64_t pid;

	if (parse_u64(text, 1, INT_MAX, &pid))
		die(EXIT_USAGE, "PID must be a number from 1, not '%s'", text);
	if (procinfo_read((pid_t)pid, &info))
		die(EXIT_USAGE, "there is no process %s", text);
	if (f->nr_pids && filter_wants_pid(f, info.tgid))
		return;
	f->pids = xrealloc(f->pids, f->nr_pids + 1, sizeof(*f->pids));
	f->pids[f->nr_pids++] = info.tgid;
}

static void add_pids(struct filter *f, const char *arg)
{
	char *list = xstrdup(arg), *rest = list, *pid;

	while ((pid = strsep(&rest, ",")))
		add_pid(f, pid);
	free(list);
}

/* The kernel keeps 15 bytes of a name: a longer one without wildcards is meant by those. */
static void add_comm(struct filter *f, const char *arg)
{
	char *pattern;

	if (!*arg)
		die(EXIT_USAGE, "NAME of --comm is empty");
	pattern = xstrdup(arg);
	if (strlen(pattern) > COMM_MAX && !strpbrk(pattern, "*?[\\"))
		pattern[COMM_MAX] = '\0';
	f->comms = xrealloc(f->comms, f->nr_comms + 1, sizeof(*f->comms));
	f->comms[f->nr_comms++] = pattern;
}

static void add_driver(struct filter *f, const char *arg)
{
	if (!*arg)
		die(EXIT_USAGE, "NAME of --driver is empty");
	f->drivers = xrealloc(f->drivers, f->nr_drivers + 1, sizeof(*f->drivers));
	f->drivers[f->nr_drivers++] = xstrdup(arg);
}

static void set_user(struct filter *f, const char *arg)
{
	if (f->by_user)
		die(EXIT_USAGE, "--user was given twice; it is one user's processes that are shown");
	if (user_parse(arg, &f->uid))
		die(EXIT_USAGE, "there is no user '%s'", arg);
	f->by_user = true;
}

static void set_cgroup(struct filter *f, const char *arg)
{
	int err;

	if (f->cgroup)
		die(EXIT_USAGE, "--cgroup was given twice; it is one cgroup's memory that is shown");
	err = cgroup_find(arg, &f->cgroup);
	if (err == -ENODEV)
		die(EXIT_USAGE, "cannot look for cgroup '%s': no memory controller is mounted",
		    arg);
	if (err)
		die(EXIT_USAGE, "cannot find cgroup '%s' below the memory controller's mount: %s",
		    arg, strerror(-err));
}

bool filter_option(struct filter *f, int key, const char *arg)
{
	switch (key) {
	case 'p':
		add_pids(f, arg);
		return true;
	case 'c':
		add_comm(f, arg);
		return true;
	case 'u':
		set_user(f, arg);
		return true;
	case FILTER_DRIVER:
		add_driver(f, arg);
		return true;
	case FILTER_CGROUP:
		set_cgroup(f, arg);
		return true;
	}
	return false;
}

void filter_free(struct filter *f)
{
	size_t i;

	for (i = 0; i < f->nr_comms; i++)
		free(f->comms[i]);
	for (i = 0; i < f->nr_drivers; i++)
		free(f->drivers[i]);
	free(f->drivers);
	free(f->comms);
	free(f->pids);
	free(f->cgroup);
	memset(f, 0, sizeof(*f));
}

bool filter_has_processes(const struct filter *f)
{
	return f->nr_pids || f->nr_comms || f->by_user;
}

bool filter_wants_pid(const struct filter *f, pid_t pid)
{
	size_t i;

	for (i = 0; i < f->nr_pids; i++)
		if (f->pids[i] == pid)
			return true;
	return !f->nr_pids;
}

bool filter_wants_comm(const struct filter *f, const char *comm)
{
	size_t i;

	for (i = 0; i < f->nr_comms; i++)
		if (!fnmatch(f->comms[i], comm, 0))
			return true;
	return !f->nr_comms;
}

bool filter_wants_driver(const struct filter *f, const char *driver)
{
	size_t i;

	for (i = 0; i < f->nr_drivers; i++)
		if (!fnmatch(f->drivers[i], driver, 0))
			return true;
	return !f->nr_drivers;
}

bool filter_wants_drivers(const struct filter *f, const char *drivers)
{
	char *list, *rest, *driver;
	bool wanted = !f->nr_drivers;

	if (wanted || !drivers)
		return wanted;
	list = rest = xstrdup(drivers);
	while (!wanted && (driver = strsep(&rest, ",")))
		wanted = filter_wants_driver(f, driver + strspn(driver, " "));
	free(list);
	return wanted;
}

bool filter_wants(const struct filter *f, const struct snap_proc *proc)
{
	bool pid = filter_wants_pid(f, proc->pid), comm = filter_wants_comm(f, proc->comm);
	size_t i;

	for (i = 0; i < proc->nr_sharers && !(pid && comm); i++) {
		pid |= filter_wants_pid(f, proc->sharers[i].pid);
		comm |= filter_wants_comm(f, proc->sharers[i].comm);
	}
	return pid && comm && (!f->by_user || proc->uid == f->uid) &&
	       filter_wants_drivers(f, proc->drivers);
}

bool filter_wants_holder(const struct filter *f, const struct snap_holder *holder)
{
	return filter_wants_pid(f, holder->pid) && filter_wants_comm(f, holder->comm) &&
	       (!f->by_user || holder->uid == f->uid);
}

static bool names(const struct filter *f, pid_t pid, const char *comm)
{
	return (f->nr_pids || f->nr_comms) && filter_wants_pid(f, pid) &&
	       filter_wants_comm(f, comm);
}

bool filter_names_sharer(const struct filter *f, const struct snap_proc *proc,
			 const struct mm_sharer *sharer)
{
	return names(f, sharer->pid, sharer->comm) && !names(f, proc->pid, proc->comm);
}

const char *filter_text(const struct filter *f, char *buf, size_t size)
{
	char name[64];
	const char *sep = "";
	FILE *out;
	size_t i;

	*buf = '\0';
	out = fmemopen(buf, size, "w");
	if (!out)
		return buf;
	if (f->nr_pids > 3)
		fprintf(out, "%zu pids", f->nr_pids);
	for (i = 0; i < f->nr_pids && f->nr_pids <= 3; i++)
		fprintf(out, "%s%d", i ? " or " : "pid ", f->pids[i]);
	if (f->nr_pids)
		sep = ", ";
	for (i = 0; i < f->nr_comms; i++) {
		fprintf(out, "%s%s", i ? " or " : sep[0] ? ", name " : "name ",
			text_clean(f->comms[i], name, sizeof(name)));
		sep = ", ";
	}
	if (f->by_user) {
		fprintf(out, "%suser %s", sep, text_user(f->uid));
		sep = ", ";
	}
	for (i = 0; i < f->nr_drivers; i++)
		fprintf(out, "%s%s%s", i ? " or " : sep, i ? "" : "driver ",
			text_clean(f->drivers[i], name, sizeof(name)));
	fclose(out);
	buf[size - 1] = '\0';	/* a full one is not ended by fmemopen() */
	return buf;
}

static json_t *texts_json(char *const *texts, size_t nr)
{
	json_t *list = json_array();
	char text[4096];
	size_t i;

	for (i = 0; i < nr; i++)
		json_array_append_new(list, json_string(text_clean(texts[i], text, sizeof(text))));
	return list;
}

json_t *filter_drivers_json(const struct filter *f)
{
	return texts_json(f->drivers, f->nr_drivers);
}

json_t *filter_json(const struct filter *f)
{
	json_t *pids = json_array(), *cgroup = json_null();
	char text[4096];
	size_t i;

	if (f->cgroup)
		cgroup = json_string(text_clean(f->cgroup, text, sizeof(text)));
	for (i = 0; i < f->nr_pids; i++)
		json_array_append_new(pids, json_integer(f->pids[i]));
	return json_pack("{s:o, s:o, s:o, s:o}",
			 "pids", pids,
			 "comms", texts_json(f->comms, f->nr_comms),
			 "uid", f->by_user ? json_integer(f->uid) : json_null(),
			 "cgroup", cgroup);
}
