/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ledger: who holds which pins. What its programs and user space say to
 * each other, and the layout of its maps.
 *
 * Every 64 neighbouring page frames are a block. A block that ever had a pin
 * has an entry: the directory tells its number in the pool. An entry has room
 * for a few claims; a claim says which pins one owner holds there. Where that
 * room is not enough, more entries are chained to the first.
 */
#ifndef PINSCOPE_BPF_LEDGER_H
#define PINSCOPE_BPF_LEDGER_H

#include <linux/types.h>

#include "functions.h"

#define LEDGER_BLOCK_SHIFT 6
#define LEDGER_BLOCK_PAGES (1U << LEDGER_BLOCK_SHIFT)
#define LEDGER_CLAIMS 4
#define LEDGER_DIR_SLOTS 16		/* numbers in one value of the directory */
#define LEDGER_MAX_CHAIN 128

/*
 * A claim's word: the owner, and how many programs are changing its pins at
 * this moment. As long as that is not 0 the claim keeps its owner. While
 * CLAIM_MOVING is set it changes hands, and all others leave it alone.
 */
#define CLAIM_USERS 0x7ffU
#define CLAIM_MOVING 0x800U
#define CLAIM_OWNER_SHIFT 12
#define LEDGER_MAX_OWNERS (1U << 20)

/*
 * A claim's place: the bits of its pins are the block's small pages, each
 * pinned once; or its pins are a number, those of one folio (or of one small
 * page, when it is pinned very often), which begins at this page of the block.
 */
#define PLACE_BITS 0xffU
#define PLACE_OFFSET 0xffU
#define PLACE_ORDER_SHIFT 8

struct ledger_claim {
	__u64 pins;
	__u64 since;	/* CLOCK_MONOTONIC, ns: when pins was 0 for the last time */
	__u32 word;
	__u32 place;
};

struct ledger_entry {
	__u32 block;
	__u32 next;	/* number of the next entry in the chain, 0 for none */
	struct ledger_claim claims[LEDGER_CLAIMS];
};

#define LEDGER_CLOSED 0xffffffffU	/* next of a chain that is being given back */

struct ledger_dir {
	__u32 first[LEDGER_DIR_SLOTS];
};

enum owner_flags {
	OWNER_LONGTERM = 1,	/* taken with FOLL_LONGTERM, or by memfd_pin_folios() */
	OWNER_BEFORE = 2,	/* the pins were there before the ledger; site and process unknown */
	OWNER_REPAIRED = 4,	/* found by a scan after a program run had been missed */
	OWNER_UNUSED = 8,	/* the record is not in use */
	OWNER_IN_CGROUP = 16,	/* taken by a task of the control group that is asked for */
};

#define OWNER_OTHERS 1		/* the owner record for those that have no room for one */

/* Or-ed to the number given to ledger_add(): what finds no room is not to be counted as lost. */
#define OWNER_UNCOUNTED 0x80000000U

/* One for each process, site and kind of pin. */
struct owner_key {
	__u64 start_ns;		/* with tgid the identity of the process */
	__u64 site;		/* hash of the stack; key of the map "sites" */
	__u32 tgid;
	__u32 flags;		/* enum owner_flags */
};

struct owner_rec {
	struct owner_key key;
	/* Pins, since the ledger began. Held now: acquired - released. */
	__u64 acquired;
	__u64 released;
	__u64 peak;
	__u64 guessed;		/* releases that, by driver and process, could have been another's */
	__u64 calls;		/* pin calls, and those of them that gave nothing, or less than asked */
	__u64 failed;
	__u64 partial;
	__u64 extra;		/* pins by folio_add_pin(), which the kernel's counters leave out */
	__u64 first_ns;		/* CLOCK_MONOTONIC */
	__u64 last_ns;
	__u64 cgroup;
	char comm[16];		/* of the thread group's leader, at the first call */
	__u32 driver;		/* which pinned: user space says, DRIVER_FIRST at least; 0: not known */
	__u32 pad;
};

/*
 * What user space says of code, by return address (map "code"): the driver
 * that it belongs to, a number from DRIVER_FIRST on.
 */
enum code_driver {
	DRIVER_NOT_ASKED,	/* not looked at yet */
	DRIVER_PASS,		/* it pins or unpins for others: ask its caller */
	DRIVER_NONE,		/* cannot be told */
	DRIVER_FIRST,
};

