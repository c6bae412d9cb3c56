# SPDX-License-Identifier: GPL-2.0
# needs: modules?=udmabuf time=240
# What pinscan says of pins that are held: to the page what was taken, and what the kernel counts.

# agree NAME PINS BYTES: the scan's totals, and the kernel's count beside them.
agree()
{
	is "$(get scan total.pins)" "$2" "$1: total.pins"
	is "$(get scan kernel.in_flight)" "$2" "$1: kernel.in_flight"
	is "$(get scan total.pinned_bytes)" "$3" "$1: total.pinned_bytes"
}

# owners NAME: the process that holds all of it, or each of those that share it, or nobody.
owners()
{
	local pid holders pins bytes
	pins=$(get sim expected_pins)
	bytes=$(get sim expected_bytes)
	holders=$(list sim holders)
	if [ "$(get sim mapped)" = false ]; then
		is "$(get scan unmapped.pins)" $((pins + base_unmapped)) "$1: unmapped.pins"
		for pid in $holders; do
			grep -q "^unmapped\.candidates\.[0-9]*\.pid=$pid\$" /tmp/scan
			ok $? "$1: who holds it is a candidate"
		done
	elif [ "$(echo "$holders" | wc -w)" = 1 ]; then
		is "$(of_process scan "$holders" comm)" pinsim "$1: its process is named"
		is "$(of_process scan "$holders" pins)" "$pins" "$1: pins of its process"
		is "$(of_process scan "$holders" pinned_bytes)" "$bytes" "$1: bytes of its process"
	else
		for pid in $holders; do
			is "$(of_process scan "$pid" pinned_bytes)" "$bytes" "$1: bytes of one that shares"
		done
	fi
	# A child forked later has copies of its own, none of them pinned.
	for pid in $(list sim forked); do
		is "$(of_process scan "$pid" pins)" '' "$1: the child is no owner"
	done
}

# held SCENARIO [OPTION]...: unless the word except= on the kernel's command line matches it.
held()
{
	case $1 in
	${except:-none}) return ;;
	*mthp*)
		if [ ! -d /sys/kernel/mm/transparent_hugepage/hugepages-64kB ]; then
			skip "$*" 'this kernel has no huge pages of 64 KiB'
			return
		fi ;;
	esac
	# These kernels have it all: "cannot be had" is no excuse.
	pin sim "$@"
	ok $? "$*: pinsim pins" || return
	echo "# $*: $(get sim expected_pins) pins, $(get sim expected_bytes) bytes"
	is "$(get sim observed_pins)" "$(get sim expected_pins)" "$*: the kernel counts what is expected"
	if scan scan; then
		agree "$*" $((base_pins + $(get sim expected_pins))) \
			$((base_bytes + $(get sim expected_bytes)))
		[ "$(get sim expected_pins)" = 0 ] || owners "$*"
	fi
	unpin sim
	ok $? "$*: pinsim ends"
	scan scan && agree "$* (over)" "$base_pins" "$base_bytes"
}

command -v pinsim >/dev/null
ok $? 'pinsim is there'
command -v pinscan >/dev/null
ok $? 'pinscan is there' || return
scan scan || return

base_pins=$(get scan total.pins)
base_bytes=$(get scan total.pinned_bytes)
base_unmapped=$(get scan unmapped.pins)
is "$(get scan kernel.in_flight)" "$base_pins" 'before: total.pins is what the kernel counts'
way=bulk
grep -q ' bpf_rdonly_cast$' /proc/kallsyms && way=cast
is "$(get scan scan.read)" $way 'direct loads where the kernel has them'

for scenario in $(pinsim --list | awk '/^uring-/ { print $1 }'); do
	held $scenario
	held $scenario --unmap
done
for scenario in $(pinsim --list | awk '/^xdp-/ { print $1 }'); do
	held $scenario
	[ $scenario = xdp-bpfmap ] || held $scenario --unmap # nothing tells it from a bias then
done
if [ -c /dev/udmabuf ]; then
	held udmabuf-memfd
	held udmabuf-memfd --unmap
	held udmabuf-memfd --unmap --close
else
	skip udmabuf-memfd 'this kernel is built without udmabuf'
fi
held uring-anon --fork 2
held uring-anon --thread
held uring-anon --pass-ring
held uring-thp --fork 2
held uring-memfd --share 2
held uring-memfd --map-only 3
held uring-memfd --unmap --close
held uring-memfd-hugetlb --share 2
held mappers
