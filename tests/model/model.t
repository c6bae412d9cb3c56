#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The ledger's core in this machine's kernel, on a made-up memory: nothing is pinned. As root.
#
# PINSCOPE_SEED=N repeats a run, PINSCOPE_CALLS=N and PINSCOPE_TIMES=N make it longer.

cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/lib/tap.sh
. tests/lib/tap.sh

make -s -j2 WERROR=1 model
ok $? 'the tests build'
for c in tests/model/test_*.c; do
	name=$(basename "$c" .c)
	out=$(timeout 300 build/tests/"$name" 2>&1)
	ok $? "$name: $(grep -oE 'PINSCOPE_SEED=[0-9]+' <<<"$out")"
	grep -vE '^\[' <<<"$out" | sed 's/^#* */# /'
done
done_testing
