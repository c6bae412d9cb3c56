/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ledger of who holds which pins, kept by the programs of
 * bpf/ledger.bpf.c while they are attached. Here: loading them, reading the
 * maps. reconcile.h brings it in line with memory.
 */
#ifndef PINSCOPE_LEDGER_H
#define PINSCOPE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../../bpf/ledger.h"
#include "attach.h"
#include "calibrate.h"
#include "fail.h"
#include "ledger_view.h"

struct ledger;

/*
 * An owner record, its part of the index, and of the room for stacks: there is
 * one for so many owners.
 */
#define LEDGER_OWNER_BYTES 304
#define LEDGER_OWNERS_PER_SITE 8

/* Defaults, in --help and the man pages as well: 128 MiB and 16 MiB at most. */
#define LEDGER_DEFAULT_ENTRIES ((128U << 20) / sizeof(struct ledger_entry))
#define LEDGER_DEFAULT_OWNERS ((16U << 20) / LEDGER_OWNER_BYTES)

struct ledger_opts {
	uint32_t entries;	/* most blocks of 64 pages that can have pins; 0: the default */
	uint32_t owners;	/* most combinations of process and site; 0: the default */
	uint64_t max_pfn;	/* memory ends here */
	const char *btf;	/* NULL: /sys/kernel/btf/vmlinux */
	bool follow;		/* ledger__follow() will be called */
	bool user_stacks;	/* a site is a place in the program as well */
	/* Owner records of calls from this control group (version 2) or one below: OWNER_IN_CGROUP. */
	uint64_t cgroup;	/* id; 0: none */
	uint32_t cgroup_level;
	bool no_fentry;		/* a test's: do as if there were no trampolines */
};

/* Loads and attaches. NULL with @fail filled when the kernel allows neither way. */
struct ledger *ledger__open(const struct ledger_opts *opts, const struct page_array *array,
			    struct fail *fail);
/* Detaches and frees. */
void ledger__free(struct ledger *l);

const struct attachment *ledger__attachment(const struct ledger *l);

/*
 * The maps as they are at this moment, shared with the kernel: a number may
 * change between two looks. Records and entries are numbered from 1 on.
 */
const struct ledger_totals *ledger__totals(const struct ledger *l);
const struct owner_rec *ledger__owner(const struct ledger *l, uint32_t nr);
const struct ledger_entry *ledger__entry(const struct ledger *l, uint32_t nr);
uint32_t ledger__owners_used(const struct ledger *l);
uint32_t ledger__entries_used(const struct ledger *l);
uint32_t ledger__entries_size(const struct ledger *l);
uint32_t ledger__owners_size(const struct ledger *l);

/* Pins in flight: those of all owners, and those that found no room, less what is unmatched. */
int64_t ledger__in_flight(const struct ledger *l);

/*
 * Pin calls that have begun and not ended. Those whose end was missed are among
 * them until their task's next call.
 */
uint64_t ledger__calls_under_way(const struct ledger *l);

/*
 * Says that the ledger is in line with memory now, but for @unplaced pins that
 * found no room: what was lost before counts no more for ledger__in_flight().
 * If they are more than were ever lost, the others are lost now.
 */
void ledger__rebase(struct ledger *l, int64_t unplaced);

/* Pins by folio_add_pin(), released ones included: the kernel's counters leave out their begin. */
uint64_t ledger__extra(const struct ledger *l);

/* The kernel stack of @site: 0, or -1 when it is not known. */
int ledger__site(const struct ledger *l, uint64_t site, struct pin_site *stack);

/* With user_stacks: file descriptors of the maps "met" and "ustacks". */
int ledger__met_fd(const struct ledger *l);
int ledger__ustacks_fd(const struct ledger *l);

/* Says which driver the pins of an owner record are of: enum code_driver. */
void ledger__set_driver(struct ledger *l, uint32_t nr, uint32_t driver);
/* Has @driver say that of each return address that programs ask about; 0: not now. */
void ledger__name_code(struct ledger *l, uint32_t (*driver)(uint64_t ip, void *arg), void *arg);
/* See source__follow(): 0 or -errno, also when it was not to be called. One process at most. */
int ledger__follow(struct ledger *l, pid_t pid);
/* Is it that process, or one that it has started, itself or through others? Also after its exit. */
bool ledger__is_followed(const struct ledger *l, uint32_t tgid, uint64_t start_ns);
/* Processes that are not followed for lack of room. */
uint64_t ledger__follow_lost(const struct ledger *l);

/* See ledger_view__each(). */
void ledger__each(const struct ledger *l, void (*each)(const struct ledger_pin *pin, void *arg),
		  void *arg);

/*
 * Gives out again what holds nothing, when entries or owner records get short;
 * to be called about once a second, not while another thread is in
 * reconcile(). Records that are not in use have OWNER_UNUSED in their flags.
 * 0 or -errno: then what is lost for want of room is counted as ever.
 */
int ledger__recycle(struct ledger *l);

/* For reconcile.c: the map "work", and the programs that use it. */
struct ledger_work *ledger__work(struct ledger *l);
int ledger__run_check(struct ledger *l);
int ledger__run_adjust(struct ledger *l);
/* Number of the record for @key, 0 when it cannot be had. */
uint32_t ledger__make_owner(struct ledger *l, const struct owner_key *key, const char *comm);
void ledger__set_peak(struct ledger *l);

/* "the pool of entries is full" ... for enum ledger_loss. */
const char *ledger_loss_text(enum ledger_loss loss);

#endif
