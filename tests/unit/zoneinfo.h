/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/zoneinfo as kernels print it, shortened where nothing here reads it. */
#ifndef PINSCOPE_TEST_ZONEINFO_H
#define PINSCOPE_TEST_ZONEINFO_H

#include <stdio.h>
#include <string.h>

/* x86-64, Linux 6.18, 6 GiB, CMA as on 7.3: zones without memory end after "protection". */
#define ZONEINFO_LAPTOP \
	"Node 0, zone      DMA\n" \
	"  per-node stats\n" \
	"      nr_inactive_anon 2046\n" \
	"      nr_foll_pin_acquired 4021\n" \
	"      nr_foll_pin_released 4021\n" \
	"  pages free     3840\n" \
	"        boost    0\n" \
	"        min      42\n" \
	"        low      52\n" \
	"        high     62\n" \
	"        promo    72\n" \
	"        spanned  4095\n" \
	"        present  3998\n" \
	"        managed  3840\n" \
	"        cma      0\n" \
	"        protection: (0, 3018, 5962, 5962, 5962)\n" \
	"      nr_free_pages 3840\n" \
	"      nr_free_cma  0\n" \
	"  pagesets\n" \
	"    cpu: 0\n" \
	"              count:    0\n" \
	"              high:     26\n" \
	"              batch:    1\n" \
	"              high_min: 26\n" \
	"  vm stats threshold: 8\n" \
	"  node_unreclaimable:  0\n" \
	"  start_pfn:           1\n" \
	"Node 0, zone    DMA32\n" \
	"  pages free     772808\n" \
	"        boost    0\n" \
	"        spanned  1044480\n" \
	"        present  782336\n" \
	"        managed  772808\n" \
	"        cma      65536\n" \
	"        protection: (0, 0, 2944, 2944, 2944)\n" \
	"      nr_free_cma  65530\n" \
	"  node_unreclaimable:  0\n" \
	"  start_pfn:           4096\n" \
	"Node 0, zone   Normal\n" \
	"  pages free     1024\n" \
	"        spanned  786432\n" \
	"        present  786432\n" \
	"        managed  753730\n" \
	"        cma      0\n" \
	"        protection: (0, 0, 0, 0, 0)\n" \
	"  node_unreclaimable:  0\n" \
	"  start_pfn:           1048576\n" \
	"Node 0, zone  Movable\n" \
	"  pages free     0\n" \
	"        boost    0\n" \
	"        min      32\n" \
	"        spanned  0\n" \
	"        present  0\n" \
	"        managed  0\n" \
	"        cma      0\n" \
	"        protection: (0, 0, 0, 0, 0)\n" \
	"Node 0, zone   Device\n" \
	"  pages free     0\n" \
	"        spanned  0\n" \
	"        present  0\n" \
	"        managed  0\n" \
	"        cma      0\n" \
	"        protection: (0, 0, 0, 0, 0)\n"

/* Two nodes that alternate, no CMA (a kernel before 5.x prints no line for it). */
#define ZONEINFO_NODES \
	"Node 1, zone   Normal\n" \
	"        spanned  8192\n" \
	"        present  4096\n" \
	"  start_pfn:           12288\n" \
	"Node 0, zone   Normal\n" \
	"        spanned  12288\n" \
	"        present  8192\n" \
	"  start_pfn:           4096\n" \
	"Node 0, zone  Movable\n" \
	"        spanned  4096\n" \
	"        present  4096\n" \
	"  start_pfn:           32768\n"

static inline FILE *text_file(const char *text)
{
	return fmemopen((void *)text, strlen(text), "r");
}

#endif
