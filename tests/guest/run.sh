#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh [OPTIONS] KERNEL [TEST]...    boot a kernel, run tests in it, print TAP
# run.sh [OPTIONS] --vmlinuz FILE [--modules DIR] [TEST]...
#
# KERNEL is a name that fetch-kernel.sh knows, arm64- in front for that architecture, or a directory
# with vmlinuz and lib/modules. TEST is a file with a slash in its name, a test of t/, or a part of
# such names, or a kind of scenario that a test says it has ("# scenarios: vfio", and then it runs
# these only); without one all run that do not want to be alone. What a test needs stands in its
# file: see host/needs.sh.
#   --vmlinuz FILE   any other kernel
#   --modules DIR    its modules: .../lib/modules/VERSION (without: everything is built in)
#   --arch ARCH      amd64 (default) or arm64
#   --of A,B         choose among these tests only
#   --mem MIB        memory, at least (2048)
#   --numa           two nodes, a CPU and half of the memory each
#   --time SECONDS   a guest that takes longer hangs (60 and what its tests may take)
#   --append WORDS   more words for the kernel's command line
#   --name NAME      of the folder for what is left behind (KERNEL)
#   --module NAME    a module to load first, with those it needs
#   --file A[:B]     a file to put into the guest
#   --shell          a shell on this terminal instead of tests
#
# The console's log, the guest's results and the initramfs are left behind in build/guest/NAME, or,
# where one may not write, in ~/.cache/pinscope/guest/NAME.

# shellcheck source-path=SCRIPTDIR disable=SC1091,SC2034 # the parts in host/ use what is set here
set -eu -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath -m "${O:-$here/../../build}")
PATH=$PATH:/usr/sbin:/sbin # kmod's and e2fsprogs' programs, for those who are not root

exec 3>&1
. "$here/host/choose.sh"
. "$here/host/needs.sh"
. "$here/host/devices.sh"
. "$here/host/machine.sh"
. "$here/host/judge.sh"
. "$here/host/terminal.sh"

# A result like any other: "Bail out!" would end other kernels' tests as well.
die()
{
	printf '%s\n' "not ok 1 - ${label:-run.sh}: $*" '1..1' >&3
	echo "# ${label:-run.sh}: $*" >&2
	exit 1
}

usage()
{
	sed -n '4,27s/^# \?//p' "$0"
	exit "$1"
}

arch=amd64
mem=2048
time=
label=
vmlinuz=
moddir=
among=
shell=
numa=
words=
modules=()
pack=()
args=()
while [ $# -gt 0 ]; do
	case $1 in
	--vmlinuz) vmlinuz=${2:?}; shift 2 ;;
	--modules) moddir=${2:?}; shift 2 ;;
	--arch) arch=${2:?}; shift 2 ;;
	--of) among=${2:?}; shift 2 ;;
	--mem) mem=${2:?}; shift 2 ;;
	--numa) numa=1; shift ;;
	--time) time=${2:?}; shift 2 ;;
	--name) label=${2:?}; shift 2 ;;
	--append) words+=" ${2:?}"; shift 2 ;;
	--module) modules+=("${2:?}"); shift 2 ;;
	--file) pack+=(--file "${2:?}"); shift 2 ;;
	--shell) shell=1; shift ;;
	-h | --help) usage 0 ;;
	-*) usage 1 >&2 ;;
	*) args+=("$1"); shift ;;
	esac
done
if [ -n "$vmlinuz" ]; then
	name=$(basename "$vmlinuz")
