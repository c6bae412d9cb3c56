# SPDX-License-Identifier: GPL-2.0
# Memory of each NUMA node: pinned from a CPU of that node, found in that node by the kernel's own
# counters (so the test is one), and to the page by pinscan.

# in_flight NODE
in_flight()
{
	echo 1 >/proc/sys/vm/stat_refresh
	awk '$1 == "nr_foll_pin_acquired" { n += $2 } $1 == "nr_foll_pin_released" { n -= $2 }
		END { print n + 0 }' "/sys/devices/system/node/node$1/vmstat"
}

command -v pinscan >/dev/null
ok $? 'pinscan is there' || return
for node in 0 1; do
	if [ ! -d /sys/devices/system/node/node$node ]; then
		skip "node $node" 'no such node in this guest'
		continue
	fi
	before=$(in_flight $node)
	scan before || continue
	cpus=$(cat /sys/devices/system/node/node$node/cpulist) # whose memory is the nearest
	pin sim uring-anon --pages 4999
	ok $? "node $node: pinsim pins" || continue
	is $(($(in_flight $node) - before)) 4999 "node $node: the kernel counts the pins there"
	scan scan && is "$(get scan total.pins)" $(($(get before total.pins) + 4999)) "node $node: total.pins"
	unpin sim
	ok $? "node $node: pinsim ends"
done
