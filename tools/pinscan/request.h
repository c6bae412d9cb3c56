/* SPDX-License-Identifier: GPL-2.0 */
/* What pinscan is asked for. */
#ifndef PINSCOPE_REQUEST_H
#define PINSCOPE_REQUEST_H

#include "scan_view.h"

enum mode { MODE_TABLE, MODE_PFN, MODE_BLOCK, MODE_MEMLOCK, MODE_MAP };

struct request {
	enum mode mode;
	struct scan_view view;
	struct scan_opts scan;
	struct pfn_range range;
	uint64_t block;
	const char *map;
	double watch;
	uint64_t count;
	const char *table_only;	/* an option that only the tables by --by know */
	uint32_t given;		/* bits of the options that may be given once */
	bool json;
	bool lost;		/* out: not all could be shown */
};

/*
 * Fills @r, in which block is UINT64_MAX and all else zero. What is wrong ends
 * the program, with words.
 */
void request_parse(struct request *r, int argc, char **argv);

#endif
