/* SPDX-License-Identifier: GPL-2.0 */
/*
 * User stacks in words. A stack names files by build id, and processes may be
 * gone when it is shown: so each process is looked at as soon as it is met, and
 * its files stay open from then on.
 */
#ifndef PINSCOPE_USTACK_H
#define PINSCOPE_USTACK_H

#include <stdbool.h>
#include <stdint.h>

#include "../../bpf/ustack.h"
#include "ustack_name.h"

struct ustacks;

struct ustacks *ustacks__new(void);
void ustacks__free(struct ustacks *u);

/*
 * Remembers what process @tgid that began at @start_ns (0: whatever it is) has
 * mapped, if it still lives. Cheap: a few system calls for each mapping of code.
 * True if it could be seen.
 */
bool ustacks__see(struct ustacks *u, uint32_t tgid, uint64_t start_ns);

/*
 * To be called with each call that comes with a stack, and soon: sees the
 * process when @id is new.
 */
void ustacks__met(struct ustacks *u, uint64_t id, uint32_t tgid, uint64_t start_ns);

/* The words of @id, if ustacks__name() has found them before, else NULL. */
const struct named_ustack *ustacks__find(const struct ustacks *u, uint64_t id);

/*
 * Finds them. May take long (elf_file.h), so call it for what is shown and not
 * while there is something to be read in time. They live as long as @u and are
 * safe on a terminal.
 *
 * What a process had mapped before it called exec() is forgotten: an address
 * without build id from then may stand without name, or with a wrong one.
 */
const struct named_ustack *ustacks__name(struct ustacks *u, uint64_t id,
					 const struct pin_ustack *stack);

#endif
