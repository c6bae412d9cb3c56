#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The unit tests (cmocka): as they are, under ASan and UBSan, and under valgrind.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh

sources=(tests/unit/test_*.c)
names=("${sources[@]##*/}")

make -s -j2 WERROR=1 unit >/dev/null && make -s -j2 O=build/san SAN=1 WERROR=1 unit
ok $? 'the unit tests build, with and without sanitizers'

# run HOW NAME COMMAND...
run()
{
	local how=$1 name=$2 out
	shift 2
	out=$("$@" 2>&1)
	local rc=$?
	ok $rc "$name $how"
	[ $rc = 0 ] || sed 's/^/# /' <<<"$out"
}

for c in "${names[@]}"; do
	name=${c%.c}
	run plain "$name" build/tests/"$name"
	run 'under ASan and UBSan' "$name" build/san/tests/"$name"
	run 'under valgrind' "$name" valgrind -q --error-exitcode=9 --leak-check=full \
		build/tests/"$name"
done
done_testing
