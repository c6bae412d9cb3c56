# SPDX-License-Identifier: GPL-2.0
# Memory of each NUMA node: pinned from a CPU of that node, found in that node by the kernel's own
# counters (so the test is one), and to the page by pinscan.

# by_node NODE NAME: what pinscan --by node says is pinned there.
by_node()
{
	pinscan -j --by node >"/tmp/$2.json" && flat "$2"
	awk -F= -v name="node$1" '{ v[$1] = $2 }
		$1 ~ /\.name$/ && $2 == name { split($1, at, ".") }
		END { print v["groups." at[2] ".pins"] + 0 }' "/tmp/$2"
}

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
	is "$(by_node $node nodes)" "$before" "node $node: --by node has what the kernel counts there"
	scan before || continue
	cpus=$(cat /sys/devices/system/node/node$node/cpulist) # whose memory is the nearest
	pin sim uring-anon --pages 4999
	ok $? "node $node: pinsim pins" || continue
	is $(($(in_flight $node) - before)) 4999 "node $node: the kernel counts the pins there"
	scan scan && is "$(get scan total.pins)" $(($(get before total.pins) + 4999)) "node $node: total.pins"
	is "$(by_node $node nodes)" $((before + 4999)) "node $node: --by node has them"
	[ ! -d /sys/devices/system/node/node$((1 - node)) ] ||
		is "$(by_node $((1 - node)) nodes)" "$(in_flight $((1 - node)))" \
			"node $node: and the other node no more than the kernel counts there"
	unpin sim
	ok $? "node $node: pinsim ends"
done
