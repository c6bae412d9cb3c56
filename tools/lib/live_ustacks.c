// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "live_ustacks.h"
#include "ustack.h"
#include "vec.h"

struct live_ustacks {
	const struct ledger *ledger;
	struct ring_buffer *met;
	struct ustacks *names;
};

static int take(void *arg, void *record, size_t size)
{
	const struct ledger_met *met = record;
	struct live_ustacks *u = arg;

	if (size >= sizeof(*met))
		ustacks__see(u->names, met->tgid, met->start_ns);
	return 0;
}

struct live_ustacks *live_ustacks__new(const struct ledger *l, struct fail *fail)
{
	struct live_ustacks *u = xcalloc(1, sizeof(*u));

	u->ledger = l;
	u->names = ustacks__new();
	u->met = ring_buffer__new(ledger__met_fd(l), take, u, NULL);
	if (u->met)
		return u;
	fail_set(fail, EXIT_ATTACH, "cannot map the ring buffer: %s", strerror(errno));
	live_ustacks__free(u);
	return NULL;
}

void live_ustacks__free(struct live_ustacks *u)
{
	if (!u)
		return;
	ring_buffer__free(u->met);
	ustacks__free(u->names);
	free(u);
}

int live_ustacks__fd(const struct live_ustacks *u)
{
	return ring_buffer__epoll_fd(u->met);
}

void live_ustacks__look(struct live_ustacks *u)
{
	ring_buffer__consume(u->met);
}

void live_ustacks__see(struct live_ustacks *u, pid_t pid)
{
	ustacks__see(u->names, (uint32_t)pid, 0);
}

const struct named_ustack *live_ustacks__name(struct live_ustacks *u, uint64_t id)
{
	struct pin_ustack stack;

	if (!id || bpf_map_lookup_elem(ledger__ustacks_fd(u->ledger), &id, &stack))
		return NULL;
	return ustacks__name(u->names, id, &stack);
}