else
	[ ${#args[@]} -gt 0 ] || usage 1 >&2
	name=${args[0]}
	args=("${args[@]:1}")
	case $name in
	arm64-*) arch=arm64; label=${label:-$name}; name=${name#arm64-} ;;
	esac
fi
label=${label:-${name##*/}}

choose_tests "${args[@]}"
if [ ${#tests[@]} = 0 ]; then
	echo "1..0 # SKIP $label: none of its tests is called like ${args[*]}"
	exit
fi

if [ -n "$vmlinuz" ]; then
	[ -s "$vmlinuz" ] || die "no kernel $vmlinuz"
elif [ -d "$name" ]; then
	kernel=$name
else
	kernel=$("$here/fetch-kernel.sh" --arch "$arch" "$name") || die "no kernel $name"
fi
if [ -z "$vmlinuz" ]; then
	vmlinuz=$kernel/vmlinuz
	moddir=$(echo "$kernel"/lib/modules/*)
fi
if [ -n "$moddir" ]; then
	moddir=$(cd "$moddir" && pwd) || die "no modules $moddir"
	version=${moddir##*/}
	kernel_root=${moddir%/lib/modules/*}
	[ "$kernel_root/lib/modules/$version" = "$moddir" ] || die "$moddir is not .../lib/modules/VERSION"
	pack+=(--modules "$moddir")
fi
tools=$build/static
if [ "$arch" != amd64 ]; then
	tools=$build/$arch-static
	"$here/build-tools.sh" "$arch" "$tools" >&2 || die "cannot build the tools for $arch"
	busybox=$("$here/fetch-busybox.sh" "$arch") || die "no busybox for $arch"
	pack+=(--busybox "$busybox")
fi

out=$build/guest/$label
[ ! -d "$build" ] || [ -w "$build" ] || out=${XDG_CACHE_HOME:-$HOME/.cache}/pinscope/guest/$label
mkdir -p "$out/plan"
out=$(cd "$out" && pwd)
exec 8>"$out/lock"
flock -w 600 8 || die "another guest uses $out"
rm -f "$out"/{console.log,results,plan/*}

# What the guest reads: plan/tests has their names in order, plan/NAME what to do before each.
limit=60
for module in ${modules[@]+"${modules[@]}"}; do
	need_module "$module"
	echo "$module"
done >"$out/plan/modules"
for t in "${tests[@]}"; do
	test=$(basename "$t" .sh)
	pack+=(--file "$t:t/$test.sh")
	resolve_needs "$t" >"$out/plan/$test"
	echo "$test"
done >"$out/plan/tests"
for plan in "$out"/plan/*; do
	pack+=(--file "$plan:plan/${plan##*/}")
done
if [ -n "$shell" ]; then
	words+=$(terminal_words | tr -d '\n')
	mapfile -t -O ${#pack[@]} pack < <(terminal_files)
fi
"$here/mkinitramfs.sh" --tools "$tools" "${pack[@]}" "$out/initramfs.gz" || die 'no initramfs'

machine "$arch"
[ -z "$numa" ] || two_nodes
attach_devices
# loglevel=5 shows warnings. movablecore makes a ZONE_MOVABLE, which pins have to leave.
qemu+=(-kernel "$vmlinuz" -initrd "$out/initramfs.gz" -append "console=$console loglevel=5 panic=-1\
 movablecore=512M hugepages=16 results=$results${shell:+ shell=1}$words")
[ -z "$shell" ] || exec "${qemu[@]}" -serial mon:stdio

# Results have a serial port to themselves. In the background, for a signal to end both.
serial_ports "$arch"
limit=${time:-$limit}
boot()
{
	: >"$out/console.log"
	: >"$out/results"
	start=$(date +%s%N)
	timeout -k 5 "$limit" "${qemu[@]}" </dev/null >"$out/qemu.log" 2>&1 &
	guest=$!
	trap 'kill $guest 2>/dev/null || :' EXIT
	rc=0
	wait $guest || rc=$?
	trap - EXIT
	wall=$((($(date +%s%N) - start) / 100000000))
}

boot
# While the kernel patches its code (a static branch, a probe), a breakpoint stands there for a moment.
# An emulator whose processors are threads may run it after the kernel has put it away, and nobody
# knows it any more. That says nothing about what is tested: once more.
if grep -q 'Oops: int3' "$out/console.log"; then
	cp "$out/console.log" "$out/console-int3.log"
	echo "# $label: the emulator ran a breakpoint that was gone: once more (console-int3.log)"
	boot
fi
rm -f "$out"/*.img

echo "# $label: ${version:-$vmlinuz}, QEMU ran $((wall / 10)).$((wall % 10)) s, log: $out/console.log"
judge_guest $rc "$limit"
