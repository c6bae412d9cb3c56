# SPDX-License-Identifier: GPL-2.0
# The type of pageblocks: memory that is pinned where it was allocated as movable lies in movable
# blocks; none of it stays in ZONE_MOVABLE. And the cgroup that is charged, by name.

movable_zone=$(awk '/zone +Movable/ { m = 1 } m && /managed/ { n += $2; m = 0 } END { print n }' /proc/zoneinfo)
scan before || return
ok "$(! grep -q 'mem_section' /tmp/before.json; echo $?)" 'this kernel shows the types of pageblocks'
# The engine knows no better, and what follows is no use where it is wrong.
order=$(awk '/Page block order/ { print $NF; exit }' /proc/pagetypeinfo) # each node says so
is $((4096 << order)) \
	"$(cat /sys/kernel/mm/transparent_hugepage/hpage_pmd_size)" 'a pageblock is as large as a huge page'

pin sim uring-thp --pages 2
ok $? 'pinsim pins huge pages' || return
scan scan
pinscan -j --by zone >/tmp/zones.json && flat zones
ok "$(get zones groups.0.name | grep -q '^node[01] [A-Z]'; echo $?)" '--by zone names node and zone'
if [ "${movable_zone:-0}" = 0 ]; then
	is "$(get scan total.movable_bytes)" "$(get sim expected_bytes)" \
		'all of it lies in movable pageblocks'
else
	# Into which pageblocks it had to go is up to what is free.
	ok "$(! grep -q 'node. Movable' /tmp/zones; echo $?)" 'none of it lies in ZONE_MOVABLE'
fi
unpin sim

mkdir -p /cg
mount -t cgroup2 none /cg && echo +memory >/cg/cgroup.subtree_control && mkdir /cg/vm.slice
ok $? 'a memory cgroup' || return
echo 0 >/cg/vm.slice/cgroup.procs
pin sim uring-anon --pages 499 --unmap
ok $? 'pinsim pins in the cgroup and unmaps' || return
scan scan
is "$(get scan unmapped.by.0.cgroup)" /vm.slice 'the cgroup that is charged is named'
is "$(get scan unmapped.by.0.pins)" 499 'with its pins'
unpin sim
echo 0 >/cg/cgroup.procs
