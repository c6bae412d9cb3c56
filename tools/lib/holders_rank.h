/* SPDX-License-Identifier: GPL-2.0 */
/* Which of the candidates for unmapped pins is the likeliest. */
#ifndef PINSCOPE_HOLDERS_RANK_H
#define PINSCOPE_HOLDERS_RANK_H

#include "snapshot.h"

/*
 * Puts the holders in order: those first whose registered buffers, less what
 * the process still maps of pinned memory, are as large as what is unmapped or
 * as one part of it. Of many only the first are shown, so the true one must
 * not stand behind those with large buffers of another size.
 */
void holders_rank(struct snapshot *snap);

#endif
