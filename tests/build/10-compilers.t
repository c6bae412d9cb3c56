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

# Has the distribution a package of this name? clang-14 is in Debian 12 only.
installable()
{
	apt-cache policy "$1" 2>/dev/null | grep -qE '^ *Candidate: *[0-9]'
}

# The oldest and the newest that have to do, and whatever else is here.
for v in 14 15 16 17 18 19 20 21; do
	if ! command -v clang-$v >/dev/null; then
		case $v in
		14 | 19)
			if installable clang-$v; then
				ok 1 "clang-$v is here: it could be installed"
			else
				skip "BPF with clang-$v" 'this distribution has no such package'
			fi ;;
		esac
		continue
	fi
	builds "BPF with clang-$v ($(clang-$v -dumpversion))" O=build/clang-$v CLANG=clang-$v
	build/clang-$v/bin/pinscan -j >/dev/null 2>&1
	ok $? "the kernel takes what clang-$v made"
done
done_testing
