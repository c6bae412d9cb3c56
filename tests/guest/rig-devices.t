#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The rig itself: devices and modules that a test asks for are there, on every kernel.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh

# devices NAME [OPTIONS OF run.sh] KERNEL
devices()
{
	local name=$1 out
	shift
	out=$(tests/guest/run.sh --name "rig-$name" "$@" tests/guest/rig/devices.sh 2>&1)
	ok $? "$name: all devices" || grep -v '^ok' <<<"$out" | sed 's/^#* */# /' >&2
	is "$(cat "build/guest/rig-$name/share/from-guest")" 'from the guest' "$name: a file of the guest is here"
	like "$out" "vduse.*${vduse:-is loaded}" "$name: an optional module"
}

vduse='SKIP the kernel has none' devices 6.1 --append movablecore=0 6.1
devices 6.12 6.12
devices newest newest
devices arm64 --arch arm64 6.12
done_testing
