#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# fetch-busybox.sh ARCH    fetch the static busybox of another architecture, print its path

set -eu -o pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/pinscope
. "$(dirname "$0")/../lib/private-apt.sh"

say()
{
	echo "fetch-busybox: $*" >&2
}

die()
{
	say "$*"
	exit 1
}

arch=${1:?"usage: fetch-busybox.sh ARCH"}
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
work=$cache/apt/busybox-$suite-$arch
busybox=$cache/busybox/$suite-$arch/busybox

mkdir -p "$work" "${busybox%/*}"
exec 9>"$work/lock"
flock 9
if [ ! -x "$busybox" ]; then
	private_apt "$work" "$arch" "$suite"
	rm -rf "$work/new"
	mkdir "$work/new"
	cd "$work/new"
	say "fetching busybox-static for $arch"
	retry apt-get -qq download busybox-static >&2
	dpkg-deb -x ./*.deb .
	# Where /bin and /usr/bin are one, the package uses either.
	for found in bin/busybox usr/bin/busybox; do
		[ ! -f "$found" ] || mv "$found" "$busybox"
	done
	cd /
	rm -rf "$work/new"
	[ -x "$busybox" ] || die 'the package has no busybox'
fi
echo "$busybox"
