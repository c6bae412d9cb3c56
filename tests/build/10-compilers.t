#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The tools build without a warning with gcc and clang, the BPF programs with each clang that is
# here, and the kernel takes what each of them made.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh

# builds NAME VARIABLES...
builds()
{
	local name=$1 out
	shift
	out=$(make -s -j2 WERROR=1 "$@" all workloads unit 2>&1)
	ok $? "$name"
	[ -z "$out" ] || grep -vE '^  [A-Z]+ ' <<<"$out" | sed 's/^/# /'
}

builds 'gcc' O=build/gcc CC=gcc
builds 'clang for user space' O=build/clang CC=clang
found=0
for v in 14 16 17 18 19 20; do
	command -v clang-$v >/dev/null || continue
	found=$((found + 1))
	builds "BPF with clang-$v" O=build/clang-$v CLANG=clang-$v
	build/clang-$v/bin/pinscan -j >/dev/null 2>&1
	ok $? "the kernel takes what clang-$v made"
done
[ $found -gt 0 ]
ok $? "$found versions of clang were tried"
done_testing
