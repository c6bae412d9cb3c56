#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# arm64-sysroot.sh    fetch the arm64 libraries that the tools link with, print the folder they are in
#
# Nothing is installed: the packages are unpacked into ~/.cache/pinscope, by what they were made from.

set -eu -o pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/pinscope
. "$(dirname "$0")/../lib/private-apt.sh"

say()
{
	echo "arm64-sysroot: $*" >&2
}

die()
{
	say "$*"
	exit 1
}

suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
dir=$cache/sysroot/$suite-arm64
# What each -dev package links against comes with it: apt is asked, as names differ by release.
wanted='libbpf-dev libdw-dev libelf-dev liblzma-dev libbz2-dev zlib1g-dev libjansson-dev
	libncurses-dev libcmocka-dev'
others='libc6 libc6-dev libgcc-s1 gcc-12-base gcc-14-base libcrypt1 libcrypt-dev libnsl2 libnsl-dev
	libtirpc3 libtirpc-dev libtirpc-common linux-libc-dev rpcsvc-proto libc-dev-bin'

mkdir -p "$cache/sysroot" "$cache/apt/sysroot-$suite"
exec 9>"$cache/apt/sysroot-$suite/lock"
flock 9
if [ "$(cat "$dir/complete" 2>/dev/null)" = "$wanted" ]; then
	echo "$dir"
	exit
fi

private_apt "$cache/apt/sysroot-$suite" arm64 "$suite"
# shellcheck disable=SC2086 # a list
packages=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
	--no-replaces --no-enhances $wanted | grep -E '^[a-z0-9]' | sort -u)
for other in $others; do
	packages=$(grep -vx "$other" <<<"$packages")
done

new=$cache/sysroot/.new-$suite
rm -rf "$new"
mkdir -p "$new/deb"
cd "$new/deb"
say "fetching" $packages
# shellcheck disable=SC2086 # a list
retry apt-get -qq download $packages >&2
for deb in *.deb; do
	dpkg-deb -x "$deb" ..
done
cd ..
rm -rf deb "$dir"
# Where /lib and /usr/lib are one, packages use either: the linker looks into the second.
if [ -d lib/aarch64-linux-gnu ]; then
	cp -a lib/aarch64-linux-gnu/. usr/lib/aarch64-linux-gnu/
fi
echo "$wanted" >complete
cd /
mv -T "$new" "$dir"
echo "$dir"
