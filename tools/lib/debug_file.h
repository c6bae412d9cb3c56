/* SPDX-License-Identifier: GPL-2.0 */
/* Where the debug info of a stripped file is. */
#ifndef PINSCOPE_DEBUG_FILE_H
#define PINSCOPE_DEBUG_FILE_H

#include <elfutils/libdwfl.h>

/*
 * For Dwfl_Callbacks, in place of dwfl_standard_find_debuginfo(), which at last
 * asks the servers of $DEBUGINFOD_URLS. Knows /usr/lib/debug/.build-id, and
 * where a .gnu_debuglink may lead.
 */
int debug_file_find(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base,
		    const char *path, const char *link, GElf_Word crc, char **found);

#endif
