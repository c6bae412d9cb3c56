// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "source_ops.h"

void source__free(struct source *src)
{
	if (src)
		src->ops->free(src);
}

const char *source__name(const struct source *src)
{
	return src->ops->name;
}

const struct snapshot *source__poll(struct source *src, bool force, struct fail *fail)
{
	return src->ops->poll(src, force, fail);
}

int source__follow(struct source *src, pid_t pid, struct fail *fail)
{
	if (!src->ops->follow)
		return fail_set(fail, EXIT_USAGE, "a scan cannot follow processes");
	return src->ops->follow(src, pid, fail);
}

int source__fd(const struct source *src)
{
	return src->ops->fd ? src->ops->fd(src) : -1;
}

void source__look(struct source *src)
{
	if (src->ops->look)
		src->ops->look(src);
}

struct source_cost source__cost(const struct source *src)
{
	return src->cost;
}
