// SPDX-License-Identifier: GPL-2.0
#include "cli.h"
#include "ledger.h"
#include "source.h"
#include "text.h"

/*
 * The ledger's memory: 8 parts for what is pinned, 1 for who pins it. An
 * owner takes LEDGER_OWNER_BYTES, with what the kernel adds to find it.
 */
#define LEDGER_PARTS 9
#define LEDGER_LEAST (64ULL << 10)
#define LEDGER_MOST (64ULL << 30)

void source_opts_memory(struct source_opts *opts, const char *arg)
{
	uint64_t bytes, entries, owners;

	if (text_parse_size(arg, &bytes) || bytes < LEDGER_LEAST || bytes > LEDGER_MOST)
		die(EXIT_USAGE, "--ledger-memory must be from 64K to 64G, not '%s'", arg);
	owners = bytes / LEDGER_PARTS / LEDGER_OWNER_BYTES;
	entries = bytes / LEDGER_PARTS * (LEDGER_PARTS - 1) / sizeof(struct ledger_entry);
	opts->ledger_owners = owners < LEDGER_MAX_OWNERS ? (uint32_t)owners : LEDGER_MAX_OWNERS;
	opts->ledger_entries = (uint32_t)entries;
}
