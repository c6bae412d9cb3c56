// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>

#include "places.h"
#include "vec.h"

/* Memory of a node, by its meminfo (drivers/base/node.c); 0: unknown. */
static uint64_t node_bytes(unsigned int node)
{
	unsigned long long kb = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/meminfo", node);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fscanf(f, "Node %*u MemTotal: %llu", &kb) != 1)
		kb = 0;
	fclose(f);
	return kb * 1024;
}

void places_nodes(struct snapshot *snap)
{
	bool *seen;
	size_t i;

	for (i = 0; i < snap->nr_runs; i++)
		if (snap->runs[i].node >= snap->nr_nodes)
			snap->nr_nodes = snap->runs[i].node + 1;
	snap->node_bytes = xcalloc(snap->nr_nodes, sizeof(*snap->node_bytes));
	seen = xcalloc(snap->nr_nodes, sizeof(*seen));
	for (i = 0; i < snap->nr_runs; i++)
		seen[snap->runs[i].node] = true;
	for (i = 0; i < snap->nr_nodes; i++)
		if (seen[i])
			snap->node_bytes[i] = node_bytes(i);
	free(seen);
}

/* Blocks and runs are both in order: one walk finds which reach into which. */
static void mark_held(struct snapshot *snap)
{
	uint64_t pages = snap->block_bytes / snap->page_size;
	size_t i, k = 0;

	for (i = 0; i < snap->nr_blocks; i++) {
		struct snap_block *b = &snap->blocks[i];
		size_t at;

		while (k < snap->nr_runs && pin_run_end(&snap->runs[k]) <= b->nr * pages)
			k++;
		for (at = k; at < snap->nr_runs && snap->runs[at].pfn < (b->nr + 1) * pages; at++) {
			if (snap->runs[at].kind == PIN_BIAS)
				continue;
			b->held = true;
			break;
		}
	}
}

void places_blocks(struct snapshot *snap)
{
	struct mem_block *blocks;
	size_t i;

	snap->blocks_error = mem_blocks_read(MEMORY_DIR, &blocks, &snap->nr_blocks,
					     &snap->block_bytes);
	if (snap->blocks_error) {
		snap->nr_blocks = 0;
		snap->block_bytes = 0;
		return;
	}
	snap->blocks = xcalloc(snap->nr_blocks, sizeof(*snap->blocks));
	for (i = 0; i < snap->nr_blocks; i++)
		snap->blocks[i] = (struct snap_block){
			.nr = blocks[i].nr,
			.online = blocks[i].online,
			.movable = blocks[i].online && mem_block_is_movable(MEMORY_DIR, blocks[i].nr),
		};
	free(blocks);
	mark_held(snap);
}
