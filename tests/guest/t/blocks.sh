# SPDX-License-Identifier: GPL-2.0
# The type of pageblocks: memory that is pinned where it was allocated as movable lies in movable
# blocks; what had to leave ZONE_MOVABLE to be pinned does not. And the cgroup that is charged, by name.

movable_zone=$(awk '/zone +Movable/ { m = 1 } m && /managed/ { print $2; exit }' /proc/zoneinfo)
scan before || return
ok "$(! grep -q 'mem_section' /tmp/before.json; echo $?)" 'this kernel shows the types of pageblocks'

pin sim uring-thp --pages 2
ok $? 'pinsim pins huge pages' || return
scan scan
bytes=$(get sim expected_bytes)
if [ "${movable_zone:-0}" = 0 ]; then
	is "$(get scan total.movable_bytes)" "$bytes" 'all of it lies in movable pageblocks'
else
	is "$(get scan total.movable_bytes)" 0 'none of it lies in ZONE_MOVABLE or movable pageblocks'
fi
pinscan -j --by zone >/tmp/zones.json && flat zones
ok "$(list zones groups.0.name >/dev/null; get zones groups.0.name | grep -q '^node0 '; echo $?)" \
	'--by zone names node and zone'
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
