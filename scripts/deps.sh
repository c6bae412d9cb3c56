#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# deps.sh SET...    install what is missing of these sets (Debian 12, 13)
#
# build: to build the tools; guest: to run tests in guests; test: for all other tests.
#
# apt is asked for nothing but what is missing, and not at all when all is there.

set -eu -o pipefail

# What each is for: README, "What it is built with".
build='gcc libc6-dev make pkg-config clang bpftool libbpf-dev libdw-dev libelf-dev liblzma-dev
       libbz2-dev zlib1g-dev libjansson-dev libncurses-dev'
test='perl libcmocka-dev python3 python3-jsonschema duktape tmux valgrind mandoc git procps util-linux
      gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static clang-19 libibverbs-dev'
guest='perl qemu-system-x86 qemu-system-arm busybox-static cpio xz-utils zstd kmod e2fsprogs dosfstools
       gcc-aarch64-linux-gnu libc6-dev-arm64-cross debian-archive-keyring libibverbs-dev'

wanted=
for set in "$@"; do
	case $set in
	build) wanted+=" $build" ;;
	test) wanted+=" $test" ;;
	guest) wanted+=" $guest" ;;
	*) echo "deps: unknown set '$set' (build, test, guest)" >&2; exit 1 ;;
	esac
done

installed()
{
	dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

missing=()
for package in $(tr -s '[:space:]' '\n' <<<"$wanted" | sort -u); do
	installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ]; then
	echo "deps: missing: ${missing[*]}; as root: apt-get install ${missing[*]}" >&2
	exit 1
fi

# Mirrors have bad minutes: three times, with a pause.
retry()
{
	local try
	for try in 1 2 3; do
		"$@" && return
		[ $try = 3 ] || { echo "deps: failed, again in $((try * 10)) s: $*" >&2; sleep $((try * 10)); }
	done
	return 1
}

echo "deps: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
retry apt-get -qq -o Acquire::Retries=3 update
retry apt-get -qq -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 install -y --no-install-recommends \
	"${missing[@]}" >/dev/null
