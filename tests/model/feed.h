/* SPDX-License-Identifier: GPL-2.0 */
/* What the made-up calls for the tracer (feed.bpf.c) and their user side say to each other. */
#ifndef PINSCOPE_TESTS_FEED_H
#define PINSCOPE_TESTS_FEED_H

#include <linux/types.h>

#define FEED_THREADS 4
#define FEED_ARRAYS 64		/* of each thread: it pins them one after the other */
#define FEED_PAGES 512		/* pointers in one */

/* Where things lie in this kernel. */
struct feed_layout {
	__u64 memory;		/* address of the made-up array of struct pages */
	__u64 arrays;		/* address of the first struct feed_array */
	__u64 page_sizeof;
};

/* What one call fills in. */
struct feed_array {
	__u64 pages[FEED_PAGES];
};

/* What a thread is to do, and what it has done. */
struct feed_thread {
	__u64 nr;		/* pages in a call */
	__u64 wanted;		/* that it is asked for; 0: as many */
	__u64 function;		/* enum gup_function; 0: pin_user_pages_fast() */
	__u64 pairs;		/* pin calls, each with its release */
	__u64 pins, unpins;
};

#endif
