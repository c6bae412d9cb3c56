#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Everything builds for arm64, BPF programs included, and what needs no kernel of its own runs.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
O=build/arm64

sysroot=$(tests/build/arm64-sysroot.sh)
ok $? 'the arm64 libraries are here' || { done_testing; exit 1; }

out=$(make -s -j2 WERROR=1 O=$O CROSS_COMPILE=aarch64-linux-gnu- SYSROOT="$sysroot" \
	all unit workloads 2>&1)
ok $? 'make CROSS_COMPILE=aarch64-linux-gnu- SYSROOT=...'
[ -z "$out" ] || sed 's/^/# /' <<<"$out"
for t in pinleak pinscan pintop pintrace pinstat; do
	like "$(aarch64-linux-gnu-readelf -h $O/bin/$t)" 'Machine: +AArch64' "$t is for arm64"
done
like "$(make -s O=$O V=1 CROSS_COMPILE=aarch64-linux-gnu- SYSROOT="$sysroot" -n -W bpf/scan.bpf.c all)" \
	'D__TARGET_ARCH_arm64' 'the BPF programs are for arm64'

# Under user-mode emulation the tools meet this machine's /proc.
arm()
{
	local program=$1
	shift
	qemu-aarch64-static -L /usr/aarch64-linux-gnu -E LD_LIBRARY_PATH="$sysroot/usr/lib/aarch64-linux-gnu" \
		"$program" "$@"
}
like "$(arm $O/bin/pinstat -j)" '"in_flight"' 'pinstat runs'
like "$(arm $O/bin/pinscan --help)" '^Usage: pinscan' 'pinscan runs'
for t in $O/tests/test_*; do
	[ -x "$t" ] && [ ! -d "$t" ] || continue
	case $t in *.o | *.d) continue ;; esac
	out=$(arm "$t" 2>&1)
	ok $? "${t##*/} passes" || sed 's/^/# /' <<<"$out"
done
done_testing
