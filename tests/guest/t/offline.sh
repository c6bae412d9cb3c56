# SPDX-License-Identifier: GPL-2.0
# needs: modules-present=null_blk mem=3072 word=movablecore=1024M time=240
# ZONE_MOVABLE is there for its memory to go away, and pins that do not last may stay in it: as long
# as they do, the kernel cannot take their memory block offline, and pinscan names it.
# Not for 6.1, where what does not last (O_DIRECT) takes no pins.

blocks=/sys/devices/system/memory

# leave BLOCK SECONDS: whether it goes offline. The kernel tries until a signal comes.
leave()
{
	timeout "$2" sh -c "echo offline >$blocks/memory$1/state" 2>/dev/null
	[ "$(cat "$blocks/memory$1/state")" = offline ]
}

# come_back BLOCK...
come_back()
{
	local block
	for block; do
		echo online_movable >"$blocks/memory$block/state"
		ok $? "block $block comes back"
	done
}

# speed BYTES: what the disk may write in a second, or max.
speed()
{
	echo "$(cat /sys/block/nullb0/dev) wbps=$1" >/cg-io/slow/io.max
}

rmmod null_blk 2>/dev/null
modprobe null_blk nr_devices=1 gb=1 && mkdir -p /cg-io && mount -t cgroup2 none /cg-io &&
	echo +io >/cg-io/cgroup.subtree_control && mkdir /cg-io/slow && speed 512
ok $? 'a disk that is slow for as long as one wants' || return

# Some of these blocks hold memory from boot: those stay whatever is pinned. The others come back
# when little other movable memory of their node is free: more is pinned than that.
goes=
for dir in $blocks/memory*; do
	block=${dir##*/memory}
	[ "$(cat "$dir/state") $(cat "$dir/valid_zones")" = 'online Movable' ] || continue
	! leave "$block" 30 || goes="$goes $block"
done
# shellcheck disable=SC2086 # one word each
set -- $goes
[ $# -gt 1 ]
ok $? "movable blocks that can go offline:$goes" || return
cpus=$(cat $blocks/memory"$1"/node*/cpulist)
free=$(awk '/zone +Movable/ { m = 1 } /zone +Device/ { m = 0 } m && /pages free/ { n += $3 }
	END { print int(n / 256) }' /proc/zoneinfo)
mkdir -p /filler && mount -t tmpfs none /filler && # movable, which the root filesystem is not
	taskset -c "$cpus" dd if=/dev/zero of=/filler/memory bs=1M count=$((free + 16)) 2>/dev/null
ok $? "$free MiB of other movable memory are in use" || return
come_back "$@"

echo 0 >/cg-io/slow/cgroup.procs
pin sim slow-anon --pages 7919 --file /dev/nullb0
ok $? 'pinsim pins' || return
echo 0 >/cg-io/cgroup.procs
bytes=$(get sim expected_bytes)
scan scan || return
is "$(get scan total.movable_bytes)" "$bytes" 'all of it is in movable memory'
pinscan -j --by zone >/tmp/zones.json && flat zones
is "$(grep -c '^groups\.[0-9]*\.name=node[01] Movable$' /tmp/zones)" \
	"$(grep -c '^groups\.[0-9]*\.name=' /tmp/zones)" '--by zone: and in ZONE_MOVABLE'
pinscan -j --memory-block >/tmp/blocks.json && flat blocks
held=$(sed -n 's/^memory_blocks\.[0-9]*\.block=//p' /tmp/blocks)
[ -n "$held" ]
ok $? '--memory-block names what cannot go' || return
is "$(sed -n 's/^memory_blocks\.[0-9]*\.pinned_bytes=//p' /tmp/blocks |
	awk '{ n += $1 } END { print n }')" "$bytes" 'and has all that is pinned'

refused=
for block; do
	if echo "$held" | grep -qx "$block"; then
		refused="$refused $block"
		! leave "$block" 5
		ok $? "block $block, which it names, no longer goes"
	else
		leave "$block" 30
		ok $? "block $block, which it does not name, goes"
	fi
done
[ -n "$refused" ]
ok $? 'some of it is in blocks that went before'
scan less && is "$(get less total.pinned_bytes)" "$bytes" 'with less memory, as much is pinned'

speed max
unpin sim
ok $? 'pinsim ends'
pinscan -j --memory-block >/tmp/blocks.json && flat blocks
is "$(grep -c '^memory_blocks\.[0-9]*\.block=' /tmp/blocks)" 0 'now pinscan names none'
for block in $refused; do
	leave "$block" 30
	ok $? "and block $block goes"
done
come_back "$@"
umount /filler
rmmod null_blk