#define CODE_MAX 4096		/* addresses that are remembered */

#define SITE_FRAMES 32

struct pin_site {
	__u32 nr;		/* frames */
	__u16 truncated;	/* the stack was deeper */
	__u16 function;		/* enum gup_function; frames may begin with its caller (v7.x) */
	__u64 ustack;		/* key of the map "ustacks": where the program was; 0: not asked for */
	__u64 ip[SITE_FRAMES];
};

/* A process that has a user stack which is new, or a program that begins. */
struct ledger_met {
	__u64 start_ns;
	__u32 tgid;
	__u32 pad;
};

/* What went wrong, counted in pins (pages) unless it says calls. */
enum ledger_loss {
	LOST_NO_ENTRY,		/* the pool is full */
	LOST_TOO_MANY,		/* more owners of one block than a chain has room for */
	LOST_BEYOND,		/* page frames beyond the directory: device or hot-added memory */
	LOST_UNREADABLE,	/* page arrays or struct pages that could not be read */
	LOST_UNMATCHED,		/* releases of pins that the ledger does not have */
	LOST_NO_OWNER,		/* the table of owners is full: they stand under OWNER_OTHERS */
	LOST_NO_TASK,		/* calls whose task could not be remembered */
	LOST_NO_SITE,		/* calls whose stack had no room */
	LOST_EXIT,		/* calls of which only the begin or only the end was seen */
	LOST_CAUSES,
};

/* Releases are seen by a program for each of these contexts; see struct running. */
enum ledger_context {
	IN_TASK,
	IN_SOFTIRQ,
	IN_HARDIRQ,
	LEDGER_CONTEXTS,
};

/* Comparing the ledger with what struct page says: map "work". Neighbouring folios of one order. */
struct ledger_run {
	__u64 pfn;
	__u32 folios;
	__u32 order;
};

/* A folio for which they differ, or what is to be changed. */
struct ledger_diff {
	__u64 pfn;
	__u32 order;
	__u32 owner;		/* ledger_adjust: whose they become */
	__s64 pinned;		/* pins by struct page */
	__s64 ledger;		/* pins by the ledger */
	__s64 changed;		/* ledger_adjust, out: pins added, or taken away (negative) */
};

#define WORK_RUNS 1024
#define WORK_DIFFS 4096

struct ledger_work {
	__u32 nr_runs;
	__u32 nr_diffs;
	__u32 run;		/* ledger_check goes on from here: index into runs[] ... */
	__u32 folio;		/* ... and folio in it */
	__u64 deadline;
	__u64 checked;		/* folios, in all */
	struct ledger_run runs[WORK_RUNS];
	struct ledger_diff diffs[WORK_DIFFS];
};

/* Context of ledger_check: what remains to be done stands in "work". */
struct ledger_check_ctx {
	__u64 budget_ns;
};

/* Context of ledger_owner: a record for pins that no call was seen for. */
struct ledger_owner_ctx {
	struct owner_key key;
	__u32 owner;		/* out */
	__u32 pad;
};

/* Context of ledger_close: the number of the entry to begin with. */
struct ledger_close_ctx {
	__u32 from;
	__u32 pad;
};

#define CLOSE_LOOKS 2048

/* The first entries of chains that it closed. */
struct ledger_closed {
	__u32 nr;
	__u32 heads[CLOSE_LOOKS];
};

/* Shared with user space through the programs' global data. */
struct ledger_totals {
	__u64 zero;		/* always; see unknown_zero() */
	__u64 lost[LOST_CAUSES];
	__u64 events;		/* calls seen */
	__u64 begun, ended;	/* pin calls; those in between are under way, see calls.bpf.h */
	__u64 nested;		/* releases inside a pin call, which are none */
	__u64 code;		/* addresses put into the map "code" */
	/* Runs missed by a copy that had nothing to do there, by function. */
	__u64 excused[UNPIN_FUNCTION_COUNT][LEDGER_CONTEXTS];
	/* Write and read positions in the rings of entries and owner records given back. */
	__u64 entries_recycled, entries_taken;
	__u64 owners_recycled, owners_taken;
	__u32 entries_used;	/* of the pool, from 1 on */
	__u32 owners_used;	/* OWNER_OTHERS included */
	__u32 sites_used;	/* entries of the map "sites" */
	__u32 sees_contexts;	/* see ledger_contexts() */
};

#endif
