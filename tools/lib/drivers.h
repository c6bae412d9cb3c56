/* SPDX-License-Identifier: GPL-2.0 */
/* Which driver pinned, by the kernel stack of the pin call. */
#ifndef PINSCOPE_DRIVERS_H
#define PINSCOPE_DRIVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kallsyms.h"

/*
 * The driver is a name of the table in drivers_table.h, else the module of the
 * caller, else the caller itself. The caller is the first function outside the
 * pin machinery or, where a layer stands between (iomap, RDMA core, videobuf2),
 * the one that uses the layer. Copies all: outlives the symbols.
 */
struct site_name {
	char driver[64];	/* "io_uring", "direct-io", "nvme"; "unknown", never empty */
	char detail[64];	/* "ext4" of direct-io, "mlx5_ib" of rdma; "" when there is none */
	char function[128];	/* the caller, without the compiler's suffixes; or its address */
	char module[64];	/* of the caller, "" built in */
	int frame;		/* index of the caller in the stack; -1 for none */
	bool missed;		/* an address up to the caller has no name: reload, ask again */
};

/*
 * Names the site of @stack, which holds @nr return addresses, innermost first,
 * as bpf_get_stack() gives them. Works for pin and unpin calls, whatever way
 * they are seen (fentry, fexit, kprobe, tracepoint). @k may be NULL.
 */
void site_name(const struct kallsyms *k, const uint64_t *stack, size_t nr, struct site_name *site);

/*
 * Is the driver one by whose name its releases are known as well? What stands
 * there for want of a better name, that of the one function that pins, is not.
 */
bool site_has_driver(const struct site_name *site);

/*
 * @symbol as the source has it, in @buf: without .isra.0, .cold and the like,
 * and sys_ for the several names of a system call's entry. Returns @buf.
 */
const char *function_of(const char *symbol, char *buf, size_t size);

/*
 * Does @function (as of function_of()) of @module belong to the machinery that
 * site_name() steps over: pinning itself, BPF, probes, the entry to the kernel?
 */
bool is_pin_machinery(const char *function, const char *module);

#endif
