// SPDX-License-Identifier: GPL-2.0
/* All scenarios: each subsystem, crossed with the kinds of memory it takes. */
#include <stdio.h>
#include <string.h>

#include "sim.h"

static const struct subsystem *const tables[] = {
	uring_subsystems,
	rings_subsystems,
	pvm_subsystems,
	dio_subsystems,
	xdp_subsystems,
	udmabuf_subsystems,
	alg_subsystems,
	passthrough_subsystems,
	rdma_subsystems,
	pingpong_subsystems,
	vfio_subsystems,
	v4l2_subsystems,
	rds_subsystems,
	vhost_subsystems,
	vduse_subsystems,
	fuse_subsystems,
	orangefs_subsystems,
	refused_subsystems,
	controls_subsystems,
	mixed_subsystems,
	crowd_subsystems,
	twice_subsystems,
	owners_subsystems,
	pipes_subsystems,
	busy_subsystems,
	storm_subsystems,
	clone_subsystems,
	files_subsystems,
	slow_subsystems,
	grow_subsystems,
};

/* What has no use with this kind of memory is not allowed with it. */
static unsigned int allows(const struct subsystem *sub, enum mem_kind mem)
{
	unsigned int a = sub->allows;

	if (!(KINDS_MEMFD & 1U << mem))
		a &= ~OPT_MEMFD;
	if (!(KINDS_HUGETLB & 1U << mem))
		a &= ~OPT_HUGE;
	return a;
}

static bool become(struct scenario *sc, const struct subsystem *sub, enum mem_kind mem)
{
	sc->sub = sub;
	sc->pinner = sub->pinner;
	sc->mem = mem;
	sc->allows = allows(sub, mem);
	snprintf(sc->name, sizeof(sc->name), "%s%s", sub->name,
		 sub->kinds ? mem_words[mem].suffix : "");
	return true;
}

static bool first_of(struct scenario *sc, const struct subsystem *sub)
{
	return become(sc, sub, sub->kinds ? (enum mem_kind)__builtin_ctz(sub->kinds) : sub->mem);
}

static const struct subsystem *next_subsystem(const struct subsystem *sub)
{
	size_t t;

	if (sub[1].name)
		return sub + 1;
	for (t = 0; t + 1 < ARRAY_SIZE(tables); t++) {
		const struct subsystem *i = tables[t];

		while (i->name && i != sub)
			i++;
		if (i == sub)
			return tables[t + 1];
	}
	return NULL;
}

/* Turns sc into the one after it, or the first if it is all zero. False: that was the last one. */
bool scenario_next(struct scenario *sc)
{
	const struct subsystem *sub = sc->sub;
	unsigned int more;

	if (!sub)
		return first_of(sc, tables[0]);
	more = sub->kinds & ~((2U << sc->mem) - 1);
	if (more)
		return become(sc, sub, __builtin_ctz(more));
	sub = next_subsystem(sub);
	return sub && first_of(sc, sub);
}

/* A subsystem's bare name means its first kind of memory. */
bool scenario_find(struct scenario *sc, const char *name)
{
	memset(sc, 0, sizeof(*sc));
	while (scenario_next(sc)) {
		if (!strcmp(sc->name, name))
			return true;
		if (!strcmp(sc->sub->name, name))
			return first_of(sc, sc->sub);
	}
	return false;
}

void scenario_list(void)
{
	struct scenario sc = {};

	while (scenario_next(&sc))
		printf("%-24s %s%s%s\n", sc.name, sc.sub->help, sc.sub->kinds ? ": " : "",
		       sc.sub->kinds ? mem_words[sc.mem].help : "");
}
