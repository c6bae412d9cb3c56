#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh [OPTIONS] KERNEL [TEST]...    boot a kernel, run tests (t/TEST.sh; all by default), print TAP
#
# KERNEL is a name that fetch-kernel.sh knows, or a directory with vmlinuz and lib/modules. A TEST
# with a slash in it is a file.
#   --mem MIB        memory (2048)
#   --numa           two nodes, a CPU and half of the memory each
#   --time SECONDS   a guest that takes longer hangs (180)
#   --append WORDS   more words for the kernel's command line
#   --name NAME      of the folder for what is left behind (KERNEL)
#   --module NAME    a module to load first, with those it needs
#   --file A[:B]     a file to put into the guest
#   --shell          a shell on this terminal instead of tests
#
# The console's log, the guest's results and the initramfs are left behind in build/guest/NAME.

set -eu -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
build=${O:-$here/../../build}

# A result like any other: "Bail out!" would end other kernels' tests as well.
die()
{
	printf '%s\n' "not ok 1 - ${name:-run.sh}: $*" '1..1'
	exit 1
}

usage()
{
	sed -n '4,18s/^# \?//p' "$0"
	exit "$1"
}

mem=2048
limit=180
append=
label=
modules=
shell=
numa=()
pack=()
while [ $# -gt 0 ]; do
	case $1 in
	--mem) mem=${2:?}; shift 2 ;;
	--numa) numa=(1); shift ;;
	--time) limit=${2:?}; shift 2 ;;
	--name) label=${2:?}; shift 2 ;;
	--append) append=${2:?}; shift 2 ;;
	--module) modules=${modules:+$modules,}${2:?}; pack+=(--module "$2"); shift 2 ;;
	--file) pack+=(--file "${2:?}"); shift 2 ;;
	--shell) shell=1; shift ;;
	-h | --help) usage 0 ;;
	-*) usage 1 >&2 ;;
	*) break ;;
	esac
done
[ $# -ge 1 ] || usage 1 >&2
name=$1
shift
[ $# -gt 0 ] || set -- "$here"/t/*.sh

tests=
for t; do
	case $t in
	*/*) ;;
	*) t=$here/t/$t.sh ;;
	esac
	[ -f "$t" ] || die "no test $t"
	pack+=(--file "$t:t/${t##*/}")
	t=${t##*/}
	tests+=${tests:+,}${t%.sh}
done

command -v qemu-system-x86_64 >/dev/null || die "no qemu-system-x86_64: install qemu-system-x86"
if [ -d "$name" ]; then
	kernel=$name
else
	kernel=$("$here/fetch-kernel.sh" --arch amd64 "$name") || die "no kernel $name"
fi

out=$build/guest/${label:-${name##*/}}
mkdir -p "$out"
out=$(cd "$out" && pwd)
rm -f "$out"/{console.log,results}
: >"$out/console.log"
: >"$out/results"
"$here/mkinitramfs.sh" ${pack[@]+"${pack[@]}"} "$kernel" "$out/initramfs.gz" || die "no initramfs"

if [ ${#numa[@]} -gt 0 ]; then
	half=$((mem / 2))M
	# shellcheck disable=SC2054
	numa=(-object "memory-backend-ram,id=m0,size=$half" -numa node,nodeid=0,cpus=0,memdev=m0
		-object "memory-backend-ram,id=m1,size=$half" -numa node,nodeid=1,cpus=1,memdev=m1)
fi

# loglevel=5 shows warnings. movablecore makes a ZONE_MOVABLE, which pins have to leave.
words="console=ttyS0 loglevel=5 panic=-1 movablecore=512M hugepages=16 results=ttyS1 tests=$tests"
words+="${modules:+ modules=$modules}${shell:+ shell=1}${append:+ $append}"
# shellcheck disable=SC2054 # QEMU's commas
qemu=(qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2,sockets=2 -m "$mem"
	${numa[@]+"${numa[@]}"} -nodefaults -no-user-config -display none -no-reboot
	-kernel "$kernel/vmlinuz" -initrd "$out/initramfs.gz"
	-append "$words")

[ -z "$shell" ] || exec "${qemu[@]}" -serial mon:stdio

# Results have a serial port to themselves. In the background, for a signal to end both.
start=$(date +%s%N)
timeout -k 5 "$limit" "${qemu[@]}" -serial "file:$out/console.log" -serial "file:$out/results" \
	</dev/null >"$out/qemu.log" 2>&1 &
guest=$!
trap 'kill $guest 2>/dev/null || :' EXIT
rc=0
wait $guest || rc=$?
trap - EXIT
wall=$((($(date +%s%N) - start) / 100000000))

n=0
failed=0

# judge STATUS NAME [TEXT]: a result of this side; the text tells more when it is a failure.
judge()
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		failed=$((failed + 1))
		[ -z "${3-}" ] || sed 's/^/# /' <<<"$3"
	fi
}

echo "# ${label:-$name}: ${kernel##*/}, QEMU ran $((wall / 10)).$((wall % 10)) s, log: $out/console.log"
planned=
while IFS= read -r line; do
	case $line in
	'ok - '*) n=$((n + 1)); echo "ok $n ${line#ok }" ;;
	'not ok - '*) n=$((n + 1)); failed=$((failed + 1)); echo "not ok $n ${line#not ok }" ;;
	1..*) planned=${line#1..} ;;
	'#'*) echo "$line" ;;
	*) echo "# ? $line" ;;
	esac
done < <(tr -d '\r' <"$out/results")

sed -i 's/\r//g' "$out/console.log"
last=$(tail -n 20 "$out/console.log")

[ "$planned" = "$n" ] && rest=0 || rest=1
judge "$rest" "all results arrived (the guest says ${planned:-nothing}, here are $n)"
case $rc in
0) judge "$rest" 'the guest powers off by itself' "$last" ;;
124 | 137) judge 1 "the guest ends within $limit s" "$last" ;;
*) judge 1 "QEMU ends well (status $rc)" "$(cat "$out/qemu.log")" ;;
esac

trouble='Oops|BUG:|WARNING:|[Cc]all [Tt]race|Kernel panic|general protection|Unable to handle'
trouble+='|blocked for more than|rcu.*stall|soft lockup|UBSAN:|KASAN:'
trouble=$(grep -E -A 30 "$trouble" "$out/console.log" | sed -n 1,60p) || :
[ -z "$trouble" ] && quiet=0 || quiet=1
judge "$quiet" 'the console shows no fault and no warning of the kernel' "$trouble"

echo "1..$n"
[ $failed = 0 ]
