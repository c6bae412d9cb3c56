/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's own pin counters, nr_foll_pin_acquired and nr_foll_pin_released:
 * node_stat items since Linux 5.7 (1970dc6f5226), so they stand in /proc/vmstat
 * for the machine and in /sys/devices/system/node/nodeN/vmstat for each node.
 * Both files are readable by everyone. No function here keeps a file open.
 *
 * Errors are the same everywhere: -ENOENT the file was read but has no pin
 * counters (an older kernel), -ENODEV the file or folder is not there, -EINVAL
 * and -ERANGE it does not read like a vmstat file, or another -errno.
 * vmstat_strerror() says each in words. On an error the output is untouched.
 */
#ifndef PINSCOPE_VMSTAT_H
#define PINSCOPE_VMSTAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Unit: pins, that is references taken with FOLL_PIN, not pages and not bytes.
 * @in_flight is @acquired - @released and may be negative: folio_add_pin(), used
 * by fs/direct-io.c since 6.5, takes pins that no counter sees while their
 * release is counted. A read between two folds of the per-CPU counts can make it
 * negative as well, by little.
 */
struct vmstat_pins {
	uint64_t acquired;
	uint64_t released;
	int64_t in_flight;
};

struct vmstat_node {
	int id;
	struct vmstat_pins pins;
};

/* Pins per second. */
struct vmstat_rates {
	double acquired;
	double released;
	double net;		/* growth of in_flight */
};

/*
 * Read @dir/proc and @dir/sys from now on, for a container that has the host's
 * mounted there. NULL or "" goes back to /. The string is copied. 0, -ENOTDIR and
 * the like when @dir is no folder, -ENAMETOOLONG.
 */
int vmstat_set_root(const char *dir);

/*
 * Adds what each CPU counted on its own to the totals, through
 * /proc/sys/vm/stat_refresh (root only, mm/vmstat.c vmstat_refresh()): without it
 * up to 125 pins per CPU and node are missing for about a second. Runs a work item
 * on every CPU and waits for all of them. 0, -EACCES without privilege, -ENODEV
 * where there is no such file (a kernel without SMP, which has nothing to fold).
 */
int vmstat_refresh(void);

/* The machine's counters, from /proc/vmstat. */
int vmstat_read(struct vmstat_pins *out);

/*
 * Every node's counters, sorted by id, from /sys/devices/system/node. The caller
 * frees *@nodes. A node that goes offline meanwhile is left out. -ENODEV on a
 * kernel without CONFIG_NUMA.
 */
int vmstat_read_nodes(struct vmstat_node **nodes, size_t *n);

/*
 * Reads one vmstat file from @f, which stays open. Values above INT64_MAX are
 * -ERANGE: the kernel prints a long that it clamps at 0
 * (include/linux/vmstat.h global_node_page_state_pages()).
 */
int vmstat_parse(FILE *f, struct vmstat_pins *out);

/* Seconds since boot, from /proc/uptime. */
int vmstat_uptime(double *seconds);

/*
 * Rates between two readings that lie @seconds apart. False, with *@out untouched,
 * when a counter went backwards (not the same boot, a node taken away and put back)
 * or no time passed.
 */
bool vmstat_rates(const struct vmstat_pins *before, const struct vmstat_pins *now,
		  double seconds, struct vmstat_rates *out);

/* An error of this file's functions in words; valid until the next call. */
const char *vmstat_strerror(int err);

#endif
