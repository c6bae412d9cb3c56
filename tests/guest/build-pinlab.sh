#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build-pinlab.sh KERNEL    build the module of tests/pinlab for a stock kernel, print its path
#
# KERNEL is a name that fetch-kernel.sh knows or a version as "uname -r" prints it, of amd64. Nothing
# is installed: the headers and the compiler that they ask for are unpacked into ~/.cache/pinscope,
# and make runs in there. Ends with 77 where Debian has no headers of that version.

set -eu -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/pinscope
. "$here/../lib/private-apt.sh"
PATH=$PATH:/usr/sbin:/sbin # chroot, for those who are not root

say()
{
	echo "build-pinlab: $*" >&2
}

die()
{
	say "$*"
	exit 1
}

kernel=${1:?"usage: build-pinlab.sh KERNEL"}
case $kernel in
newest | [0-9].[0-9] | [0-9].[0-9][0-9])
	kernel=$("$here/fetch-kernel.sh" --arch amd64 "$kernel")
	version=$(ls "$kernel/lib/modules") ;;
*)	version=$kernel ;;
esac
# What a kernel's headers ask for is of its own release: its compiler, and the libraries of what
# they bring along to run.
case $version in
*+deb13-amd64) suites='trixie trixie-backports' ;;
*+deb12-amd64 | 6.1.0-*-amd64) suites='bookworm bookworm-security' ;;
*)	say "$version is no kernel of Debian 12 or 13: no headers"
	exit 77 ;;
esac
release=${suites%% *}
headers=/usr/src/linux-headers-$version
root=$cache/pinlab/root-$release
work=$cache/apt/pinlab-$release

sources=("$here"/../pinlab/{Kbuild,module.c,module.h,pinlab.h,right.c,tamper.c,wrong.c})
ko=$cache/pinlab/$version/$(cat "${sources[@]}" | sha256sum | cut -c 1-16)/pinlab.ko
if [ -s "$ko" ]; then
	echo "$ko"
	exit
fi
mkdir -p "$root" "$work"
exec 9>"$work/lock"
flock 9

# unpack FILE...: into the root, where /lib is /usr/lib whatever a package says.
unpack()
{
	local deb dir
	for dir in bin sbin lib lib64; do
		mkdir -p "$root/usr/$dir"
		ln -sfn "usr/$dir" "$root/$dir"
	done
	for deb; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -C "$root" -x --keep-directory-symlink --no-same-owner --no-same-permissions
	done
}

# fetch MARK PACKAGE...: unpacks them with all they need, once. Apt decides; the kernel itself, which
# some headers ask for, and what only boots it are left out.
fetch()
{
	local mark=$root/$1 packages
	shift
	[ ! -e "$mark" ] || return 0
	# shellcheck disable=SC2086 # a list
	private_apt "$work" amd64 $suites
	apt-cache show "$1" >/dev/null 2>&1 || { say "Debian has no $1 any more"; exit 77; }
	packages=$(apt-get -s --no-install-recommends install "$@" | awk '$1 == "Inst" { print $2 }' |
		grep -vE '^(linux-(image|binary|modules|base)|initramfs|dracut|systemd|udev)')
	say "fetching what it takes to build for $release: $*"
	rm -rf "$work/debs"
	mkdir "$work/debs"
	# shellcheck disable=SC2086 # a list
	(cd "$work/debs" && retry apt-get -qq download $packages >&2)
	unpack "$work"/debs/*.deb
	rm -rf "$work/debs"
	: >"$mark"
}

# in_root COMMAND...: with the device that compilers and the /proc that objtool want.
in_root()
{
	local user=
	[ "$(id -u)" = 0 ] || user=--map-root-user
	# shellcheck disable=SC2016 # for the shell in there
	unshare --mount $user sh -eu -c '
		mount --bind /dev/null "$0/dev/null"
		mount --rbind /proc "$0/proc"
		exec chroot "$0" "$@"' \
		"$root" /usr/bin/env -i PATH=/usr/bin:/bin "$@"
}

fetch ".$version" "linux-headers-$version" make dash coreutils sed grep findutils mawk binutils
mkdir -p "$root"/{dev,proc,tmp}
: >>"$root/dev/null"
ln -sf mawk "$root/usr/bin/awk"

rm -rf "$root/pinlab"
mkdir "$root/pinlab"
cp "${sources[@]}" "$root/pinlab/"
in_root make -s -C "$headers" M=/pinlab modules >"$root/pinlab/log" 2>&1 ||
	{ cat "$root/pinlab/log" >&2; die "cannot build for $version"; }
mkdir -p "${ko%/*}"
cp "$root/pinlab/pinlab.ko" "$ko.new"
mv "$ko.new" "$ko"
echo "$ko"
