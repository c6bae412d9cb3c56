#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make check-guest, with a kernel of one's own, for one who is not root and may write nothing here.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
D=$(mktemp -d)
trap 'chmod -R u+w "$D"; rm -rf "$D"' EXIT
nobody=()
[ "$(id -u)" != 0 ] || nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)

kernel=$(tests/guest/fetch-kernel.sh --arch amd64 6.12)
ok $? 'a kernel' || { done_testing; exit 1; }
version=$(ls "$kernel/lib/modules")
mkdir -p "$D"/tree/build/static/tests "$D/home" "$D/lib/modules"
cp "$kernel/vmlinuz" "$D/vmlinuz"
cp -r "$kernel/lib/modules/$version" "$D/lib/modules/"
cp -r Makefile tests scripts vmstat bpf tools "$D/tree/"
cp -r build/static/bin "$D/tree/build/static/"
cp build/static/tests/pinsim "$D/tree/build/static/tests/"
chmod -R a+rX,a-w "$D/tree"
chmod a+rx "$D"
chmod 777 "$D/home"
touch "$D/before"

# as_nobody VARIABLES...: sets out and status of make check-guest.
as_nobody()
{
	out=$(cd "$D/tree" && ${nobody[@]+"${nobody[@]}"} \
		env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$D/home" make check-guest "$@" 2>&1)
	status=$?
}

own="VMLINUZ=$D/vmlinuz MODULES=$D/lib/modules/$version"
# shellcheck disable=SC2086 # words
as_nobody $own T=nodes ARGS='--name own --append rig.own'
is "$status" 0 'make check-guest VMLINUZ= MODULES= T= ARGS='
like "$out" '^Result: PASS' 'the test passes'
out=$(tr -d '\r' <"$D/home/.cache/pinscope/guest/own/results")
like "$out" '^ok - nodes: runs to its end' 'its results are in the cache'
is "$(grep -c 'runs to its end' <<<"$out")" 1 'no other test has run'

# shellcheck disable=SC2086 # words
as_nobody $own T=no-such-test
is "$status" 2 'a test that is not there'
like "$out" 'no test is called like no-such-test' 'is said'
as_nobody VMLINUZ="$D/vmlinuz" MODULES="$D/home" T=nodes
like "$out" 'is not .*/lib/modules/VERSION' 'a folder that holds no modules'
is "$(find "$D/tree" -newer "$D/before")" '' 'nothing was written where nobody may'
done_testing
