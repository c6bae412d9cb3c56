/* SPDX-License-Identifier: GPL-2.0 */
/* The user stacks that the ledger's programs remember, in words. */
#ifndef PINSCOPE_LIVE_USTACKS_H
#define PINSCOPE_LIVE_USTACKS_H

#include "ledger.h"
#include "ustack_name.h"

struct live_ustacks;

/* Of a ledger opened with user_stacks, which must outlive them. NULL with @fail filled. */
struct live_ustacks *live_ustacks__new(const struct ledger *l, struct fail *fail);
void live_ustacks__free(struct live_ustacks *u);

/*
 * Readable when a process has a stack that is new: then live_ustacks__look()
 * should be called soon, while it lives, for what is in it to have names.
 */
int live_ustacks__fd(const struct live_ustacks *u);
void live_ustacks__look(struct live_ustacks *u);

/* Looks at @pid, which is known to be about to pin. */
void live_ustacks__see(struct live_ustacks *u, pid_t pid);

/* The words of stack @id; NULL: it is 0, or not known. They live as long as @u. */
const struct named_ustack *live_ustacks__name(struct live_ustacks *u, uint64_t id);

#endif
