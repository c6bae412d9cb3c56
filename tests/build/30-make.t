#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The Makefile: nothing is made twice, headers count, static is static, root is not needed.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
O=build/make-test
rm -rf $O
trap 'rm -rf $O' EXIT

out=$(make -j8 O=$O all 2>&1)
ok $? 'a parallel build from nothing'
like "$out" '^  CC +build/make-test/tools/pinscan.o' 'quiet: one short line a step'
is "$(make O=$O all 2>&1 | grep -c '^  ')" 0 'a second build does nothing'

# rebuilds HEADER REGEX: touching HEADER makes what matches REGEX again
rebuilds()
{
	local saved
	saved=$(mktemp)
	touch -r "$1" "$saved"
	touch "$1"
	out=$(make O=$O all 2>&1)
	like "$out" "$2" "$1: ${2%% *} what includes it"
	touch -r "$saved" "$1"
	rm "$saved"
}
rebuilds tools/lib/snapshot.h 'tools/lib/groups.o'
rebuilds bpf/kernel_types.h 'gen/scan.bpf.o'
rebuilds bpf/scan.h 'tools/lib/scan.o'
rebuilds vmstat/vmstat.h 'vmstat/pinstat.o'

make -s O=$O all >/dev/null
like "$(make O=$O V=1 CFLAGS=-O1 all 2>&1)" '^gcc .* -O1 .*pinstat' 'V=1 shows commands; new flags build again'

make -s -j2 static >/dev/null 2>&1
ok $? 'make static'
for t in pinleak pinscan pintop pintrace pinstat; do
	like "$(ldd build/static/bin/$t 2>&1)" 'not a dynamic executable' "$t is static"
	build/static/bin/$t --version >/dev/null
	ok $? "static $t runs"
done
build/static/bin/pinscan -j >/dev/null 2>&1
ok $? 'static pinscan scans'
like "$(make help)" 'sudo make check' 'make help'

# An unprivileged user with a clone of his own just builds.
D=$(mktemp -d)
git -c safe.directory='*' clone -q . "$D/clone" 2>/dev/null && chown -R nobody "$D" && chmod 755 "$D"
(cd "$D/clone" && setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$D" make -s -j2 >/dev/null 2>&1 &&
	[ -x build/bin/pintop ])
ok $? 'make as an unprivileged user'
rm -rf "$D"
done_testing
