#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build-tools.sh ARCH OUT    build the static tools and pinsim for guests (amd64, arm64)

set -eu -o pipefail
cd "$(dirname "$0")/../.."

arch=${1-}
out=${2:?"usage: build-tools.sh amd64|arm64 OUT"}
# Who only runs what another has built needs no more than to read it.
if [ -x "$out/bin/pinscan" ] && ! [ -w "$out/bin" ]; then
	echo "build-tools: $out is not writable: taking what is there" >&2
	exit
fi

# One at a time: guests that start together want the same.
mkdir -p "$out"
exec 9>"$out/.lock"
flock 9
case $arch in
amd64) cross=() ;;
arm64)
	sysroot=$(tests/build/arm64-sysroot.sh)
	cross=(CROSS_COMPILE=aarch64-linux-gnu- SYSROOT="$sysroot") ;;
*)
	echo "build-tools: no tools for $arch (amd64, arm64)" >&2
	exit 1 ;;
esac
exec make -s -j"$(nproc)" --no-print-directory WERROR=1 O="$out" STATIC=1 "${cross[@]}" all workloads
