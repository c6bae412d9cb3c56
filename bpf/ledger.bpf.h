/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ledger's two operations, ledger_add() and ledger_drop(). Both run in any
 * context, an interrupt in the middle of the other included, so nothing here
 * waits for anything: see the comment on a claim's word.
 */
#ifndef PINSCOPE_LEDGER_BPF_H
#define PINSCOPE_LEDGER_BPF_H

#include "add.bpf.h"
#include "drop.bpf.h"

#endif
