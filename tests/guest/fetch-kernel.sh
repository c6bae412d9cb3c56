#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# fetch-kernel.sh [--arch ARCH] NAME    fetch a stock Debian kernel, print the directory it is in
#
# NAME is 6.1, 6.12, newest, or 7.X (for as long as Debian has it). The directory holds vmlinuz and
# lib/modules/VERSION. Nothing of the machine's own apt is changed: the mirror, the keyring and the
# proxy come from its configuration; lists and packages go into ~/.cache/pinscope.

set -eu -o pipefail

MAX_AGE_DAYS=${PINSCOPE_KERNEL_AGE:-7}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/pinscope
. "$(dirname "$0")/../lib/private-apt.sh"

say()
{
	echo "fetch-kernel: $*" >&2
}

die()
{
	say "$*"
	exit 1
}

usage()
{
	sed -n '4,8s/^# \?//p' "$0"
	exit "$1"
}

arch=
while [ $# -gt 0 ]; do
	case $1 in
	--arch) arch=${2:?--arch wants one}; shift 2 ;;
	-h | --help) usage 0 ;;
	-*) usage 1 >&2 ;;
	*) break ;;
	esac
done
[ $# = 1 ] || usage 1 >&2
name=$1
arch=${arch:-$(dpkg --print-architecture)}

# Suites, and the packages whose newest is wanted. From 7.2 on linux-image-* holds nothing itself.
case $name in
6.1)	suites='bookworm bookworm-security'
	regex="^linux-image-6\.1\.0-[0-9]+-$arch-unsigned$" ;;
6.12)	suites='bookworm-security'
	regex="^linux-image-6\.12\.[0-9]+\+deb12-$arch-unsigned$" ;;
newest)	suites='trixie-backports'
	regex="^linux-binary-unsigned-[0-9.]+\+deb13-$arch$" ;;
7.[0-9] | 7.[0-9][0-9])
	suites='trixie-backports'
	regex="^linux-binary-unsigned-${name/./\\.}\.[0-9]+\+deb13-$arch$" ;;
*)	die "no such kernel: $name (6.1, 6.12, newest)" ;;
esac

work=$cache/apt/$name-$arch
kernels=$cache/kernels/$arch
mkdir -p "$work" "$kernels"

# One at a time per kernel; the lock goes away with the process.
exec 9>"$work/lock"
flock 9

# The answer of last time, if what it names is still there.
known()
{
	[ -s "$work/resolved" ] && dir=$(cat "$work/resolved") && [ -s "$dir/vmlinuz" ]
}

if known && [ -n "$(find "$work/resolved" -mtime "-$MAX_AGE_DAYS")" ]; then
	echo "$dir"
	exit
fi

# Sets image, version, packages and dir.
resolve()
{
	# shellcheck disable=SC2086 # a list
	private_apt "$work" "$arch" $suites
	image=$(apt-cache pkgnames | grep -E "$regex" | sort -V | tail -n 1) ||
		die "no package matches $regex in $suites"
	version=$(apt-cache show --no-all-versions "$image" | sed -n 's/^Version: //p')
	packages=$image
	# From 7.2 on the modules come apart, and modules.builtin and the like once more.
	case $image in
	linux-binary-*)
		packages="$image ${image/binary-unsigned/modules} ${image/binary-unsigned/base}" ;;
	esac
	dir=$kernels/$version
}

# Built aside and renamed, so that an interrupted run leaves nothing that looks complete.
unpack()
{
	local new=$kernels/.new-$name deb ver kernel

	say "fetching $packages ($version)"
	rm -rf "$new"
	mkdir -p "$new"/{deb,root,lib/modules}
	cd "$new/deb"
	# shellcheck disable=SC2086 # a list
	retry apt-get -qq download $packages >&2
	cd "$new"
	for deb in deb/*.deb; do
		dpkg-deb -x "$deb" root
	done
	# Where /lib and /usr/lib are one, packages use either.
	for ver in root/{usr/,}lib/modules/*; do
		[ ! -d "$ver" ] || cp -al "$ver" lib/modules/
	done
	ver=$(ls lib/modules)
	for kernel in root/boot/vmlinuz-* "lib/modules/$ver"/vmlinuz*; do
		[ ! -s "$kernel" ] || ln -f "$kernel" vmlinuz
	done
	[ -s vmlinuz ] || die "no kernel in $packages"
	depmod -b . "$ver"
	rm -rf deb root
	mv -T "$new" "$dir"
}

# In a subshell with its own -e: as a condition the functions would run on after an error.
set +e
(
	set -e
	resolve
	[ -s "$dir/vmlinuz" ] || unpack
	echo "$dir" >"$work/resolved.new"
	mv "$work/resolved.new" "$work/resolved"
)
failed=$?
set -e
if ! known; then
	die "cannot get a kernel $name for $arch"
elif [ $failed != 0 ]; then
	say "using what was fetched before: $dir"
fi
echo "$dir"
